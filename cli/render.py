"""Events to the two streams: plain text, one JSON object, or one JSON event a line.

The answer goes to standard output and nothing else does; everything around it goes to standard
error.
"""

import json
from collections.abc import Callable

from ..engine import events, messages
from ..engine.events import Assistant, Error, Event, Finished, Usage
from .terminal import Terminal, without_control


class Renderer:
    """Shows a turn on standard output: gets every event, is closed once, also when it failed."""

    def show(self, event: Event) -> None:
        """Take the next event."""
        raise NotImplementedError

    def pause(self) -> None:
        """Let others write to the terminal below what stands there."""

    def lose_place(self) -> None:
        """Others have written to the terminal: the cursor is no longer where it was left."""

    def fail(self, error: Error) -> None:
        """The turn ended well, but what comes of it is a failure to the user."""

    def close(self) -> None:
        """Write what was held back."""


class TextRenderer(Renderer):
    """The answer's text as it comes, as it is; a newline ends it."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._last = "\n"

    def show(self, event: Event) -> None:
        if isinstance(event, Assistant):
            text = event.text
            if self._terminal.out_is_terminal:
                text = without_control(text)
            if text:
                self._terminal.write(text)
                self._last = text

    def pause(self) -> None:
        if self._terminal.out_is_terminal:
            self.close()

    def close(self) -> None:
        if not self._last.endswith("\n"):
            self._terminal.write("\n")
            self._last = "\n"


class WholeRenderer(Renderer):
    """The answer's text once it is complete, after `change` has had its way with it."""

    def __init__(self, terminal: Terminal, change: Callable[[str], str]) -> None:
        self._terminal = terminal
        self._change = change
        self._text = ""

    def show(self, event: Event) -> None:
        if isinstance(event, Assistant):
            self._text += event.text

    def close(self) -> None:
        text = self._change(self._text)
        if self._terminal.out_is_terminal:
            text = without_control(text)
        if text:
            self._terminal.write(text if text.endswith("\n") else f"{text}\n")


class JsonStreamRenderer(Renderer):
    """One event per line, as in `events.to_wire`."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def show(self, event: Event) -> None:
        self._terminal.write(dumps(events.to_wire(event), self._terminal.out.encoding) + "\n")


class JsonRenderer(Renderer):
    """One object: model, text, thinking, tool calls, finish reason, usage and error."""

    def __init__(self, terminal: Terminal, change: Callable[[str], str]) -> None:
        self._terminal = terminal
        self._change = change
        self._object: dict[str, object] = {
            "model": "",
            "text": "",
            "thinking": "",
            "tool_calls": [],
            "finish_reason": None,
            "usage": None,
            "error": None,
        }

    def show(self, event: Event) -> None:
        match event:
            case events.Started(model):
                self._object["model"] = model
            case Usage():
                self._object["usage"] = _without_type(event)
            case Error():
                self._object["error"] = _without_type(event)
            case Finished(reason, message):
                self._object["finish_reason"] = reason
                self._object["text"] = self._change(message.text)
                self._object["thinking"] = message.thinking
                self._object["tool_calls"] = [_call(call) for call in message.tool_calls]
            case _:
                pass

    def fail(self, error: Error) -> None:
        self._object["error"] = self._object["error"] or _without_type(error)

    def close(self) -> None:
        self._terminal.write(dumps(self._object, self._terminal.out.encoding) + "\n")


def dumps(value: object, encoding: str = "utf-8") -> str:
    """JSON in one line; what `encoding` cannot say is written as escapes, so nothing is lost."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def usage_line(usage: Usage) -> str:
    """Tokens and times of a reply on one line, for people."""
    thinking = f" ({usage.thinking_tokens} of them thinking)" if usage.thinking_tokens else ""
    cached = f", {usage.cached_tokens} cached" if usage.cached_tokens else ""
    rate = ""
    if usage.decode_ms and usage.completion_tokens > 1:
        rate = f" at {usage.completion_tokens / usage.decode_ms * 1000:.1f} tokens/s"
    return (
        f"prompt {usage.prompt_tokens} tokens{cached}; "
        f"reply {usage.completion_tokens} tokens{rate}{thinking}; "
        f"load {usage.load_ms:.0f} ms, prefill {usage.prefill_ms:.0f} ms, "
        f"first token {usage.first_token_ms:.0f} ms, decode {usage.decode_ms:.0f} ms"
    )


def _without_type(event: Event) -> dict[str, object]:
    return {name: value for name, value in events.to_wire(event).items() if name != "type"}


def _call(call: messages.ToolCallPart) -> dict[str, object]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}
