"""What can go wrong where things are kept.

StoreError
└── BadSetting       a value in the environment or in the config file that cannot be meant
"""


class StoreError(Exception):
    """A failure with a sentence for the user (`message`) and the next step (`hint`, or empty)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadSetting(StoreError):
    """The sentence names the variable, or the file and key."""
