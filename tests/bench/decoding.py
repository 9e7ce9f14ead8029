"""Tokens per second, raw and through `llm`, from the first piece that arrives to the last."""

import contextlib
import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gguf

QUESTION = "Tell me a long story."
_RAW = """
import os, sys, time, xllamacpp
model, tokens, question = sys.argv[1], int(sys.argv[2]), sys.argv[3]
threads = int(sys.argv[4])
params = xllamacpp.CommonParams()
params.model.path, params.n_parallel, params.n_ctx = model, 1, 2048
params.n_batch = params.n_ubatch = 256
params.verbosity, params.warmup = 0, False
if threads:
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
server = xllamacpp.Server(params)
times, counts = [], []
def take(chunk):
    times.append(time.perf_counter())
    counts.append(chunk.get("usage") or chunk.get("timings") or {})
    return False
body = {"messages": [{"role": "user", "content": question}], "stream": True,
        "max_tokens": tokens, "temperature": 0.0, "ignore_eos": True}
server.handle_chat_completions(body, take)
said = [count["predicted_n"] for count in counts if "predicted_n" in count]
print((said[-1] - 1) / (times[-1] - times[1]), flush=True)
os._exit(0)
"""


def raw(python: Path, model: Path, tokens: int, threads: int = 0) -> float:
    """xllamacpp alone, on its own number of threads or ours: a callback that looks at the clock."""
    command = [str(python), "-c", _RAW, str(model), str(tokens), QUESTION, str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def through_llm(program: Path, model: Path, tokens: int) -> float:
    """`llm ask` into two pipes, the thought shown, so that every token arrives at one of them."""
    command = [str(program), "ask", "-m", str(model), "--temperature", "0", "--no-stdin", "-u"]
    command += ["--max-tokens", str(tokens), "-o", "n_ctx", "2048", "--show-thinking", QUESTION]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pieces = _arrivals(process)
    process.wait()
    usage = b"".join(data for _, data in pieces).decode("utf-8", "replace")
    match = re.search(r"reply (\d+) tokens", usage)
    assert match is not None, usage
    # What ends the reply is no token: a newline, the usage line, the note that it was cut.
    times = [
        arrived
        for arrived, data in pieces
        if data != b"\n" and b"tokens/s" not in data and b"llm: " not in data
    ]
    return (int(match[1]) - 1) / (times[-1] - times[0])


def _arrivals(process: subprocess.Popen[bytes]) -> list[tuple[float, bytes]]:
    """What arrives on both pipes, each piece with the second of its arrival."""
    pieces: list[tuple[float, bytes]] = []
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                if data := os.read(key.fd, 1 << 16):
                    pieces.append((time.perf_counter(), data))
                else:
                    selector.unregister(key.fileobj)
    return pieces


@contextlib.contextmanager
def busy_core() -> Iterator[None]:
    """One process that computes all the while, as a build or a video call would."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def without_end(model: Path, target: Path) -> Path:
    """A copy of `model` that goes on after its turn: no token of it ends generation."""
    data = model.read_bytes().replace(b"<|im_end|>", b"<|im_0nd|>")
    target.write_bytes(data)
    reader = gguf.GGUFReader(target, "r+")
    end, pad = (reader.fields[f"tokenizer.ggml.{name}_token_id"] for name in ("eos", "padding"))
    end.parts[end.data[0]][0] = pad.parts[pad.data[0]][0]
    reader.data.flush()
    return target
