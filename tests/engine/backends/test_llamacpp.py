"""xllamacpp in its worker, on models with random weights: every trap that it is known for."""

import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from localm.engine.backend import Capabilities, Loaded
from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.errors import InvalidOption, ModelNotFound, ModelUnreadable, OutOfMemory
from localm.engine.events import Assistant, Error, Event, Finished, Progress, Usage
from localm.engine.launch import WorkerProcess
from localm.engine.messages import user
from localm.engine.models.reference import resolve
from localm.engine.options import LoadOptions, Sampling, ThinkingMode
from localm.engine.request import GenerateRequest
from localm.engine.tools import ToolSpec

from ...random_models import CHATML, TINY, write_random_model

LONG = GenerateRequest((user("tell me"),), Sampling(seed=1, max_tokens=150))


def load(client: Client, path: Path, **options: Any) -> Loaded:
    loading = client.load(resolve(str(path)), LoadOptions(**options), CancelToken())
    while True:
        try:
            next(loading)
        except StopIteration as stop:
            loaded: Loaded = stop.value
            return loaded


@pytest.fixture
def small(client: Client, small_model: Path) -> Client:
    load(client, small_model, n_ctx=2048, n_parallel=2, threads=1)
    return client


def text(events: Iterator[Event] | list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Assistant))


def test_the_window_is_what_one_request_may_use(client: Client, tiny_model: Path) -> None:
    loaded = load(client, tiny_model, n_ctx=512, n_parallel=4)
    assert loaded.capabilities == Capabilities(512, 32768, False, False, False)


def test_the_window_is_at_most_8192_unless_said(client: Client, tiny_model: Path) -> None:
    assert load(client, tiny_model).capabilities.window == 8192


def test_usage_and_timings_come_with_every_reply(small: Client) -> None:
    *_, usage, finished = small.generate(LONG, CancelToken())
    assert isinstance(usage, Usage)
    assert isinstance(finished, Finished)
    assert finished.reason in ("length", "stop")
    assert usage.prompt_tokens == small.render(LONG).tokens
    assert 0 < usage.completion_tokens <= 150
    assert min(usage.first_token_ms, usage.prefill_ms, usage.decode_ms) > 0


def test_a_second_turn_reuses_what_is_cached(small: Client) -> None:
    list(small.generate(LONG, CancelToken()))
    *_, usage, _ = small.generate(LONG, CancelToken())
    assert isinstance(usage, Usage)
    assert usage.cached_tokens > 0


def test_render_gives_the_template_s_prompt_and_its_tokens(small: Client) -> None:
    rendered = small.render(GenerateRequest((user("ab ab"),)))
    assert rendered.text == "<|im_start|>user\nab ab<|im_end|>\n<|im_start|>assistant\n"
    shorter = small.render(GenerateRequest((user("ab"),)))
    assert rendered.tokens - shorter.tokens == len([" ", "ab"])


def test_four_requests_on_two_slots_all_complete(small: Client) -> None:
    replies: dict[int, list[Event]] = {}

    def run(number: int) -> None:
        asked = GenerateRequest((user(f"say {number}"),), Sampling(max_tokens=40, seed=number))
        replies[number] = list(small.generate(asked, CancelToken()))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(reply[-1], Finished) and text(reply) for reply in replies.values())
    assert len(replies) == 4


def test_the_same_seed_gives_the_same_reply(small: Client) -> None:
    assert text(small.generate(LONG, CancelToken())) == text(small.generate(LONG, CancelToken()))


def test_temperature_zero_is_greedy(small: Client) -> None:
    asked = [
        GenerateRequest((user("go"),), Sampling(temperature=0, max_tokens=20, seed=seed))
        for seed in (1, 2)
    ]
    first, second = (text(small.generate(each, CancelToken())) for each in asked)
    assert first == second


@pytest.mark.parametrize(("asked", "greedy"), [(None, True), (64, False)])
def test_the_files_own_sampling_holds_until_a_request_says_otherwise(
    client: Client, tmp_path: Path, asked: int | None, greedy: bool
) -> None:
    load(client, write_random_model(tmp_path / "m.gguf", TINY, never_stop=True, top_k=1))
    requests = [
        GenerateRequest((user("go"),), Sampling(top_k=asked, max_tokens=20, seed=seed))
        for seed in (1, 2)
    ]
    first, second = (text(client.generate(each, CancelToken())) for each in requests)
    assert (first == second) is greedy


def test_a_window_that_the_model_was_not_made_for_is_refused(
    client: Client, tiny_model: Path
) -> None:
    with pytest.raises(InvalidOption, match="was made for 32,768 tokens"):
        load(client, tiny_model, n_ctx=40_000)


def test_what_the_engine_refuses_is_told_as_it_says(client: Client) -> None:
    load(client, Path(resolve("builtin").path))
    nowhere = ToolSpec("clock", "", {"$ref": "#/none"})
    asked = GenerateRequest((user("a"),), tools=(nowhere,))
    *_, error, finished = client.generate(asked, CancelToken())
    assert isinstance(error, Error)
    assert error.kind == "invalid_option"
    assert "cannot resolve $ref #/none" in error.message
    assert isinstance(finished, Finished)
    assert finished.reason == "error"


def test_a_stop_string_ends_the_reply_and_is_cut(small: Client) -> None:
    greedy = Sampling(temperature=0, max_tokens=20)
    whole = text(small.generate(GenerateRequest((user("go"),), greedy), CancelToken()))
    stop = whole[len(whole) // 2 :][:6]
    stopped = Sampling(temperature=0, max_tokens=20, stop=(stop,))
    *events, finished = small.generate(GenerateRequest((user("go"),), stopped), CancelToken())
    assert text(events) == whole[: whole.index(stop)]
    assert isinstance(finished, Finished)
    assert finished.reason == "stop"


def test_a_cancel_takes_effect_within_a_token(small: Client) -> None:
    token, after, last = CancelToken(), 0, None
    for last in small.generate(LONG, token):
        if token.is_set():
            after += isinstance(last, Assistant)
        elif isinstance(last, Assistant):
            token.cancel()
    # What was on its way may still arrive; a reply that ran on would be 150 long.
    assert after <= 30
    assert isinstance(last, Finished)
    assert last.reason == "cancelled"


def test_the_engine_too_stops_decoding_when_cancelled(client: Client, small_model: Path) -> None:
    load(client, small_model, n_ctx=4096, n_parallel=1)
    hundred = GenerateRequest((user("a"),), Sampling(max_tokens=100, seed=1))
    per_hundred = seconds(lambda: list(client.generate(hundred, CancelToken())))
    endless = GenerateRequest((user("go"),), Sampling(max_tokens=3000, seed=1))
    start_and_cancel(client, endless, Assistant)
    quick = GenerateRequest((user("b"),), Sampling(max_tokens=1))
    # The one slot is free at once; the reply would have held it for thirty times as long.
    assert seconds(lambda: list(client.generate(quick, CancelToken()))) < 8 * per_hundred


def test_the_engine_too_stops_reading_when_cancelled(client: Client, small_model: Path) -> None:
    load(client, small_model, n_ctx=8192, n_parallel=1, n_batch=64)
    long = GenerateRequest((user("hello there " * 1000),), Sampling(max_tokens=5))
    first = seconds(lambda: start_and_cancel(client, long, Progress))
    quick = GenerateRequest((user("b"),), Sampling(max_tokens=1))
    # The first batches took `first`; the whole prompt is more than a hundred.
    assert seconds(lambda: list(client.generate(quick, CancelToken()))) < 10 * first


def start_and_cancel(client: Client, request: GenerateRequest, at: type[Event]) -> None:
    """Cancel a reply at its first event of this kind; for progress, once a batch is done."""
    token = CancelToken()
    for event in client.generate(request, token):
        if isinstance(event, at) and getattr(event, "done", True):
            token.cancel()


def seconds(act: Callable[[], object]) -> float:
    """How long `act` takes."""
    start = time.monotonic()
    act()
    return time.monotonic() - start


def test_a_cancel_during_prefill_ends_the_reply_without_a_word(
    client: Client, small_model: Path
) -> None:
    load(client, small_model, n_ctx=8192, n_parallel=1, n_batch=64)
    asked = GenerateRequest((user("hello there " * 500),), Sampling(max_tokens=5))
    token, seen = CancelToken(), list[Event]()
    for event in client.generate(asked, token):
        seen.append(event)
        if isinstance(event, Progress) and event.done:
            token.cancel()
    assert isinstance(seen[-1], Finished)
    assert seen[-1].reason == "cancelled"
    assert not text(seen)
    last = [event.done for event in seen if isinstance(event, Progress) and event.done]
    assert last[-1] <= 64 * 4


def test_replies_stream_side_by_side(small: Client) -> None:
    order: list[int] = []

    def run(number: int) -> None:
        request = GenerateRequest((user("tell me"),), Sampling(seed=number, max_tokens=60))
        for event in small.generate(request, CancelToken()):
            if isinstance(event, Assistant):
                order.append(number)  # noqa: PERF401 - when it comes is what counts

    threads = [threading.Thread(target=run, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last_of = {number: len(order) - order[::-1].index(number) for number in (1, 2)}
    assert order.index(1) < last_of[2]
    assert order.index(2) < last_of[1]


def test_a_prompt_past_the_window_is_an_error_with_the_numbers(small: Client) -> None:
    error, finished = small.generate(GenerateRequest((user("hello there " * 3000),)), CancelToken())
    assert isinstance(error, Error)
    assert error.kind == "context_overflow"
    assert error.details["window"] == 2048
    assert error.details["prompt_tokens"] > 20_000
    assert isinstance(finished, Finished)


def test_thinking_that_the_model_does_not_have_is_refused_not_ignored(small: Client) -> None:
    error, _ = small.generate(GenerateRequest((user("a"),), thinking="on"), CancelToken())
    assert isinstance(error, Error)
    assert error.kind == "unsupported"


@pytest.mark.parametrize(
    ("ending", "mode", "refused"),
    [
        # A template that opens a thought each time, one that reads thoughts, one with a switch.
        ("<think>\n", "off", True),
        ("<think>\n", "on", False),
        ("{# </think> #}", "off", False),
        ("{# </think> #}", "on", False),
        ("{% if not enable_thinking %}<think>\n\n</think>\n{% endif %}", "off", False),
        ("{% if not enable_thinking %}<think>\n\n</think>\n{% endif %}", "on", False),
    ],
)
def test_only_a_model_that_must_think_cannot_be_kept_from_it(
    client: Client, tmp_path: Path, ending: str, mode: ThinkingMode, refused: bool
) -> None:
    template = CHATML.replace("{% endif %}", f"{ending}{{% endif %}}")
    load(client, write_random_model(tmp_path / "m.gguf", TINY, template=template))
    request = GenerateRequest((user("a"),), Sampling(max_tokens=1), mode)
    events = list(client.generate(request, CancelToken()))
    assert any(isinstance(event, Error) for event in events) is refused


@pytest.mark.parametrize("damage", ["cut", "trash", "flipped"])
def test_a_damaged_file_is_refused_and_the_reason_said(
    client: Client, small_model: Path, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "damaged.gguf"
    data = bytearray(small_model.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "trash":
        data = bytearray(b"hello" * 1000)
    else:
        data[24:4000] = bytes(255 - byte for byte in data[24:4000])
    path.write_bytes(data)
    with pytest.raises((ModelNotFound, ModelUnreadable)) as caught:
        load(client, path)
    assert "damaged.gguf" in caught.value.message
    assert load(client, small_model).capabilities.window > 0


def test_a_model_that_does_not_fit_in_memory_is_said(small_model: Path) -> None:
    worker = WorkerProcess()
    client = Client(worker)
    psutil.Process(worker.pid).rlimit(psutil.RLIMIT_AS, (1 << 31, 1 << 31))
    with pytest.raises(OutOfMemory) as caught:
        load(client, small_model, n_ctx=1 << 15, n_parallel=64)
    client.close()
    assert "does not fit in memory" in caught.value.message


def test_the_open_port_answers_nobody_without_the_key(small: Client, worker: WorkerProcess) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(worker.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert [address.ip for address in listening] == ["127.0.0.1"]
    base = f"http://127.0.0.1:{listening[0].port}"
    for path in ("/props", "/slots", "/metrics", "/v1/chat/completions", "/completion"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(base + path, data=b"{}" if "compl" in path else None)
        assert caught.value.code in (401, 403)
        caught.value.close()
    assert small.status()["pid"] == worker.pid


def test_the_port_closes_with_the_worker(small: Client, worker: WorkerProcess) -> None:
    ports = [connection.laddr.port for connection in psutil.Process(worker.pid).net_connections()]
    small.close()
    with pytest.raises(OSError, match="refused"), socket.socket() as probe:
        probe.connect(("127.0.0.1", ports[0]))


def test_closing_right_after_the_load_does_not_hang(tiny_model: Path) -> None:
    for _ in range(5):
        worker = WorkerProcess()
        client = Client(worker)
        load(client, tiny_model)
        client.close()
        assert worker.ended


def test_a_worker_killed_in_mid_reply_loses_nothing_that_came(
    small: Client, worker: WorkerProcess
) -> None:
    events, killed = list[Event](), False
    for event in small.generate(LONG, CancelToken()):
        events.append(event)
        if isinstance(event, Assistant) and not killed:
            killed = True
            os.kill(worker.pid, signal.SIGKILL)
    *_, error, finished = events
    assert isinstance(error, Error)
    assert error.kind == "worker_died"
    assert isinstance(finished, Finished)
    assert finished.message.text == text(events)
