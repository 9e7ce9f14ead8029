"""What the user has set outside of a command line: environment first, then the config file.

The only place that reads environment variables. Every option is `LOCALM_` and its long flag in
capitals, or the flag with underscores as a key of `config.yaml`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from ..engine.errors import InvalidOption
from ..engine.options import Sampling, parse_pairs
from .duration import parse_duration
from .errors import BadSetting, StoreError
from .paths import Paths, locate

Pairs = tuple[tuple[str, str], ...]
_SAMPLING = {field.name for field in fields(Sampling)}


@dataclass(frozen=True, slots=True)
class Settings:
    """Each option by its name; None or empty where nothing is set."""

    model: str | None = None
    system: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    option: Pairs = ()
    think: bool | None = None
    show_thinking: bool | None = None
    json: bool | None = None
    json_stream: bool | None = None
    no_stream: bool | None = None
    timeout: str | None = None
    strict: bool | None = None
    extract: bool | None = None
    no_stdin: bool | None = None
    usage: bool | None = None
    debug: bool | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings, the paths that they led to, and what the terminal's variables say."""

    settings: Settings
    paths: Paths
    no_color: bool
    dumb: bool


def read_surroundings(environment: Mapping[str, str]) -> Surroundings:
    """Read environment and config file; raises `BadSetting` for what cannot be meant."""
    try:
        paths = locate(environment.get("LOCALM_HOME"))
    except FileNotFoundError:
        raise BadSetting(
            "LOCALM_HOME is a relative path, and the current folder is gone.",
            "Change to another folder.",
        ) from None
    settings = over(from_environment(environment), from_file(paths.config_file))
    dumb = environment.get("TERM") == "dumb"
    return Surroundings(settings, paths, bool(environment.get("NO_COLOR")), dumb)


def debug_wanted(environment: Mapping[str, str]) -> bool:
    """Whether failures, also those of the settings themselves, are to be shown in full."""
    said = environment.get("LOCALM_DEBUG")
    if said:
        return said.lower() not in ("0", "false", "no", "off")
    try:
        return bool(read_surroundings(environment).settings.debug)
    except (StoreError, OSError):
        return False


def over(upper: Settings, lower: Settings) -> Settings:
    """The settings of `upper`, and those of `lower` where it says nothing.

    An `option` pair of `upper` stands above what `lower` says of the same thing in either way, and
    one form of output above another.
    """
    names = [field.name for field in fields(upper)]
    said = {name: value for name in names if (value := getattr(upper, name)) not in (None, ())}
    paired = {_key(name) for name, _ in upper.option}
    hidden: dict[str, Any] = dict.fromkeys(paired.intersection(names))
    if "stop" in hidden:
        hidden["stop"] = ()
    if upper.json or upper.json_stream:
        hidden |= {"json": None, "json_stream": None}
    if upper.extract:
        hidden["json_stream"] = None
    if upper.json_stream:
        hidden["extract"] = None
    kept = tuple(pair for pair in lower.option if _key(pair[0]) not in paired)
    hidden["option"] = said["option"] = (*kept, *upper.option)
    return replace(lower, **{**hidden, **said})


def _key(name: str) -> str:
    """`top-p` and `top_p` are one."""
    return name.replace("-", "_")


def from_environment(environment: Mapping[str, str]) -> Settings:
    """`LOCALM_TOP_P=0.9` and the like; `LLM_MODEL` is taken too, after `LOCALM_MODEL`."""
    values: dict[str, object] = {}
    _check_names(environment)
    for name, kind in _KINDS.items():
        variable = f"LOCALM_{name.upper()}"
        text = environment.get(variable)
        if name == "model" and not text:
            variable = "LLM_MODEL"
            text = environment.get(variable)
        if text:
            values[name] = _checked(variable, name, _parsed(variable, kind.from_text, text))
    for name, opposite in _OPPOSITES.items():
        if text := environment.get(f"LOCALM_{name.upper()}"):
            values.setdefault(opposite, not _parsed(f"LOCALM_{name.upper()}", _switch, text))
    return Settings(**cast(dict[str, Any], values))


def from_file(path: Path) -> Settings:
    """The settings in the YAML file `path`; none if there is no such file."""
    try:
        if not path.exists() and not path.is_symlink():
            return Settings()
        if not path.is_file():
            raise BadSetting(f"{path} is no regular file.")
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadSetting(f"{path} cannot be read: it is not UTF-8 text.") from None
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}.") from None
    return parse_file(path, text)


def parse_file(path: Path, text: str) -> Settings:
    """The settings in `text`; `path` is only named in errors."""
    import yaml

    try:
        content: object = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise BadSetting(f"{path} is not valid YAML: {place}{error.problem}.") from None
    except (yaml.YAMLError, ArithmeticError, AttributeError, RecursionError, ValueError) as error:
        # The parser lets some errors of the values it makes through as they are.
        raise BadSetting(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from None
    if content is None:
        return Settings()
    if not isinstance(content, dict):
        raise BadSetting(f"{path} must hold keys and values, like `temperature: 0.7`.")
    values: dict[str, object] = {}
    for key, value in cast(dict[object, object], content).items():
        name, where = str(key), f"{path}: {key}"
        if name not in _KINDS and name not in _OPPOSITES:
            raise BadSetting(f"{path} has an unknown key {name!r}.", _suggest(name))
        if value is None:
            continue
        if name in _OPPOSITES:
            values.setdefault(_OPPOSITES[name], not _parsed(where, _switch, value))
        else:
            values[name] = _checked(where, name, _parsed(where, _KINDS[name].from_yaml, value))
    return Settings(**cast(dict[str, Any], values))


@dataclass(frozen=True, slots=True)
class _Kind:
    """How an option is read: from a variable's text, and from a YAML value."""

    from_text: Callable[[str], object]
    from_yaml: Callable[[object], object]


def _text(value: object) -> str:
    if isinstance(value, bool | dict | list):
        raise ValueError("must be text")
    return str(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be a number, not {value!r}")
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"must be a number, not {value!r}") from None


def _whole(value: object) -> int:
    number = _number(value)
    if not math.isfinite(number) or number != int(number):
        raise ValueError(f"must be a whole number, not {value!r}")
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else int(number)


def _switch(value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    found = words.get(str(value).lower())
    if found is None:
        raise ValueError(f"must be 1 or 0, not {value!r}")
    return found


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in value) if isinstance(value, list) else (_text(value),)


def _pairs_of_text(text: str) -> Pairs:
    pairs = tuple(tuple(item.strip().split("=", 1)) for item in text.split(",") if item.strip())
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"must be KEY=VALUE, several with commas, not {text!r}")
    return cast(Pairs, pairs)


def _pairs_of_yaml(value: object) -> Pairs:
    if not isinstance(value, dict):
        raise ValueError("must hold keys and values")
    items = cast(dict[object, object], value).items()
    return tuple((str(key), _word(item)) for key, item in items)


def _word(value: object) -> str:
    """Text; YAML takes `on` and `off` for something else."""
    return ("off", "on")[value] if isinstance(value, bool) else _text(value)


_KINDS: dict[str, _Kind] = {
    **dict.fromkeys(("model", "system", "timeout"), _Kind(_text, _text)),
    **dict.fromkeys(("temperature", "top_p"), _Kind(_number, _number)),
    **dict.fromkeys(("top_k", "max_tokens", "seed"), _Kind(_whole, _whole)),
    "stop": _Kind(_texts, _texts),
    "option": _Kind(_pairs_of_text, _pairs_of_yaml),
    **dict.fromkeys(
        (
            "think",
            "show_thinking",
            "json",
            "json_stream",
            "no_stream",
            "strict",
            "extract",
            "no_stdin",
            "usage",
            "debug",
        ),
        _Kind(_switch, _switch),
    ),
}


# The long flags that say no, as variables and keys.
_OPPOSITES = {"no_think": "think", "hide_thinking": "show_thinking"}


def _check_names(environment: Mapping[str, str]) -> None:
    """A variable that is nearly one of ours is a slip; others may be anyone's."""
    known = [f"LOCALM_{name.upper()}" for name in (*_KINDS, *_OPPOSITES, "home")]
    for variable in environment:
        if not variable.startswith("LOCALM_") or variable in known:
            continue
        if near := get_close_matches(variable, known, 1, cutoff=0.9):
            raise BadSetting(f"{variable} sets nothing.", f"Did you mean {near[0]}?")


def _parsed(source: str, parse: Callable[..., object], value: object) -> object:
    try:
        return parse(value)
    except (ValueError, OverflowError) as error:
        raise BadSetting(f"{source} {error}.") from None


def _checked(source: str, name: str, value: object) -> object:
    """`value`, if the option of this name can have it."""
    try:
        if name == "option":
            parse_pairs(cast(Pairs, value))
        elif name == "timeout":
            parse_duration(str(value))
        elif name in _SAMPLING:
            Sampling(**cast(dict[str, Any], {name: value}))
    except InvalidOption as error:
        raise BadSetting(f"{source}: {error.message}", error.hint) from None
    except ValueError as error:
        raise BadSetting(f"{source}: {error}.") from None
    return value


def _suggest(name: str) -> str:
    near = get_close_matches(name, _KINDS, 1)
    return f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(_KINDS)}."
