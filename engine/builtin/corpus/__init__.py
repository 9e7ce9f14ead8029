"""The training corpus: every document is written by code, one module a skill."""
