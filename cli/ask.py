"""`llm ask`: one question, one answer."""

import math
import time
from dataclasses import replace
from typing import Annotated, cast

import typer

from ..engine import messages
from ..engine.errors import EngineError
from ..engine.models.reference import BUILTIN, ModelReference, resolve
from ..engine.options import LoadOptions, Sampling, ThinkingMode, parse_pairs
from ..engine.request import GenerateRequest
from ..store.duration import parse_duration
from ..store.settings import Settings
from . import exits, stdin
from . import options as flags
from .answer import answer
from .context import Context, open_context
from .failure import Failure
from .question import Question


def ask(
    text: Annotated[
        str | None, typer.Argument(help="The question; `-` reads it from standard input.")
    ] = None,
    model: flags.Model = None,
    system: flags.System = None,
    temperature: flags.Temperature = None,
    top_p: flags.TopP = None,
    top_k: flags.TopK = None,
    max_tokens: flags.MaxTokens = None,
    seed: flags.Seed = None,
    stop: flags.Stop = None,
    option: flags.Pairs = None,
    think: flags.Think = None,
    show_thinking: flags.ShowThinking = None,
    json: flags.Json = None,
    json_stream: flags.JsonStream = None,
    no_stream: flags.NoStream = None,
    timeout: flags.Timeout = None,
    strict: flags.Strict = None,
    extract: flags.Extract = None,
    no_stdin: flags.NoStdin = None,
    usage: flags.UsageFlag = None,
    debug: flags.Debug = None,
) -> None:
    """Ask one question; the answer goes to standard output.

    What is piped in comes first, then TEXT:

    \b
        git diff | llm ask -m model.gguf "Write a commit message"
    """
    said = Settings(
        model=model,
        system=system,
        temperature=temperature,
        top_p=top_p,
        top_k=top_k,
        max_tokens=max_tokens,
        seed=seed,
        stop=tuple(stop or ()),
        option=cast("tuple[tuple[str, str], ...]", tuple(option or ())),
        think=think,
        show_thinking=show_thinking,
        json=json,
        json_stream=json_stream,
        no_stream=no_stream,
        timeout=timeout,
        strict=strict,
        extract=extract,
        no_stdin=no_stdin,
        usage=usage,
        debug=debug,
    )
    context = open_context(said)
    raise typer.Exit(answer(context, _prepare(context, text)))


def _prepare(context: Context, text: str | None) -> Question:
    """What is wrong with the question itself is found here, before a model is started."""
    settings = context.settings
    try:
        sampling, loading = _options(settings)
        model = _resolve(context)
        timeout = parse_duration(settings.timeout) if settings.timeout is not None else None
    except EngineError as error:
        raise Failure(error.message, error.hint, exits.of_error(error.kind)) from error
    except ValueError as error:
        raise Failure(f"--timeout: {error}.", "", exits.USAGE) from None
    if settings.json_stream and (settings.json or settings.extract):
        other = "--json" if settings.json else "--extract"
        raise Failure(f"{other} and --json-stream exclude each other.", "", exits.USAGE)
    for name, value in (
        ("--system", settings.system),
        *(("--stop", each) for each in settings.stop),
    ):
        stdin.check_text(name, value or "")
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    prompt = stdin.compose(
        text, read=not settings.no_stdin, say=context.terminal.say, deadline=deadline
    )
    said: tuple[messages.Message, ...] = (messages.user(prompt),)
    if settings.system:
        said = (messages.system(settings.system), *said)
    thinking: ThinkingMode = "default"
    if settings.think is not None:
        thinking = "on" if settings.think else "off"
    request = GenerateRequest(said, sampling, thinking)
    left = None if timeout is None else max(0.0, deadline - time.monotonic())
    return Question(model, loading, request, timeout, left)


def _resolve(context: Context) -> ModelReference:
    """The model that is meant; a slip in a setting is told with the places where it may be."""
    name = context.settings.model
    try:
        return resolve(BUILTIN if name is None else name)
    except EngineError as error:
        if not context.model_is_set:
            raise
        places = f"It is set by LOCALM_MODEL or LLM_MODEL, or in {context.paths.config_file}."
        raise type(error)(error.message, f"{error.hint} {places}".lstrip()) from None


def _options(settings: Settings) -> tuple[Sampling, LoadOptions]:
    named, loading = parse_pairs(settings.option)
    flagged = Sampling(
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        max_tokens=settings.max_tokens,
        seed=settings.seed,
        stop=settings.stop,
    )
    both = replace(flagged, stop=(*flagged.stop, *named.stop))
    return both.over(named), loading
