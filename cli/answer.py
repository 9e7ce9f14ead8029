"""Runs a turn and shows it: renderer, margin, signals, and the exit code that comes of it."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.cancel import CancelToken
from ..engine.events import Error, Event, Finished, Usage
from ..engine.models.reference import BUILTIN, ModelReference
from ..engine.options import LoadOptions
from ..engine.request import GenerateRequest
from ..engine.turn import run_turn
from ..store.notices import due_today
from ..store.settings import Settings
from . import exits
from .context import Context
from .engine import OpenEngine, open_engine
from .interrupts import Interrupts, cancelling
from .margin import Margin
from .render import JsonRenderer, JsonStreamRenderer, Renderer, TextRenderer, WholeRenderer
from .spinner import WIPE
from .terminal import Terminal

if TYPE_CHECKING:
    from .extract import CodeBlock

BUILTIN_NOTE = "Answered by the small built-in model; for a larger one: llm ask -m FILE.gguf"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which model.

    `timeout` is the limit that was set, `left` what of it is left to answer; both in seconds.
    """

    model: ModelReference
    loading: LoadOptions
    request: GenerateRequest
    timeout: float | None
    left: float | None


@dataclass
class _Outcome:
    error: Error | None = None
    usage: Usage | None = None
    finished: Finished | None = None

    def add(self, event: Event) -> None:
        match event:
            case Error():
                self.error = event
            case Usage():
                self.usage = event
            case Finished():
                self.finished = event
            case _:
                pass


def answer(context: Context, question: Question) -> int:
    """Ask, show what comes as it comes, and say on standard error what went wrong."""
    settings, token, outcome = context.settings, CancelToken(), _Outcome()
    with cancelling(token, question.left) as seen, open_engine(question.model) as engine:
        code = _code_block(settings)
        renderer = _renderer(context, code or _unchanged)
        margin = _margin(context, renderer)
        seen.resume = renderer.lose_place
        seen.leave = lambda: _leave(context.terminal, engine)
        loading = question.loading.over(engine.loading)
        try:
            for event in run_turn(engine.engine, question.model, loading, question.request, token):
                margin.show(event)
                renderer.show(event)
                outcome.add(event)
        finally:
            margin.close()
        renderer.close()
        margin.summarize()
        _explain(context, engine, outcome, seen, question)
    missing = code is not None and code.missing and _ended(outcome)
    if code is not None and code.missing:
        _explain_missing(context, outcome)
    _note_builtin(context, question.model, outcome)
    return _exit_code(settings, outcome, seen) or (exits.FAILED if missing else exits.OK)


def _code_block(settings: Settings) -> "CodeBlock | None":
    if not settings.extract:
        return None
    from .extract import CodeBlock

    return CodeBlock(otherwise_whole=bool(settings.json))


def _renderer(context: Context, change: Callable[[str], str]) -> Renderer:
    settings, terminal = context.settings, context.terminal
    if settings.json_stream:
        return JsonStreamRenderer(terminal)
    if settings.json:
        return JsonRenderer(terminal, change)
    if settings.extract:
        return WholeRenderer(terminal, change)
    if terminal.out_is_terminal and not terminal.dumb:
        from .layout import NARROWEST
        from .markdown import MarkdownRenderer

        if terminal.size()[0] >= NARROWEST:
            return MarkdownRenderer(terminal, stream=not settings.no_stream)
    return WholeRenderer(terminal, change) if settings.no_stream else TextRenderer(terminal)


def _margin(context: Context, renderer: Renderer) -> Margin:
    settings, terminal = context.settings, context.terminal
    wanted = terminal.err_is_terminal if settings.show_thinking is None else settings.show_thinking
    events_are_shown = bool(settings.json_stream)  # the thought and the progress among them
    return Margin(
        terminal,
        show_thinking=wanted and not events_are_shown,
        show_usage=bool(settings.usage),
        show_progress=not events_are_shown,
        hold=bool(settings.no_stream or settings.extract or settings.json),
        pause=renderer.pause,
    )


def _leave(terminal: Terminal, engine: OpenEngine) -> None:
    """What must be done also when there is no time left: it takes no lock and waits for nothing."""
    engine.kill()
    if terminal.err_is_terminal and not terminal.dumb:
        with contextlib.suppress(OSError):
            os.write(2, WIPE.encode())


def _unchanged(text: str) -> str:
    return text


def _explain(
    context: Context, engine: OpenEngine, outcome: _Outcome, seen: Interrupts, question: Question
) -> None:
    """Why there is no answer, or not the whole of it."""
    say, reason = context.terminal.say, outcome.finished and outcome.finished.reason
    if outcome.error is not None:
        say(f"llm: {outcome.error.message} {outcome.error.hint}".rstrip())
        if context.settings.debug:
            say(engine.log().rstrip())
    elif seen.timed_out and reason == "cancelled":
        say(f"llm: Stopped after {question.timeout:g} s, the limit that --timeout set.")
    elif reason == "length":
        tokens = outcome.usage.completion_tokens if outcome.usage else 0
        limit = question.request.sampling.max_tokens
        if limit is not None and tokens >= limit:
            why = f"--max-tokens {limit}."
        else:
            why = "the window is full (-o n_ctx N sets another)."
        say(f"llm: The reply was cut after {tokens} tokens: {why}")


def _explain_missing(context: Context, outcome: _Outcome) -> None:
    """What there is of an answer without a block; that there is none, if it is all."""
    text = outcome.finished.message.text if outcome.finished is not None else ""
    if text and not context.settings.json:
        context.terminal.say(text)
    if _ended(outcome):
        context.terminal.say("llm: There is no code block in the answer.")


def _ended(outcome: _Outcome) -> bool:
    return outcome.finished is not None and outcome.finished.reason in ("stop", "length")


def _note_builtin(context: Context, model: ModelReference, outcome: _Outcome) -> None:
    terminal = context.terminal
    answered = outcome.finished is not None and outcome.error is None
    watched = terminal.out_is_terminal and terminal.err_is_terminal and os.isatty(0)
    wanted = model.name == BUILTIN and answered and watched
    if wanted and due_today(context.paths.notices, BUILTIN):
        terminal.say(BUILTIN_NOTE, dim=True)


def _exit_code(settings: Settings, outcome: _Outcome, seen: Interrupts) -> int:
    if outcome.error is not None:
        return exits.of_error(outcome.error.kind)
    assert outcome.finished is not None, "every stream ends with Finished"
    if outcome.finished.reason == "cancelled" and seen.code is not None:
        return seen.code
    return exits.of_finish(outcome.finished.reason, strict=bool(settings.strict))
