"""What a model is told of a tool."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool's name, what it is for, and the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, object]
