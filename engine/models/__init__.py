"""What a model reference means and what a model file says of itself."""
