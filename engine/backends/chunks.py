"""llama.cpp's chat-completion chunks, read as events.

A pure reader: it is fed one decoded chunk after another and keeps only what the end needs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..assembly import Assembly
from ..errors import ContextOverflow, EngineError, GenerationFailed, InvalidOption, Unsupported
from ..events import Assistant, Event, FinishReason, Progress, Thinking, ToolCall, Usage
from .stops import StopStrings

_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
}
Json = Mapping[str, object]


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


class ChunkReader:
    """`feed` chunks, then `end`, then ask `reason`, `calls` and `usage` for what they came to.

    A string of `stop` in the answer is the reply's end; what the engine says after it is not read.
    Without `thinking`, a thought is an error: some models think and have no switch that tells.
    """

    def __init__(self, stop: Sequence[str] = (), *, thinking: bool = True) -> None:
        self.assembly = Assembly()
        self._thinking = thinking
        self._stops = StopStrings(stop)
        self.reason: FinishReason | None = None
        self._calls: dict[int, _Call] = {}
        self._timings: Json = {}
        self._thinking_tokens = 0
        self._progress = (0, 0)

    @property
    def stopped(self) -> bool:
        """Whether a stop string has ended the reply, though the engine goes on."""
        return self._stops.met

    @property
    def started(self) -> bool:
        """Whether anything of the reply has come."""
        return self.assembly.started or bool(self._calls)

    def feed(self, chunk: Json | str) -> list[Event]:
        """The events of `chunk`; raises the `EngineError` that it reports.

        Some errors come as JSON text although a mapping was asked for.
        """
        if isinstance(chunk, str):
            chunk = cast(Json, json.loads(chunk))
        if "error" in chunk:
            raise read_error(cast(Json, chunk["error"]))
        events: list[Event] = []
        if "timings" in chunk:
            self._timings = cast(Json, chunk["timings"])
        if "prompt_progress" in chunk:
            events += self._read_progress(cast(Json, chunk["prompt_progress"]))
        if self._stops.met:
            return []
        for choice in cast(list[Json], chunk.get("choices", ())):
            events += self._read_delta(cast(Json, choice.get("delta") or {}))
            reason = choice.get("finish_reason")
            if reason is not None and not self._stops.met:
                self.reason = _REASONS.get(str(reason), "stop")
        for event in events:
            self.assembly.add(event)
        return events

    def end(self) -> list[Event]:
        """What was held back of the answer, once no more chunks come."""
        rest = self._stops.rest()
        events: list[Event] = [Assistant(rest)] if rest else []
        for event in events:
            self.assembly.add(event)
        return events

    def calls(self, reason: FinishReason) -> list[ToolCall]:
        """The calls that the reply asks for; one that was cut by its end is none."""
        whole = reason in ("stop", "tool_calls")
        calls = [
            ToolCall(call.id or f"call_{index}", call.name, call.arguments)
            for index, call in sorted(self._calls.items())
            if whole or _is_json(call.arguments)
        ]
        for call in calls:
            self.assembly.add(call)
        self._calls = {}
        return calls

    def usage(self, first_token_ms: float) -> Usage:
        """Tokens and times by the last count that the engine gave."""
        timings = cast(Mapping[str, float], self._timings)
        cached = int(timings.get("cache_n", 0))
        return Usage(
            prompt_tokens=cached + int(timings.get("prompt_n", 0)),
            cached_tokens=cached,
            completion_tokens=int(timings.get("predicted_n", 0)),
            thinking_tokens=self._thinking_tokens,
            first_token_ms=round(first_token_ms, 3),
            prefill_ms=round(timings.get("prompt_ms", 0.0), 3),
            decode_ms=round(timings.get("predicted_ms", 0.0), 3),
        )

    def _read_progress(self, progress: Json) -> list[Event]:
        done, total = cast(int, progress["processed"]), cast(int, progress["total"])
        if (done, total) == self._progress:
            return []
        self._progress = (done, total)
        return [Progress("prefill", done=done, total=total)]

    def _read_delta(self, delta: Json) -> list[Event]:
        events: list[Event] = []
        thought, text = delta.get("reasoning_content"), delta.get("content")
        if thought and not self._thinking and str(thought).strip():
            raise Unsupported("This model thinks although it is told not to; it has no switch.")
        if thought:
            events.append(Thinking(cast(str, thought)))
            self._thinking_tokens = cast(int, self._timings.get("predicted_n", 0))
        if text:
            shown = self._stops.feed(cast(str, text))
            if shown:
                events.append(Assistant(shown))
            if self._stops.met:
                self.reason = "stop"
                return events
        for part in cast(list[Json], delta.get("tool_calls") or ()):
            self._read_call(part)
        return events

    def _read_call(self, part: Json) -> None:
        call = self._calls.setdefault(cast(int, part.get("index", 0)), _Call())
        function = cast(Json, part.get("function") or {})
        call.id += cast(str, part.get("id") or "")
        call.name += cast(str, function.get("name") or "")
        call.arguments += cast(str, function.get("arguments") or "")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def read_error(error: Json) -> EngineError:
    """What llama.cpp's error object means to the user."""
    message = str(error.get("message", "The engine gave no reason."))
    if error.get("type") == "exceed_context_size_error":
        prompt, window = cast(int, error["n_prompt_tokens"]), cast(int, error["n_ctx"])
        return ContextOverflow(
            f"The prompt has {prompt:,} tokens; the window holds {window:,}.",
            details={"prompt_tokens": prompt, "window": window},
        )
    if error.get("type") == "invalid_request_error":
        return InvalidOption(f"The engine refused the request: {message}")
    return GenerationFailed(f"The engine gave up: {message}")
