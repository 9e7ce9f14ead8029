"""The first fenced code block of an answer (`-x`)."""

from markdown_it import MarkdownIt


class CodeBlock:
    """Makes of an answer its first block; remembers whether there was none."""

    def __init__(self, *, otherwise_whole: bool) -> None:
        self.missing = False
        self._otherwise_whole = otherwise_whole

    def __call__(self, text: str) -> str:
        """The block; without one the whole of `text`, or nothing."""
        block = first_block(text)
        self.missing = block is None
        if block is None:
            return text if self._otherwise_whole else ""
        return block


def first_block(text: str) -> str | None:
    """The content of the first fence in `text`; None if it has none."""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence":
            return token.content
    return None
