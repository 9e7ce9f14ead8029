"""A scripted model: exact pieces, delays and faults. It ships, for tests and demonstrations.

Without a script it says the user's last words back. A script is a JSON file: an object with
`steps` and, if wanted, `window` (tokens), `thinking`, `load_ms`. A step is one of
`{"thinking": TEXT}`, `{"text": TEXT}`, `{"tool_call": {"name": ..., "arguments": TEXT}}`,
`{"delay_ms": N}`, `{"print": TEXT}` (on the process's standard output, as native code does),
`{"error": TEXT}`, `{"crash": SIGNAL}` and `{"finish": REASON}`. A step that says something is a
token of a reply, a word one of a prompt. Of a request's sampling only `max_tokens` counts.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from ..assembly import Assembly
from ..backend import Capabilities, Rendered
from ..cancel import CancelToken
from ..errors import ModelUnreadable
from ..events import (
    Assistant,
    Error,
    Event,
    Finished,
    FinishReason,
    Thinking,
    ToolCall,
    Usage,
)
from ..models.reference import ModelReference
from ..options import LoadOptions
from ..request import GenerateRequest

Step = Mapping[str, object]
_STEPS = {"thinking", "text", "tool_call", "delay_ms", "print", "error", "crash", "finish"}


class Echo:
    """One script, or the user's words."""

    def __init__(self) -> None:
        self._steps: list[Step] | None = None
        self._capabilities = Capabilities(8192, 8192, True, True, True)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def load(self, reference: ModelReference, options: LoadOptions) -> None:
        window, script = 8192, cast(Step, {})
        if reference.path:
            script = _read_script(Path(reference.path))
            self._steps = cast(list[Step], script.get("steps", []))
            window = cast(int, script.get("window", window))
        time.sleep(cast(float, script.get("load_ms", 0)) / 1000)
        window = options.n_ctx or window
        self._capabilities = Capabilities(window, window, True, True, True)

    def render(self, request: GenerateRequest) -> Rendered:
        text = "\n".join(f"{message.role}: {message.text}" for message in request.messages)
        return Rendered(text, len(text.split()))

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[Event]:
        start = time.perf_counter()
        stopped = threading.Event()
        cancel.on_cancel(stopped.set)
        assembly, usage = Assembly(), _Count(self.render(request).tokens, start)
        reason: FinishReason = "stop"
        limit = request.sampling.max_tokens
        for step in self._steps if self._steps is not None else _words(request):
            if cancel.is_set():
                reason = "cancelled"
                break
            if limit is not None and usage.tokens >= limit:
                reason = "length"
                break
            for event in _perform(step, stopped):
                assembly.add(event)
                usage.add(event)
                yield event
                if isinstance(event, Error):
                    yield Finished("error", assembly.message())
                    return
            reason = cast(FinishReason, step.get("finish", reason))
            if cancel.is_set():
                reason = "cancelled"
                break
        yield usage.usage()
        yield Finished(reason, assembly.message())


class _Count:
    def __init__(self, prompt: int, start: float) -> None:
        self._prompt, self._start, self._first = prompt, start, 0.0
        self.tokens = self._thinking = 0

    def add(self, event: Event) -> None:
        if isinstance(event, Assistant | Thinking):
            self._first = self._first or time.perf_counter()
            self.tokens += 1
            self._thinking += isinstance(event, Thinking)

    def usage(self) -> Usage:
        first = (self._first or time.perf_counter()) - self._start
        return Usage(
            prompt_tokens=self._prompt,
            completion_tokens=self.tokens,
            thinking_tokens=self._thinking,
            first_token_ms=round(first * 1000, 3),
            decode_ms=round((time.perf_counter() - self._start) * 1000, 3),
        )


def _perform(step: Step, stopped: threading.Event) -> Iterator[Event]:
    match step:
        case {"text": str(text)}:
            yield Assistant(text)
        case {"thinking": str(text)}:
            yield Thinking(text)
        case {"tool_call": {"name": str(name), "arguments": str(arguments)}}:
            yield ToolCall("call_0", name, arguments)
        case {"delay_ms": int(delay)}:
            stopped.wait(delay / 1000)
        case {"print": str(text)}:
            os.write(1, text.encode())
        case {"error": str(text)}:
            yield Error("generation_failed", text)
        case {"crash": int(signal)}:
            os.kill(os.getpid(), signal)
        case _:
            pass


def _words(request: GenerateRequest) -> list[Step]:
    words = request.messages[-1].text.split(" ") if request.messages else []
    return [{"text": word if index == 0 else f" {word}"} for index, word in enumerate(words)]


def _read_script(path: Path) -> Step:
    try:
        script = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnreadable(f"{path} is no script for echo: {error}.") from None
    if not isinstance(script, dict):
        raise ModelUnreadable(f"{path} is no script for echo: it holds no object.")
    for name in ("window", "load_ms"):
        if not isinstance(script.get(name, 0), int) or script.get(name, 0) < 0:
            raise ModelUnreadable(f"{path} is no script for echo: {name} is no number.")
    if not isinstance(script.get("steps", []), list):
        raise ModelUnreadable(f"{path} is no script for echo: its steps are no list.")
    for number, step in enumerate(script.get("steps", ()), start=1):
        if not isinstance(step, dict) or len(step) != 1 or not step.keys() <= _STEPS:
            raise ModelUnreadable(f"{path} is no script for echo: step {number} is none.")
    return cast(Step, script)
