"""Runs a turn and shows it: engine, renderer, margin and signals, put together."""

import contextlib
import os

from ..engine.cancel import CancelToken
from ..engine.models.reference import BUILTIN, ModelReference
from ..engine.turn import run_turn
from ..store.notices import due_today
from . import exits
from .context import Context
from .engine import OpenEngine, open_engine
from .extract import first_block
from .interrupts import cancelling
from .margin import Margin
from .outcome import Outcome
from .question import Question
from .render import JsonRenderer, JsonStreamRenderer, Renderer, TextRenderer, WholeRenderer
from .spinner import WIPE
from .terminal import Terminal

BUILTIN_NOTE = "Answered by the small built-in model; for a larger one: llm ask -m FILE.gguf"


def answer(context: Context, question: Question) -> int:
    """Ask, show what comes as it comes, and say on standard error what went wrong."""
    settings, token, outcome = context.settings, CancelToken(), Outcome()
    with cancelling(token, question.left) as seen, open_engine(question.model) as engine:
        renderer = _renderer(context)
        margin = _margin(context, renderer)
        seen.stop, seen.resume = lambda: _wipe(context.terminal), renderer.lose_place
        seen.leave = lambda: _leave(context.terminal, engine)
        loading = question.loading.over(engine.loading)
        try:
            for event in run_turn(engine.engine, question.model, loading, question.request, token):
                margin.show(event)
                renderer.show(event)
                outcome.add(event)
        finally:
            margin.close()
        outcome.judge(settings, question, seen)
        if outcome.problem is not None:
            renderer.fail(outcome.problem)
        renderer.close()
        margin.summarize()
        for line in outcome.explanation(settings, question):
            context.terminal.say(line)
        if settings.debug and outcome.error is not None:
            context.terminal.say(engine.log().rstrip())
        if seen.code == exits.INTERRUPTED and context.terminal.err_is_terminal:
            context.terminal.say("")  # the terminal has written ^C
    _note_builtin(context, question.model, outcome)
    return outcome.exit_code(settings, seen)


def _renderer(context: Context) -> Renderer:
    settings, terminal = context.settings, context.terminal
    if settings.json_stream:
        return JsonStreamRenderer(terminal)
    if settings.json:
        return JsonRenderer(terminal, _code_or_all if settings.extract else _unchanged)
    if settings.extract:
        return WholeRenderer(terminal, lambda text: first_block(text) or "")
    if terminal.out_is_terminal and not terminal.dumb:
        from .layout import NARROWEST
        from .markdown import MarkdownRenderer

        if terminal.size()[0] >= NARROWEST:
            return MarkdownRenderer(terminal, stream=not settings.no_stream)
    return WholeRenderer(terminal, _unchanged) if settings.no_stream else TextRenderer(terminal)


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
    _wipe(terminal)


def _wipe(terminal: Terminal) -> None:
    """Take the progress line away, whatever its thread is doing."""
    if terminal.err_is_terminal and not terminal.dumb:
        with contextlib.suppress(OSError):
            os.write(2, WIPE.encode())


def _unchanged(text: str) -> str:
    return text


def _code_or_all(text: str) -> str:
    code = first_block(text)
    return text if code is None else code


def _note_builtin(context: Context, model: ModelReference, outcome: Outcome) -> None:
    terminal = context.terminal
    answered = outcome.finished is not None and outcome.error is None
    watched = terminal.out_is_terminal and terminal.err_is_terminal and os.isatty(0)
    wanted = model.name == BUILTIN and answered and watched
    if wanted and due_today(context.paths.notices, BUILTIN):
        terminal.say(BUILTIN_NOTE, dim=True)
