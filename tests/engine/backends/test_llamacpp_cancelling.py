"""xllamacpp's requests side by side, and what a cancel in the middle of one does."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.events import Assistant, Event, Finished, Progress
from localm.engine.messages import user
from localm.engine.options import Sampling
from localm.engine.request import GenerateRequest

from .conftest import LONG, load, text


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
