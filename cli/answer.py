"""Runs a turn and shows it: renderer, margin, signals, and the exit code that comes of it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from ..engine.cancel import CancelToken
from ..engine.events import Error, Event, Finished
from ..engine.models.reference import BUILTIN, ModelReference
from ..engine.options import LoadOptions
from ..engine.request import GenerateRequest
from ..engine.turn import run_turn
from ..store.notices import due_today
from ..store.settings import Settings
from . import exits
from .context import Context
from .engine import Session, open_engine
from .interrupts import Interrupts, cancelling
from .margin import Margin
from .render import JsonRenderer, JsonStreamRenderer, Renderer, TextRenderer, WholeRenderer

BUILTIN_NOTE = "Answered by the small built-in model; for a larger one: llm ask -m FILE.gguf"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which model, and for how long (seconds) an answer is waited for."""

    model: ModelReference
    loading: LoadOptions
    request: GenerateRequest
    timeout: float | None


@dataclass
class _Outcome:
    error: Error | None = None
    finished: Finished | None = None

    def add(self, event: Event) -> None:
        match event:
            case Error():
                self.error = event
            case Finished():
                self.finished = event
            case _:
                pass


def answer(context: Context, question: Question) -> int:
    """Ask, show what comes as it comes, and say on standard error what went wrong."""
    token, outcome = CancelToken(), _Outcome()
    with cancelling(token, question.timeout) as seen, open_engine(question.model) as session:
        renderer, margin = _renderer(context), _margin(context)
        loading = question.loading.over(session.loading)
        try:
            for event in run_turn(session.engine, question.model, loading, question.request, token):
                margin.show(event)
                renderer.show(event)
                outcome.add(event)
        finally:
            margin.close()
        renderer.close()
        margin.summarize()
        _explain(context, session, outcome, seen, question.timeout)
    _note_builtin(context, question.model, outcome)
    return _code(context.settings, outcome, seen)


def _renderer(context: Context) -> Renderer:
    settings, terminal = context.settings, context.terminal
    change: Callable[[str], str] = _unchanged
    if settings.extract:
        from .extract import extractor

        change = extractor(terminal.say)
    if settings.json_stream:
        return JsonStreamRenderer(terminal)
    if settings.json:
        return JsonRenderer(terminal, change)
    if settings.extract:
        return WholeRenderer(terminal, change)
    if terminal.out_is_terminal and not terminal.dumb:
        from .markdown import MarkdownRenderer

        return MarkdownRenderer(terminal, stream=not settings.no_stream)
    return WholeRenderer(terminal, change) if settings.no_stream else TextRenderer(terminal)


def _margin(context: Context) -> Margin:
    settings, terminal = context.settings, context.terminal
    wanted = settings.show_thinking
    return Margin(
        terminal,
        show_thinking=terminal.err_is_terminal if wanted is None else wanted,
        show_usage=bool(settings.usage),
        hold=bool(settings.no_stream or settings.extract or settings.json),
    )


def _unchanged(text: str) -> str:
    return text


def _explain(
    context: Context,
    session: Session,
    outcome: _Outcome,
    seen: Interrupts,
    timeout: float | None,
) -> None:
    if outcome.error is not None:
        say = context.terminal.say
        say(f"llm: {outcome.error.message} {outcome.error.hint}".rstrip())
        if context.settings.debug:
            say(session.log().rstrip())
    elif seen.timed_out and outcome.finished and outcome.finished.reason == "cancelled":
        context.terminal.say(f"llm: Stopped after {timeout:g} s, the limit that --timeout set.")


def _note_builtin(context: Context, model: ModelReference, outcome: _Outcome) -> None:
    terminal = context.terminal
    answered = outcome.finished is not None and outcome.error is None
    watched = terminal.out_is_terminal and terminal.err_is_terminal and sys.stdin.isatty()
    wanted = model.name == BUILTIN and answered and watched
    if wanted and due_today(context.paths.notices, BUILTIN):
        terminal.say(terminal.dim(BUILTIN_NOTE))


def _code(settings: Settings, outcome: _Outcome, seen: Interrupts) -> int:
    if outcome.error is not None:
        return exits.of_error(outcome.error.kind)
    assert outcome.finished is not None, "every stream ends with Finished"
    if outcome.finished.reason == "cancelled" and seen.code is not None:
        return seen.code
    return exits.of_finish(outcome.finished.reason, strict=bool(settings.strict))
