"""A failure with an exit code: the one way by which a command ends without an answer."""


class Failure(Exception):
    """One sentence for the user, the next step, and the exit code."""

    def __init__(self, message: str, hint: str = "", code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def sentence(self) -> str:
        """What is printed: cause and next step on one line."""
        return f"{self.message} {self.hint}".strip()
