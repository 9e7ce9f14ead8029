"""Every path that the program uses, named once. POSIX and macOS.

With `LOCALM_HOME` everything lies together in that folder; without it in the platform's own
places (on Linux the XDG base directories).
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are kept; nothing here is created by being named."""

    config_file: Path
    data: Path
    logs: Path
    state: Path

    @property
    def notices(self) -> Path:
        """Marks of what the user has been told, so that it is not said every time."""
        return self.state / "notices"


def locate(home: str | None) -> Paths:
    """The paths under `home` if one is given, else the platform's."""
    if home:
        root = Path(os.path.expanduser(home)).absolute()  # noqa: PTH111 - it leaves an unknown ~user alone
        return Paths(root / "config.yaml", root, root / "logs", root / "state")
    from platformdirs import PlatformDirs

    folders = PlatformDirs("localm", appauthor=False)
    try:
        return Paths(
            folders.user_config_path / "config.yaml",
            folders.user_data_path,
            folders.user_log_path,
            folders.user_state_path,
        )
    except RuntimeError:  # a user without a home, as in a container: nothing is kept
        return locate("/nonexistent/localm")
