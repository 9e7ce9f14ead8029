"""What the user called a model, and what that means on this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ..builtin.files import GGUF
from ..errors import ModelNotFound, NotPermitted

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

    @property
    def is_light(self) -> bool:
        """Whether its backend needs no process of its own."""
        return self.engine == "echo"

    def to_wire(self) -> dict[str, object]:
        """The JSON form."""
        return {"name": self.name, "engine": self.engine, "path": self.path}

    @classmethod
    def from_wire(cls, wire: Mapping[str, object]) -> "ModelReference":
        """The reference that `to_wire` wrote."""
        return cls(str(wire["name"]), cast(Engine, wire["engine"]), str(wire["path"]))


def resolve(text: str) -> ModelReference:
    """The model that `text` names: `builtin`, `echo[:SCRIPT]`, or a path to a GGUF file.

    Raises `ModelNotFound` if there is no such file, `NotPermitted` if it may not be reached.
    """
    if text == BUILTIN:
        return ModelReference(BUILTIN, "llamacpp", str(GGUF))
    if text == "echo":
        return ModelReference(text, "echo")
    if text.startswith("echo:"):
        return ModelReference("echo", "echo", str(_existing(text.removeprefix("echo:"))))
    if not text:
        raise ModelNotFound("The model's name is empty.", "Name a GGUF file, or `builtin`.")
    path = _existing(text)
    if path.is_dir():
        raise ModelNotFound(f"{text} is a folder, not a model file.", _gguf_hint(path))
    if not path.is_file() or path.parts[1] in ("dev", "proc"):
        raise ModelNotFound(f"{text} is no regular file.", "A model cannot come through a pipe.")
    return ModelReference(path.name, "llamacpp", str(path))


def _existing(text: str) -> Path:
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - it leaves an unknown ~user alone
    try:
        os.fspath(path).encode()
        path.stat()
        return path.absolute()
    except UnicodeEncodeError:
        raise ModelNotFound("The model's path is not valid UTF-8.", "Rename it.") from None
    except PermissionError:
        raise NotPermitted(f"{text} cannot be reached: a folder may not be read.") from None
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelNotFound(f"{text!r} cannot be reached: {reason}.") from None
    if text.startswith(("http://", "https://")):
        raise ModelNotFound(
            f"{text} is an address, not a file.", "Download it, then give the path of the file."
        )
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
