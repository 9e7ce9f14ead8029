"""The first fenced code block of an answer (`-x`)."""

from collections.abc import Callable

from markdown_it import MarkdownIt


def extractor(say: Callable[[str], None]) -> Callable[[str], str]:
    """A function from answer to code; an answer without a block stays whole, and `say` is told."""

    def extract(text: str) -> str:
        for token in MarkdownIt("commonmark").parse(text):
            if token.type == "fence":
                return token.content
        if text:
            say("There is no code block in the answer; here is all of it.")
        return text

    return extract
