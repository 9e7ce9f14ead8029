"""What a turn came to: whether that is a failure, how it is said, and the exit code."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..engine.events import Error, Event, Finished, Usage
from ..store.settings import Settings
from . import exits
from .extract import first_block
from .interrupts import Interrupts
from .question import Question


@dataclass
class Outcome:
    """What the events of a turn say of it; `problem` is why one that went well is a failure."""

    error: Error | None = None
    usage: Usage | None = None
    finished: Finished | None = None
    problem: Error | None = None

    @property
    def text(self) -> str:
        """The answer, as far as it came."""
        return self.finished.message.text if self.finished is not None else ""

    def add(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case Error():
                self.error = event
            case Usage():
                self.usage = event
            case Finished():
                self.finished = event
            case _:
                pass

    def judge(self, settings: Settings, question: Question, seen: Interrupts) -> None:
        """Find the `problem` with a turn in which the engine has not failed."""
        reason = self.finished and self.finished.reason
        if reason == "cancelled" and seen.timed_out:
            limit = f"Stopped after {question.timeout:g} s, the limit that --timeout set."
            self.problem = Error("timeout", limit)
        elif settings.extract and reason in ("stop", "length") and first_block(self.text) is None:
            self.problem = Error("no_code_block", "There is no code block in the answer.")

    def explanation(self, settings: Settings, question: Question) -> Iterator[str]:
        """Lines that say why there is no answer, or not the whole of it."""
        if settings.extract and not settings.json and self.text and first_block(self.text) is None:
            yield self.text  # it is not what was asked for, but it is not lost
        if self.error is not None:
            yield f"llm: {self.error.message} {self.error.hint} {_how(self.error)}".rstrip()
        elif self.finished is not None and self.finished.reason == "length":
            yield self._cut(question.request.sampling.max_tokens)
        if self.problem is not None:
            yield f"llm: {self.problem.message}"

    def exit_code(self, settings: Settings, seen: Interrupts) -> int:
        """What the shell is told."""
        if self.error is not None:
            return exits.of_error(self.error.kind)
        assert self.finished is not None, "every stream ends with Finished"
        if self.finished.reason == "cancelled" and seen.code is not None:
            return seen.code
        code = exits.of_finish(self.finished.reason, strict=bool(settings.strict))
        return code or (exits.OK if self.problem is None else exits.FAILED)

    def _cut(self, limit: int | None) -> str:
        tokens = self.usage.completion_tokens if self.usage else 0
        if limit is not None and tokens >= limit:
            why = f"--max-tokens {limit}."
        else:
            why = "the window is full (-o n_ctx N sets another)."
        return f"llm: The reply was cut after {tokens} tokens: {why}"


def _how(error: Error) -> str:
    """How the next step is taken on a command line."""
    if "n_ctx" in error.hint:
        return "(-o n_ctx N sets the window.)"
    if error.kind == "worker_died":
        return "(--debug shows what the engine printed.)"
    return ""
