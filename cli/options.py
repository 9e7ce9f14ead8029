"""The flags that commands share, each declared once."""

from typing import Annotated

import click
import typer

from .completion import ModelName, OptionPair

Model = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        metavar="MODEL",
        help="`builtin`, or the path of a GGUF file.",
        click_type=ModelName(),
    ),
]
System = Annotated[
    str | None, typer.Option("-s", "--system", metavar="TEXT", help="The system prompt.")
]
Temperature = Annotated[
    float | None, typer.Option("--temperature", help="0 always takes the likeliest token.")
]
TopP = Annotated[
    float | None, typer.Option("--top-p", help="Choose among the tokens of this share, 0 to 1.")
]
TopK = Annotated[
    int | None, typer.Option("--top-k", help="Choose among this many tokens; 0: among all.")
]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="End the reply here.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Same seed, same reply.")]
Stop = Annotated[
    list[str] | None,
    typer.Option("--stop", metavar="TEXT", help="End before this text; may be repeated."),
]
Pairs = Annotated[
    list[str] | None,  # of pairs: see `take_pairs`
    typer.Option(
        "-o",
        "--option",
        metavar="KEY VALUE",
        help="An engine option: n_ctx, threads, gpu_layers, min_p, ...; may be repeated.",
    ),
]
Think = Annotated[
    bool | None, typer.Option("--think/--no-think", help="Think before answering, or not.")
]
ShowThinking = Annotated[
    bool | None,
    typer.Option(
        "--show-thinking/--hide-thinking",
        help="Show the thought on standard error; a terminal shows it anyway.",
    ),
]
Json = Annotated[bool | None, typer.Option("--json", help="Print one JSON object.")]
JsonStream = Annotated[
    bool | None, typer.Option("--json-stream", help="Print one JSON event per line.")
]
NoStream = Annotated[
    bool | None, typer.Option("--no-stream", help="Print the answer once it is complete.")
]
Timeout = Annotated[
    str | None,
    typer.Option("--timeout", metavar="TIME", help="Stop after this long: 30, 30s, 5m."),
]
Strict = Annotated[
    bool | None, typer.Option("--strict", help="Exit 8 if the reply was cut by its length.")
]
Extract = Annotated[
    bool | None,
    typer.Option(
        "-x", "--extract", help="Print only the first code block; exit 1 if there is none."
    ),
]
NoStdin = Annotated[bool | None, typer.Option("--no-stdin", help="Leave standard input alone.")]
UsageFlag = Annotated[
    bool | None, typer.Option("-u", "--usage", help="Tokens and times, on standard error.")
]
Debug = Annotated[
    bool | None,
    typer.Option("--debug", help="When it fails, show the traceback and what the engine printed."),
]


def take_pairs(command: click.Command) -> None:
    """Let `-o` take two values each time, which click can do and typer cannot declare."""
    for parameter in command.params:
        if parameter.name == "option":
            parameter.nargs = 2
            parameter.type = OptionPair()
