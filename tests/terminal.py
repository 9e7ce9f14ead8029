"""A real terminal for tests: tmux, with keys to press and a screen to read."""

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

PATIENCE_SECONDS = 30.0


def need(*tools: str) -> None:
    """Skip the test where a tool is missing; fail it in CI, where nothing may be missing."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


class Screen:
    """A tmux server of the test's own with one window, whose command is run by `sh`."""

    def __init__(
        self,
        folder: Path,
        command: str,
        *,
        columns: int = 80,
        lines: int = 24,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(dir="/tmp")  # short enough for a socket
        self._socket = f"{self._folder.name}/tmux"
        environment = {**os.environ, "TERM": "screen-256color", **(variables or {})}
        environment.pop("TMUX", None)
        self._environment = environment
        size = ["-x", str(columns), "-y", str(lines)]
        configured = "set -g default-terminal screen-256color; set -g remain-on-exit on"
        config = folder / "tmux.conf"
        config.write_text(configured.replace("; ", "\n") + "\n")
        shell = f"exec sh -c {shlex.quote(command)}"
        self._tmux("-f", str(config), "new-session", "-d", *size, shell)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `Enter`, `Tab`, `C-c`."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type `text` as it is."""
        self._tmux("send-keys", "-l", "--", text)

    def text(self, *, styled: bool = False) -> str:
        """What the screen shows; `styled` keeps colours as escape sequences."""
        return self._tmux("capture-pane", "-p", *(["-e"] if styled else []))

    def history(self) -> str:
        """What the screen shows and what has scrolled off its top."""
        return self._tmux("capture-pane", "-p", "-S", "-")

    def wait(self, shown: str | Callable[[str], bool], *, styled: bool = False) -> str:
        """The screen once it shows `shown`, or satisfies it."""
        satisfied = shown if callable(shown) else lambda text: shown in text
        end = time.monotonic() + PATIENCE_SECONDS
        while not satisfied(text := self.text(styled=styled)):
            if time.monotonic() > end:
                pytest.fail(f"the screen never came to show {shown!r}; it shows:\n{text}")
            time.sleep(0.03)
        return text

    def close(self) -> None:
        """End the server and what runs in it."""
        subprocess.run(
            ["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False
        )
        self._folder.cleanup()

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            capture_output=True,
            text=True,
            env=self._environment,
            check=True,
        )
        return done.stdout
