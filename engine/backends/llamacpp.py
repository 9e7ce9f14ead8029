"""GGUF models through xllamacpp, whose chat handler renders, splits thoughts and parses calls.

Made for a worker process: loading holds the GIL, and ending the process is the only teardown
that is sure not to hang.
"""

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import cast

import xllamacpp

from .. import errors, native_log
from ..assembly import ended_by_error
from ..backend import Capabilities, Rendered
from ..cancel import CancelToken
from ..events import Event, Finished, FinishReason
from ..models.gguf import read_header
from ..models.reference import ModelReference
from ..options import LoadOptions, sampling_to_wire
from ..request import GenerateRequest
from .chunks import ChunkReader, Json, read_error
from .llama_parameters import server_parameters
from .openai_form import chat_messages, tool_definitions
from .pieces import Pieces, joined

DEFAULTS = LoadOptions(n_parallel=4, n_batch=256, cache_ram_mib=1024)
LARGEST_DEFAULT_WINDOW = 8192
LARGEST_FOR_ONE_THREAD = 64 << 20
"""Bytes of weights up to which a second thread waits longer for the first than it helps."""
_STDERR = 2
_END_OF_THOUGHT = ("</think>", "</thinking>", "[/THINK]", "<|channel|>analysis")
Piece = Json | str | Exception
"""What a generation hands over: a chunk, sometimes as JSON text, or why there are no more."""


class LlamaCpp:
    """One GGUF model, loaded."""

    def __init__(self) -> None:
        self._server: xllamacpp.Server | None = None
        self._port = 0
        self._key = secrets.token_urlsafe(32)
        self._capabilities = Capabilities(0, 0, False, False, False)
        self._always_thinks = False

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def load(self, reference: ModelReference, options: LoadOptions) -> None:
        """Load the file; raises `ModelUnreadable` or `OutOfMemory`, with the engine's reason."""
        header = read_header(Path(reference.path))
        limit = header.context_length or LARGEST_DEFAULT_WINDOW
        window = LoadOptions(n_ctx=max(256, min(limit, LARGEST_DEFAULT_WINDOW)))
        if options.n_ctx is not None and options.n_ctx > (header.context_length or options.n_ctx):
            raise errors.InvalidOption(
                f"n_ctx is {options.n_ctx:,}, but {reference.name} was made for {limit:,} tokens."
            )
        said = options.over(DEFAULTS).over(window).over(_threads(Path(reference.path)))
        start = native_log.position(_STDERR)
        try:
            server = xllamacpp.Server(server_parameters(reference, said, self._key))
        except RuntimeError as error:
            log = native_log.read_since(_STDERR, start)
            if "Resource temporarily unavailable" in f"{log} {error}":
                raise errors.no_threads() from None
            raise _load_error(reference, log) from None
        self._server = server
        self._port = int(str(server.listening_address).rpartition(":")[2])
        self._capabilities = self._ask_capabilities(max(limit, said.n_ctx or 0))

    def render(self, request: GenerateRequest) -> Rendered:
        self._check_thinking(request)
        body = self._body(request)
        prompt = self._ask("/apply-template", body)["prompt"]
        count = self._ask("/v1/chat/completions/input_tokens", body)["input_tokens"]
        return Rendered(cast(str, prompt), cast(int, count))

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[Event]:
        start = time.perf_counter()
        try:
            self._check_thinking(request)
        except errors.EngineError as error:
            yield from ended_by_error(error)
            return
        body = {**self._body(request), "stream": True, "return_progress": True}
        pieces: Pieces[Piece] = Pieces()
        cancel.on_cancel(pieces.end)
        threading.Thread(target=self._run, args=(body, pieces), daemon=True).start()
        reader = ChunkReader(request.sampling.stop, thinking=request.thinking != "off")
        try:
            yield from _read(pieces, reader, cancel, start)
        finally:
            pieces.end()  # the engine stops at its next token, if it has not

    def _run(self, body: Mapping[str, object], pieces: Pieces[Piece]) -> None:
        def take(chunk: Json | str) -> bool:
            # A true answer stops the engine; an exception here would be lost without a trace.
            pieces.put(chunk)
            return pieces.ended

        try:
            assert self._server is not None
            returned = self._server.handle_chat_completions(dict(body), take)
            if returned:  # an error that was found before the stream began, as object or text
                pieces.put(returned)
        except (RuntimeError, ValueError) as error:
            pieces.put(error)
        finally:
            pieces.end()

    def _body(self, request: GenerateRequest) -> dict[str, object]:
        body: dict[str, object] = {
            "messages": chat_messages(request.messages),
            "timings_per_token": True,
            # Stop strings are ours to look for: the engine would also end a thought at one.
            **sampling_to_wire(replace(request.sampling, stop=())),
        }
        if request.thinking != "default":
            body["chat_template_kwargs"] = {"enable_thinking": request.thinking == "on"}
        if request.tools:
            body["tools"] = tool_definitions(request.tools)
        return body

    def _check_thinking(self, request: GenerateRequest) -> None:
        able = self._capabilities
        if request.thinking == "on" and not able.thinking:
            raise errors.Unsupported("This model has no thinking to turn on.")
        if request.thinking == "off" and self._always_thinks:
            raise errors.Unsupported("This model always thinks; its thinking cannot be turned off.")

    def _ask_capabilities(self, limit: int) -> Capabilities:
        properties = self._ask("/props")
        settings = cast(Json, properties["default_generation_settings"])
        template = cast(Json, properties.get("chat_template_caps") or {})
        said: list[dict[str, object]] = [{"role": "user", "content": "."}]
        on, off = (
            str(
                self._ask(
                    "/apply-template",
                    {"messages": said, "chat_template_kwargs": {"enable_thinking": thinking}},
                )["prompt"]
            )
            for thinking in (True, False)
        )
        opens = on.rstrip().endswith(("<think>", "<thinking>", "[THINK]"))
        self._always_thinks = opens and on == off
        # A template that only reads thoughts may be of a model that thinks, or of one that did.
        reads = any(mark in str(properties.get("chat_template")) for mark in _END_OF_THOUGHT)
        return Capabilities(
            window=cast(int, settings["n_ctx"]),
            largest_window=limit,
            thinking=on != off or opens or reads,
            thinking_switch=on != off,
            tools=bool(template.get("supports_tools")),
        )

    def _ask(self, path: str, body: Mapping[str, object] | None = None) -> Json:
        """What has no method in the library is asked of the server's own loopback port."""
        connection = HTTPConnection("127.0.0.1", self._port)
        try:
            text = None if body is None else json.dumps(body)
            headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
            connection.request("GET" if body is None else "POST", path, text, headers)
            answer = cast(Json, json.loads(connection.getresponse().read()))
        except (OSError, HTTPException, ValueError) as error:
            raise errors.GenerationFailed(f"The engine did not answer: {error}.") from None
        finally:
            connection.close()
        if "error" in answer:
            raise read_error(cast(Json, answer["error"]))
        return answer


def _threads(path: Path) -> LoadOptions:
    return LoadOptions(threads=1 if path.stat().st_size <= LARGEST_FOR_ONE_THREAD else None)


def _read(
    pieces: Pieces[Piece], reader: ChunkReader, cancel: CancelToken, start: float
) -> Iterator[Event]:
    """Events until the engine is through, a stop string is met, or the caller has cancelled."""
    first_token_ms = 0.0
    for handful in pieces.handfuls():
        if cancel.is_set():
            break
        events, error = _feed(reader, handful)
        if not first_token_ms and reader.started:
            first_token_ms = (time.perf_counter() - start) * 1000
        yield from joined(events)
        if error is not None:
            yield from _failed(error, reader, first_token_ms)
            return
        if reader.stopped:
            break
        if reader.started:
            pieces.gather()
    reason: FinishReason | None = "cancelled" if cancel.is_set() else reader.reason
    if reason is None:
        half = errors.GenerationFailed("The engine ended the reply half-way.")
        yield from _failed(half, reader, first_token_ms)
        return
    yield from reader.end()
    yield from reader.calls(reason)
    yield reader.usage(first_token_ms)
    yield Finished(reason, reader.assembly.message())


def _failed(
    error: errors.EngineError, reader: ChunkReader, first_token_ms: float
) -> Iterator[Event]:
    """The end of a reply that failed; what came of it is counted too."""
    yield from reader.end()
    if reader.started:
        yield reader.usage(first_token_ms)
    yield from ended_by_error(error, reader.assembly.message())


def _feed(
    reader: ChunkReader, handful: list[Piece]
) -> tuple[list[Event], errors.EngineError | None]:
    """The events of a handful of pieces, up to the error among them."""
    events: list[Event] = []
    for piece in handful:
        if isinstance(piece, ValueError):
            return events, errors.InvalidOption(f"The engine refused the request: {piece}")
        if isinstance(piece, Exception):
            return events, errors.GenerationFailed(f"The engine failed: {piece}")
        try:
            events += reader.feed(piece)
        except errors.EngineError as error:
            return events, error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            text = f"The engine's answer cannot be read ({type(error).__name__}: {error})."
            return events, errors.GenerationFailed(text)
    return events, None


def _load_error(reference: ModelReference, log: str) -> errors.EngineError:
    """The engine says only that it failed; its log says why."""
    lines = [line.split(" E ", 1)[-1].strip() for line in log.splitlines() if " E " in line]
    text = "\n".join(lines)
    if any(
        word in text
        for word in ("failed to allocate", "unable to allocate", "out of memory", "bad_alloc")
    ):
        return errors.OutOfMemory(
            f"{reference.name} does not fit in memory.",
            "Use a smaller model or quantization, or a smaller window (n_ctx).",
        )
    reasons = [line for line in lines if "error loading model:" in line] or lines
    reason = _reason(reasons[0]) if reasons else ""
    if not reason or reference.path in reason:
        reason = "llama.cpp can make no sense of it"
    hint = "The file may be damaged or cut short: download it once more."
    if "unknown model architecture" in reason:
        hint = (
            "It is newer than this llama.cpp, or no language model: try a newer release of localm."
        )
    elif "template" in reason:
        hint = "Its chat template is broken: take another version of the file."
    return errors.ModelUnreadable(f"{reference.name} cannot be loaded: {reason}.", hint)


def _reason(line: str) -> str:
    """The log's line without the names of the functions that it went through."""
    said = line.rpartition("error loading model:")[2]
    return re.sub(r"^\s*(\w+\s+)?(\w+: +)+", "", said).strip().rstrip(".")
