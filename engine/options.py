"""Options of a request (`Sampling`, `ThinkingMode`) and of a loaded model (`LoadOptions`).

None means "not said": the next source in line decides, and last the model's own default.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Literal, Self, TypeVar, cast

from .errors import InvalidOption

ThinkingMode = Literal["default", "on", "off"]
CHOICES: dict[str, tuple[str, ...]] = {
    "flash_attn": ("auto", "on", "off"),
    "kv_type": ("f16", "q8_0", "q4_0"),
}
"""The options that are one of a few words."""
LARGEST_SEED = 2**32 - 2
"""llama.cpp takes 32 bits and reads the largest value as "choose one"."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen and where a reply ends."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _within("temperature", self.temperature, 0, 100)
        _within("top_p", self.top_p, 0, 1)
        _within("top_k", self.top_k, 0, 2**31 - 1)
        _within("min_p", self.min_p, 0, 1)
        _within("repeat_penalty", self.repeat_penalty, 0, 100)
        _within("presence_penalty", self.presence_penalty, -100, 100)
        _within("frequency_penalty", self.frequency_penalty, -100, 100)
        _within("max_tokens", self.max_tokens, 1, 2**31 - 1)
        _within("seed", self.seed, 0, LARGEST_SEED)
        if "" in self.stop:
            raise InvalidOption("A stop string must not be empty.")

    def over(self, lower: "Sampling") -> "Sampling":
        """These options, and those of `lower` where these say nothing."""
        return _over(self, lower)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded. `n_ctx` is what *one* request may use, in tokens."""

    n_ctx: int | None = None
    n_parallel: int | None = None
    n_batch: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    cache_ram_mib: int | None = None
    flash_attn: Literal["auto", "on", "off"] | None = None
    kv_type: Literal["f16", "q8_0", "q4_0"] | None = None

    def __post_init__(self) -> None:
        _within("n_ctx", self.n_ctx, 256, 2**24)
        _within("n_parallel", self.n_parallel, 1, 64)
        _within("n_batch", self.n_batch, 2, 2**16)
        _within("threads", self.threads, 1, 1024)
        _within("gpu_layers", self.gpu_layers, -1, 10_000)
        _within("cache_ram_mib", self.cache_ram_mib, 0, 2**22)
        _among("flash_attn", self.flash_attn)
        _among("kv_type", self.kv_type)

    def over(self, lower: "LoadOptions") -> "LoadOptions":
        """These options, and those of `lower` where these say nothing."""
        return _over(self, lower)

    def to_wire(self) -> dict[str, object]:
        """The options that are said, by name."""
        return _said(self)

    @classmethod
    def from_wire(cls, wire: Mapping[str, object]) -> Self:
        """The options that `to_wire` wrote."""
        return cls(**cast(dict[str, Any], dict(wire)))


def sampling_to_wire(sampling: Sampling) -> dict[str, object]:
    """The options that are said, by name; `stop` as a list."""
    wire = _said(sampling)
    if sampling.stop:
        wire["stop"] = list(sampling.stop)
    return wire


def sampling_from_wire(wire: Mapping[str, object]) -> Sampling:
    """The options that `sampling_to_wire` wrote."""
    values = dict(wire)
    values["stop"] = tuple(cast(list[str], values.get("stop", ())))
    return Sampling(**cast(dict[str, Any], values))


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[Sampling, LoadOptions]:
    """Options given by name as text (`-o KEY VALUE`).

    Raises `InvalidOption` for a name that no option has (naming the nearest) and for a value
    that its option cannot take.
    """
    values: dict[str, object] = {}
    stops: list[str] = []
    for key, text in pairs:
        name = key.replace("-", "_")
        if name == "stop":
            stops.append(text)
        elif name in _PARSERS:
            values[name] = _parse(name, text)
        elif name.partition("=")[0] in _PARSERS:
            raise InvalidOption(
                f"There is no option {key!r}.", f"Say {key.replace('=', ' ', 1)}, with a space."
            )
        else:
            raise InvalidOption(f"There is no option {key!r}.", _suggest(name))
    loading = {name: value for name, value in values.items() if name in _LOAD_NAMES}
    sampling = {name: value for name, value in values.items() if name not in _LOAD_NAMES}
    sampling["stop"] = tuple(stops)
    return (
        Sampling(**cast(dict[str, Any], sampling)),
        LoadOptions(**cast(dict[str, Any], loading)),
    )


_LOAD_NAMES = tuple(field.name for field in fields(LoadOptions))
_PARSERS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("temperature", "top_p", "min_p"), float),
    **dict.fromkeys(("repeat_penalty", "presence_penalty", "frequency_penalty"), float),
    **dict.fromkeys(("top_k", "max_tokens", "seed"), int),
    **dict.fromkeys(_LOAD_NAMES, int),
    "flash_attn": str,
    "kv_type": str,
}


def _parse(name: str, text: str) -> object:
    parser = _PARSERS[name]
    try:
        return parser(text)
    except ValueError:
        wanted = "a whole number" if parser is int else "a number"
        raise InvalidOption(f"{name} must be {wanted}, not {text!r}.") from None


def _suggest(name: str) -> str:
    near = get_close_matches(name, _PARSERS, 1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"There are {', '.join(sorted((*_PARSERS, 'stop')))}."


def option_names() -> tuple[str, ...]:
    """Every key that `parse_pairs` takes."""
    return (*sorted(_PARSERS), "stop")


def _within(name: str, value: float | None, low: float, high: float) -> None:
    if value is None:
        return
    if not low <= value <= high:  # also refuses what is no number
        raise InvalidOption(f"{name} must be from {low} to {high}, not {value}.")


def _among(name: str, value: str | None) -> None:
    choices = CHOICES[name]
    if value is not None and value not in choices:
        raise InvalidOption(f"{name} must be one of {', '.join(choices)}, not {value!r}.")


_T = TypeVar("_T", Sampling, LoadOptions)


def _over(upper: _T, lower: _T) -> _T:
    said = {
        f.name: value for f in fields(upper) if (value := getattr(upper, f.name)) not in _UNSAID
    }
    return replace(lower, **said)


def _said(options: Sampling | LoadOptions) -> dict[str, object]:
    values = ((field.name, getattr(options, field.name)) for field in fields(options))
    return {name: value for name, value in values if value not in _UNSAID}


_UNSAID: tuple[object, ...] = (None, ())
