"""What runs a model: one file a backend, each with the same few methods."""
