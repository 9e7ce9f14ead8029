"""Runs a turn and shows it: renderer, margin, signals, and the exit code that comes of it."""

import contextlib
import os
from dataclasses import dataclass

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
    """What a turn came to; `problem` is why one that went well is a failure to the user."""

    error: Error | None = None
    usage: Usage | None = None
    finished: Finished | None = None
    problem: Error | None = None

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
        renderer = _renderer(context)
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
        outcome.problem = _problem(settings, question, outcome, seen)
        if outcome.problem is not None:
            renderer.fail(outcome.problem)
        renderer.close()
        margin.summarize()
        _explain(context, engine, outcome, seen, question)
    _note_builtin(context, question.model, outcome)
    return _exit_code(settings, outcome, seen)


def _problem(
    settings: Settings, question: Question, outcome: _Outcome, seen: Interrupts
) -> Error | None:
    """Why what the engine has done without a failure is one to the user."""
    if outcome.finished is None:
        return None
    reason, text = outcome.finished.reason, outcome.finished.message.text
    if seen.timed_out and reason == "cancelled":
        limit = f"Stopped after {question.timeout:g} s, the limit that --timeout set."
        return Error("timeout", limit)
    if settings.extract and reason in ("stop", "length") and _extracted(text) is None:
        return Error("no_code_block", "There is no code block in the answer.")
    return None


def _extracted(text: str) -> str | None:
    from .extract import first_block

    return first_block(text)


def _renderer(context: Context) -> Renderer:
    settings, terminal = context.settings, context.terminal
    if settings.json_stream:
        return JsonStreamRenderer(terminal)
    if settings.json:
        return JsonRenderer(terminal, _code_or_all if settings.extract else _unchanged)
    if settings.extract:
        return WholeRenderer(terminal, lambda text: _extracted(text) or "")
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
    if terminal.err_is_terminal and not terminal.dumb:
        with contextlib.suppress(OSError):
            os.write(2, WIPE.encode())


def _unchanged(text: str) -> str:
    return text


def _code_or_all(text: str) -> str:
    code = _extracted(text)
    return text if code is None else code


def _explain(
    context: Context, engine: OpenEngine, outcome: _Outcome, seen: Interrupts, question: Question
) -> None:
    """Why there is no answer, or not the whole of it."""
    settings, say = context.settings, context.terminal.say
    reason, text = None, ""
    if outcome.finished is not None:
        reason, text = outcome.finished.reason, outcome.finished.message.text
    if settings.extract and not settings.json and text and _extracted(text) is None:
        say(text)  # it is not what was asked for, but it is not lost
    if outcome.error is not None:
        say(f"llm: {outcome.error.message} {outcome.error.hint} {_how(outcome.error)}".rstrip())
        if settings.debug:
            say(engine.log().rstrip())
    elif reason == "length":
        say(_cut(outcome, question))
    elif seen.code == exits.INTERRUPTED and context.terminal.err_is_terminal:
        say("")  # the terminal has written ^C
    if outcome.problem is not None:
        say(f"llm: {outcome.problem.message}")


def _how(error: Error) -> str:
    """How the next step is taken on a command line."""
    if "n_ctx" in error.hint:
        return "(-o n_ctx N sets the window.)"
    if error.kind == "worker_died":
        return "(--debug shows what the engine printed.)"
    return ""


def _cut(outcome: _Outcome, question: Question) -> str:
    tokens = outcome.usage.completion_tokens if outcome.usage else 0
    limit = question.request.sampling.max_tokens
    if limit is not None and tokens >= limit:
        why = f"--max-tokens {limit}."
    else:
        why = "the window is full (-o n_ctx N sets another)."
    return f"llm: The reply was cut after {tokens} tokens: {why}"


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
    code = exits.of_finish(outcome.finished.reason, strict=bool(settings.strict))
    return code or (exits.OK if outcome.problem is None else exits.FAILED)
