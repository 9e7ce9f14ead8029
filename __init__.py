"""Talk to a language model on your own machine: `llm ask`, in a shell or a script."""

__version__ = "0.1.0"
__all__ = ["__version__"]
