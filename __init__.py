"""Talk to a language model on your own machine: `llm ask`, in a shell, a script or a program."""

__version__ = "0.1.0"
__all__ = ["__version__"]
