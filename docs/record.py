"""Records `llm ask` in a real terminal (tmux) and writes the screen as SVG: `make recording`."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

COLUMNS, LINES = 84, 30
PROGRAMS = Path(sys.executable).parent
COMMANDS = (
    'llm ask "What is 347 + 285?"',
    'llm ask "How do I use a larger model?"',
    'echo "Ada Lovelace, 36, lived in London." | llm ask "Extract name, age and city"',
)
_PATIENCE_SECONDS = 30


def main() -> None:
    """Type the commands, wait for each to end, and save what the screen then shows."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        screen = record(Path(folder))
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text.from_ansi(screen.rstrip()))
    picture = console.export_svg(title="llm", theme=DIMMED_MONOKAI)
    # A picture that fetches a font would tell a stranger who looks at it.
    target.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), "utf-8")


def record(folder: Path) -> str:
    """The screen, with its colours as escape sequences."""

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-S", str(folder / "socket"), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment
        ).stdout

    environment = {
        **os.environ,
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "LOCALM_HOME": str(folder / "home"),
        "TERM": "screen-256color",
    }
    environment.pop("TMUX", None)
    size = ("-x", str(COLUMNS), "-y", str(LINES))
    tmux("-f", os.devnull, "new-session", "-d", *size, "PS1='$ ' exec bash --norc --noprofile")
    try:
        _wait_for_prompt(tmux, 1)
        for number, command in enumerate(COMMANDS, start=1):
            tmux("send-keys", "-l", command)
            tmux("send-keys", "Enter")
            _wait_for_prompt(tmux, number + 1)
        return tmux("capture-pane", "-p", "-e")
    finally:
        tmux("kill-server")


def _wait_for_prompt(tmux: Callable[..., str], number: int) -> None:
    """Wait until the shell asks for the next command."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        lines = tmux("capture-pane", "-p").rstrip().splitlines()
        if sum(line.startswith("$") for line in lines) == number and lines[-1].strip() == "$":
            return
        if time.monotonic() > end:
            raise SystemExit("\n".join(["The command did not end:", *lines]))
        time.sleep(0.05)


if __name__ == "__main__":
    main()
