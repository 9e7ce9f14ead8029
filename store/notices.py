"""What the user is told once a day and no more."""

import time
from pathlib import Path

_DAY_SECONDS = 24 * 60 * 60


def due_today(folder: Path, name: str) -> bool:
    """Whether the notice `name` was not given in the last day; from now on it was.

    Where nothing can be written (a read-only home, a full disk) it counts as given: saying it
    each time would be worse.
    """
    mark = folder / name
    try:
        if time.time() - mark.stat().st_mtime < _DAY_SECONDS:
            return False
    except OSError:
        pass
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.touch()
    except OSError:
        return False
    return True
