"""The child process that holds one loaded model: frames in, a backend, frames out.

Started by `launch.py`, which hands over three descriptors: requests, answers, and a lifeline
that closes when the parent is gone. Whatever native code prints goes to the log.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import cast

from .. import __version__
from . import errors, events, frames, native_log
from .assembly import Assembly, ended_by_error
from .backend import Backend
from .backends.catalog import open_backend
from .cancel import CancelToken
from .connection import Connection
from .frames import Frame
from .lifeline import ended_by
from .models.reference import ModelReference
from .options import LoadOptions
from .request import GenerateRequest
from .request import from_wire as request_from_wire


class Worker:
    """Answers requests, each in a thread of its own."""

    def __init__(self, connection: Connection, lifeline: int) -> None:
        self._connection = connection
        self._lifeline = lifeline
        self._loading = threading.Lock()
        self._backend: Backend | None = None
        # Kept also when their load has failed: letting a half-made server go can hang.
        self._opened: list[Backend] = []
        self._model: ModelReference | None = None
        self._options = LoadOptions()
        self._tokens: dict[int, CancelToken] = {}
        self._said: dict[int, Assembly] = {}
        self._operations: dict[str, Callable[[int, Frame], None]] = {
            "load": self._load,
            "render": self._render,
            "generate": self._generate,
            "status": self._status,
        }

    def serve(self) -> None:
        """Answer until the other side closes or says stop."""
        self._connection.send(frames.hello(__version__))
        for frame in self._connection.frames():
            if frame["frame"] == "hello":
                if frame.get("protocol") != frames.PROTOCOL:
                    return
                continue
            if "id" not in frame or "op" not in frame:
                continue  # nobody could be told
            id, op = cast(int, frame["id"]), str(frame["op"])
            if op == "stop":
                self._connection.send(frames.result(id, {}))
                return
            if op == "cancel":
                token = self._tokens.get(cast(int, frame.get("request")))
                if token is not None:
                    token.cancel()
                self._connection.send(frames.result(id, {}))
                continue
            if op == "generate":
                self._tokens[id] = CancelToken()
            threading.Thread(target=self._answer, args=(id, op, frame), daemon=True).start()

    def _answer(self, id: int, op: str, frame: Frame) -> None:
        try:
            operation = self._operations.get(op)
            if operation is None:
                raise errors.ProtocolError(f"There is no operation {op!r}.")
            operation(id, frame)
        except BrokenPipeError:
            pass
        except Exception as error:  # a request's failure is its answer, never silence
            self._fail(id, op, error)
        finally:
            self._tokens.pop(id, None)
            self._said.pop(id, None)
            native_log.trim(2)

    def _fail(self, id: int, op: str, error: Exception) -> None:
        if not isinstance(error, errors.EngineError):
            error = _unexpected(error)
        wire = errors.to_wire(error)
        try:
            if op == "generate":
                said = self._said.get(id)
                for event in ended_by_error(error, said.message() if said else None):
                    self._connection.send(frames.event(id, events.to_wire(event)))
            else:
                self._connection.send(frames.failure(id, wire))
        except BrokenPipeError:
            pass

    def _load(self, id: int, frame: Frame) -> None:
        reference = ModelReference.from_wire(cast(Frame, frame["model"]))
        options = LoadOptions.from_wire(cast(Frame, frame["options"]))
        start = time.perf_counter()
        with self._loading:
            if self._backend is None:
                progress = events.Progress("loading")
                self._connection.send(frames.event(id, events.to_wire(progress)))
                backend = open_backend(reference)
                self._opened.append(backend)
                with ended_by(self._lifeline):
                    backend.load(reference, options)
                self._backend, self._model, self._options = backend, reference, options
            elif reference != self._model:
                raise errors.ProtocolError("This worker holds another model.")
            elif options not in (LoadOptions(), self._options):
                raise errors.ProtocolError("This worker holds the model with other options.")
        load_ms = round((time.perf_counter() - start) * 1000, 3)
        capabilities = self._backend.capabilities.to_wire()
        fields = {"model": reference.path, "capabilities": capabilities, "load_ms": load_ms}
        self._connection.send(frames.result(id, fields))

    def _render(self, id: int, frame: Frame) -> None:
        request = request_from_wire(cast(Frame, frame["request"]))
        rendered = self._loaded(request).render(request)
        self._connection.send(frames.result(id, {"text": rendered.text, "tokens": rendered.tokens}))

    def _generate(self, id: int, frame: Frame) -> None:
        request = request_from_wire(cast(Frame, frame["request"]))
        token = self._tokens[id]
        said = self._said[id] = Assembly()
        for event in self._loaded(request).generate(request, token):
            said.add(event)
            self._connection.send(frames.event(id, events.to_wire(event)))

    def _status(self, id: int, _frame: Frame) -> None:
        model = self._model.to_wire() if self._model else None
        wire: Mapping[str, object] = {
            "model": model,
            "requests": len(self._tokens),
            "pid": os.getpid(),
        }
        self._connection.send(frames.result(id, wire))

    def _loaded(self, request: GenerateRequest) -> Backend:
        if self._backend is None or self._model is None:
            raise errors.ProtocolError("No model is loaded.")
        if request.model not in ("", self._model.path):
            raise errors.ProtocolError("This worker holds another model.")
        return self._backend


def _unexpected(error: Exception) -> errors.EngineError:
    if isinstance(error, RuntimeError) and "new thread" in str(error):
        return errors.no_threads()
    text = f"{type(error).__name__}: {error}"
    return errors.GenerationFailed(f"The engine failed unexpectedly ({text}).")


def main() -> None:
    """`python -m localm.engine.worker REQUESTS ANSWERS LIFELINE`, three descriptors."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    requests, answers, lifeline = (int(argument) for argument in sys.argv[1:4])
    with contextlib.suppress(BrokenPipeError, errors.ProtocolError):
        Worker(Connection(requests, answers), lifeline).serve()
    # Native teardown can hang; the kernel's cannot, and it gives all memory back.
    os._exit(0)


if __name__ == "__main__":
    main()
