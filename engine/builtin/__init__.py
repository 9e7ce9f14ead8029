"""The built-in model: weights and tokenizer, and the code that made them."""
