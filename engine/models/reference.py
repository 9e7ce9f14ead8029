"""What the user called a model, and what that means on this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ..errors import ModelNotFound, ModelUnreadable

Engine = Literal["llamacpp", "echo"]
BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A model that was found: its name to the user, the backend that runs it, and its file.

    `path` is absolute, so that a process with another working folder finds it; it is empty for
    a backend that needs no file.
    """

    name: str
    engine: Engine
    path: str = ""

    def to_wire(self) -> dict[str, object]:
        """The JSON form."""
        return {"name": self.name, "engine": self.engine, "path": self.path}

    @classmethod
    def from_wire(cls, wire: Mapping[str, object]) -> "ModelReference":
        """The reference that `to_wire` wrote."""
        return cls(str(wire["name"]), cast(Engine, wire["engine"]), str(wire["path"]))


def resolve(text: str) -> ModelReference:
    """The model that `text` names: `builtin`, `echo[:SCRIPT]`, or a path to a GGUF file.

    Raises `ModelNotFound` if there is no such thing, `ModelUnreadable` if it is no model.
    """
    if text == BUILTIN:
        return ModelReference(BUILTIN, "llamacpp", str(builtin_path()))
    if text == "echo":
        return ModelReference(text, "echo")
    if text.startswith("echo:"):
        return ModelReference("echo", "echo", str(_existing(text.removeprefix("echo:"))))
    path = _existing(text)
    if path.is_dir():
        raise ModelUnreadable(f"{text} is a folder, not a model file.", _gguf_hint(path))
    return ModelReference(path.name, "llamacpp", str(path))


def builtin_path() -> Path:
    """Where the built-in model's GGUF file lies."""
    return Path(__file__).resolve().parent.parent / "builtin" / "builtin.gguf"


def _existing(text: str) -> Path:
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - it leaves an unknown ~user alone
    try:
        if path.exists():
            return path.absolute()
    except OSError as error:
        raise ModelNotFound(f"{text} cannot be reached: {error.strerror}.") from None
    what = "file" if "/" in text or text.endswith(".gguf") else "model"
    raise ModelNotFound(
        f"There is no {what} {text!r}.",
        "Give the path of a GGUF file, or `builtin` for the model that comes along.",
    )


def _gguf_hint(folder: Path) -> str:
    found = sorted(folder.glob("*.gguf"))
    if found:
        return f"Name the file in it, for example {found[0]}."
    return "Give the path of a GGUF file."
