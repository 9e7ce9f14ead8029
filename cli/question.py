"""What is asked, once every flag, setting and stream has been read."""

from dataclasses import dataclass

from ..engine.models.reference import ModelReference
from ..engine.options import LoadOptions
from ..engine.request import GenerateRequest


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which model.

    `timeout` is the limit that was set, `left` what of it is left to answer; both in seconds.
    """

    model: ModelReference
    loading: LoadOptions
    request: GenerateRequest
    timeout: float | None
    left: float | None
