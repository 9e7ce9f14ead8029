"""The first fenced code block of an answer (`-x`)."""


def first_block(text: str) -> str | None:
    """The content of the first fence in `text`; None if it has none."""
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence":
            return token.content
    return None
