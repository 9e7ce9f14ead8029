"""What surrounds an answer on standard error: progress, the thought, notices, usage."""

from collections.abc import Callable

from ..engine.events import Assistant, Event, Notification, Progress, Thinking, Usage
from .render import usage_line
from .spinner import Spinner
from .terminal import Terminal, without_control


class Margin:
    """Gets every event before the renderer does, and clears its progress line in time.

    It calls `pause` before it writes below an answer that has begun. With `hold` nothing of the
    answer is shown before its end.
    """

    def __init__(
        self,
        terminal: Terminal,
        *,
        show_thinking: bool,
        show_usage: bool,
        show_progress: bool,
        hold: bool,
        pause: Callable[[], None],
    ) -> None:
        self._terminal = terminal
        self._pause = pause
        self._show_thinking = show_thinking
        self._show_usage = show_usage
        self._hold = hold
        self._spinner = Spinner(terminal, wanted=show_progress)
        self._thought = ""
        self._answering = False
        self._usage: Usage | None = None

    def show(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case Progress("loading"):
                self._wait("loading the model")
            case Progress("queued", position):
                self._wait(f"waiting in the queue, place {position}")
            case Progress("prefill", _, done, total):
                self._wait(f"reading the prompt, {done} of {total} tokens")
            case Thinking(text) if self._show_thinking:
                self._interrupt()
                self._think(text)
            case Thinking():
                self._wait("thinking")
            case Usage():
                self._usage = event
            case Notification(text):
                self._say(text)
            case Assistant():
                self._answering = not self._hold
                self._pass()
            case _:
                self._pass()

    def close(self) -> None:
        """Wipe the progress line; the thought, if one was shown, ends its line."""
        self._spinner.hide()
        self._end_thought()

    def summarize(self) -> None:
        """The usage line, if it is wanted; after the answer has ended its own line."""
        if self._show_usage and self._usage is not None:
            self._terminal.say(usage_line(self._usage), dim=True)

    def _pass(self) -> None:
        if self._hold:
            self._spinner.show("answering")
        else:
            self._spinner.hide()
        self._end_thought()

    def _wait(self, what: str) -> None:
        if not self._answering:  # else the answer stands where the progress would be shown
            self._spinner.show(what)

    def _interrupt(self) -> None:
        self._spinner.hide()
        if self._answering and self._terminal.err_is_terminal:
            self._pause()
        self._answering = False

    def _say(self, text: str) -> None:
        self._interrupt()
        self._end_thought()
        self._terminal.say(text, dim=True)

    def _think(self, text: str) -> None:
        if self._terminal.err_is_terminal:
            text = without_control(text)
        try:
            self._terminal.err.write(self._terminal.dim(text))
            self._terminal.err.flush()
        except (OSError, ValueError):
            self._show_thinking = False
        self._thought = text or self._thought

    def _end_thought(self) -> None:
        if self._thought:
            self._terminal.say("" if self._thought.endswith("\n") else "\n")
            self._thought = ""
