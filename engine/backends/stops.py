"""Stop strings, looked for in the answer alone: one in a thought ends nothing."""

from collections.abc import Sequence


class StopStrings:
    """Takes text in pieces of any size and gives what comes before the first stop string.

    The first is the one that is complete first; of those that end together, the longest.
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self.met = False
        self._stops = stops
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown by now; what may be the beginning of a stop string is held back."""
        if self.met:
            return ""
        text, self._held = self._held + text, ""
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.met = True
            return text[: min(found)[1]]
        held = max((_overlap(text, stop) for stop in self._stops), default=0)
        shown = len(text) - held
        self._held = text[shown:]
        return text[:shown]

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` are the beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
