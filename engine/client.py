"""The blocking face of a worker, or of a host that stands before many: the same calls to either."""

import contextlib
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol, cast

from .. import __version__
from . import errors, events, frames
from .assembly import Assembly, ended_by_error
from .backend import Capabilities, Loaded, Rendered
from .cancel import CancelToken
from .connection import Connection
from .frames import Frame
from .models.reference import ModelReference
from .options import LoadOptions
from .request import GenerateRequest
from .request import to_wire as request_to_wire
from .waiting import Answer, Answers, Waiting

PATIENCE_SECONDS = 3.0
"""How long a cancelled reply may take to end before it is left behind."""


class Peer(Protocol):
    """The process at the other end of a connection."""

    connection: Connection

    def kill(self) -> None:
        """End a worker of our own that is deaf, loading what nobody waits for; a host listens."""
        ...

    def failure(self) -> errors.EngineError:
        """Why the connection has closed."""
        ...

    def end(self) -> None:
        """Say that nothing more comes."""
        ...

    def release(self) -> None:
        """Let go of what `end` and `failure` still needed."""
        ...


class Client:
    """One connection; any number of threads may use it at once."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._waiting = Waiting()
        self._closing = threading.Lock()
        self._closed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send(frames.hello(__version__))

    def load(
        self, model: ModelReference, options: LoadOptions, cancel: CancelToken
    ) -> Generator[events.Event, None, Loaded]:
        """Load `model`, with progress on the way; a model that is loaded already is quick.

        Raises `Cancelled` at once when cancelled, and any other `EngineError` that the load met.
        """
        fields: Frame = {"model": model.to_wire(), "options": options.to_wire()}
        id, answers = self._ask("load", fields)
        cancel.on_cancel(lambda: self._give_up_load(id, answers))
        try:
            while True:
                answer = _checked(answers.get())
                if answer["frame"] == "reply":
                    self._waiting.keep_loaded()
                    return _loaded(_result(answer))
                yield _event(answer)
        finally:
            self._waiting.end(id)

    def render(self, request: GenerateRequest, cancel: CancelToken | None = None) -> Rendered:
        """The prompt of `request` and its tokens, by the loaded model's template and tokenizer.

        Raises `Cancelled` at once when cancelled.
        """
        result = self._call("render", {"request": request_to_wire(request)}, cancel)
        return Rendered(cast(str, result["text"]), cast(int, result["tokens"]))

    def status(self) -> Frame:
        """What the other side says of itself."""
        return self._call("status", {})

    def stop(self) -> None:
        """Let the other side leave, once it has answered this."""
        self._call("stop", {})

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[events.Event]:
        """The reply as it forms; also a failure is told in events, so that nothing is lost.

        A caller that closes the iterator cancels the request.
        """
        assembly = Assembly()
        try:
            id, answers = self._ask("generate", {"request": request_to_wire(request)}, cancel)
        except errors.Cancelled:
            yield events.Finished("cancelled", assembly.message())
            return
        except errors.EngineError as error:
            yield from ended_by_error(error)
            return
        cancel.on_cancel(lambda: self._cancel(id, answers))
        try:
            while True:
                try:
                    event = _event(_checked(answers.get()))
                except errors.EngineError as error:
                    if cancel.is_set() or isinstance(error, errors.Cancelled):
                        yield events.Finished("cancelled", assembly.message())
                        return
                    yield from ended_by_error(error, assembly.message())
                    return
                assembly.add(event)
                if isinstance(event, events.Finished):
                    self._waiting.end(id)
                yield event
                if isinstance(event, events.Finished):
                    return
        finally:
            self._send_cancel(id)
            self._waiting.end(id)

    def close(self) -> None:
        """End the connection, and with it what was asked over it. A second call does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._peer.end()
        self._reader.join()
        self._peer.release()

    def _ask(
        self, op: str, fields: Frame, cancel: CancelToken | None = None
    ) -> tuple[int, Answers]:
        if cancel is not None and cancel.is_set():
            raise errors.Cancelled("Stopped before it was asked.")
        id, answers = self._waiting.begin(op)
        sent = threading.Event()
        if cancel is not None:
            cancel.on_cancel(lambda: _later(lambda: self._unblock(sent)))
        try:
            self._send(frames.request(id, op, fields))
        except errors.EngineError:
            self._waiting.end(id)
            raise
        finally:
            sent.set()
        return id, answers

    def _call(self, op: str, fields: Frame, cancel: CancelToken | None = None) -> Frame:
        id, answers = self._ask(op, fields, cancel)
        if cancel is not None:
            cancel.on_cancel(lambda: answers.put(errors.Cancelled("Stopped before the answer.")))
        try:
            return _result(_checked(answers.get()))
        finally:
            self._waiting.end(id)

    def _send(self, frame: Frame) -> None:
        # Where nobody reads any more, the reader meets the end and tells everyone why.
        with contextlib.suppress(OSError):
            self._peer.connection.send(frame)

    def _cancel(self, id: int, answers: Answers) -> None:
        """Ask for the end of a reply; if it does not come, go on without it."""
        gone = errors.Cancelled("The engine did not stop when it was asked to.")
        _later(lambda: answers.put(gone))
        self._send_cancel(id)

    def _unblock(self, sent: threading.Event) -> None:
        """A worker that does not even read a request keeps us in the midst of writing it."""
        if not sent.is_set():
            self._peer.kill()

    def _send_cancel(self, id: int) -> None:
        if self._waiting.is_open(id):
            self._send(frames.request(self._waiting.new_id(), "cancel", {"request": id}))

    def _give_up_load(self, id: int, answers: Answers) -> None:
        """A loading process is deaf: it can only be ended, if nobody else needs it."""
        alone = self._waiting.withdraw_load(id)
        if alone is None:
            return
        answers.put(errors.Cancelled("Stopped while the model was loading."))
        self._send_cancel(id)
        if alone:
            self._peer.kill()

    def _read(self) -> None:
        failure: errors.EngineError | None = None
        try:
            for frame in self._peer.connection.frames():
                if frame.get("frame") == "hello":
                    _check_hello(frame)
                else:
                    self._waiting.deliver(frame)
        except errors.ProtocolError as error:
            failure = error
            self._peer.kill()
        except OSError:
            pass  # as good as closed
        if self._closed:
            failure = errors.Cancelled("The connection was closed before the answer.")
        self._waiting.fail(failure or self._peer.failure())


def _later(act: Callable[[], object]) -> None:
    """Do it when patience ends, in a thread of its own; not at all where none is to be had."""
    timer = threading.Timer(PATIENCE_SECONDS, act)
    timer.daemon = True
    with contextlib.suppress(RuntimeError):
        timer.start()


def _check_hello(hello: Frame) -> None:
    if hello.get("protocol") != frames.PROTOCOL:
        raise errors.ProtocolError("The engine's process is of another version.")


def _loaded(result: Frame) -> Loaded:
    try:
        capabilities = Capabilities(**cast(dict[str, Any], result["capabilities"]))
        return Loaded(str(result["model"]), capabilities, cast(float, result["load_ms"]))
    except (KeyError, TypeError) as error:
        raise _nonsense(error) from None


def _event(answer: Frame) -> events.Event:
    try:
        return events.from_wire(cast(Frame, answer["event"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _nonsense(error) from None


def _result(answer: Frame) -> Frame:
    result = answer.get("result")
    if not isinstance(result, dict):
        raise _nonsense("no result")
    return cast(Frame, result)


def _nonsense(what: object) -> errors.ProtocolError:
    return errors.ProtocolError(f"The engine's process said what makes no sense ({what}).")


def _checked(answer: Answer) -> Frame:
    if isinstance(answer, errors.EngineError):
        raise answer
    if "error" in answer:
        error = answer["error"]
        raise errors.from_wire(error) if isinstance(error, dict) else _nonsense(error)
    return answer
