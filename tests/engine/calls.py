"""What tests ask of a client, in a word."""

import time
from collections.abc import Callable

from localm.engine.backend import Loaded
from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.events import Event
from localm.engine.messages import user
from localm.engine.models.reference import ModelReference
from localm.engine.options import LoadOptions
from localm.engine.request import GenerateRequest

HELLO = GenerateRequest((user("hello"),))


def load(client: Client, model: ModelReference) -> list[Event]:
    """The events of a load."""
    return list(client.load(model, LoadOptions(), CancelToken()))


def loaded(client: Client, model: ModelReference, options: LoadOptions | None = None) -> Loaded:
    """What a load gives in the end."""
    loading = client.load(model, options or LoadOptions(), CancelToken())
    while True:
        try:
            next(loading)
        except StopIteration as stop:
            result: Loaded = stop.value
            return result


def ask(client: Client, request: GenerateRequest = HELLO) -> list[Event]:
    """The events of a reply."""
    return list(client.generate(request, CancelToken()))


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether `condition` comes true in time."""
    """Whether `condition` comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
