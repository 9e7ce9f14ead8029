"""Where things are kept: paths and settings."""
