"""Durations as people type them."""

import re

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_SECONDS = 365 * 24 * 3600.0
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)")


def parse_duration(text: str) -> float:
    """Seconds in `30`, `30s`, `1.5m`, `2h` or `500ms`; raises `ValueError` for anything else."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration; say 30, 30s, 5m or 1h")
    seconds = float(match[1]) * _UNITS[match[2]]
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise ValueError(f"{text!r} is no duration above zero and up to a year")
    return seconds
