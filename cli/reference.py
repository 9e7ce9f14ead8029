"""Writes the reference of all commands as Markdown: `python -m localm.cli.reference`."""

from collections.abc import Iterator

import click

from . import exits
from .application import EPILOG, build

_INTRODUCTION = """\
# Commands

Made from the program by `make docs`; `llm COMMAND --help` says of a command what this page says.
"""
_BEFORE = """\
With `--json`, a failure in the course of a turn is told in the object too; what is found wrong
before (the command line, the settings, standard input) leaves standard output empty.
"""
_STREAMS = """\
## Streams, variables and exit codes

Standard output carries the answer and nothing else. The thought, progress, usage and warnings go to
standard error. Standard input that is not a terminal is read to its end and comes before TEXT.
"""


def write() -> str:
    """The whole page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    group = build()
    yield from _start()
    root = click.Context(group, info_name="llm", **group.context_settings)
    for name, command in sorted(group.commands.items()):
        yield from _command(click.Context(command, parent=root, info_name=name), command)
    yield _STREAMS
    yield f"{EPILOG}\n"
    yield _BEFORE
    yield "| exit code | meaning |\n|---|---|"
    yield from (f"| {code} | {meaning} |" for code, meaning in exits.MEANINGS.items())
    yield ""


def _start() -> Iterator[str]:
    yield "## llm\n"
    yield '```\nllm --version\nllm --help\nllm "some text"\n```\n'
    yield "Text with a space in it is a question, as with `llm ask`.\n"


def _command(context: click.Context, command: click.Command) -> Iterator[str]:
    yield f"## {context.command_path}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```\n{context.command_path} {usage}\n```\n"
    yield from _paragraphs(command.help or "")
    rows = [record for each in command.get_params(context) if (record := _record(context, each))]
    yield "| argument or flag | meaning |\n|---|---|"
    yield from (f"| `{_cell(names)}` | {_cell(text)} |" for names, text in rows)
    yield ""


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith("\b\n"):  # click's mark for lines that stay as they are
            yield f"```\n{paragraph.removeprefix(chr(8)).strip()}\n```\n"
        else:
            yield f"{' '.join(paragraph.split())}\n"


def _record(context: click.Context, parameter: click.Parameter) -> tuple[str, str] | None:
    if record := parameter.get_help_record(context):
        return record
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(context), getattr(parameter, "help", "") or ""
    return None


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    print(write(), end="")
