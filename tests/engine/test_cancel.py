"""A cancel token tells everyone, once."""

from localm.engine.cancel import CancelToken


def test_callbacks_run_once() -> None:
    token, calls = CancelToken(), list[int]()
    token.on_cancel(lambda: calls.append(1))
    token.cancel()
    token.cancel()
    assert token.is_set()
    assert calls == [1]


def test_a_callback_that_comes_late_runs_at_once() -> None:
    token, calls = CancelToken(), list[int]()
    token.cancel()
    token.on_cancel(lambda: calls.append(1))
    assert calls == [1]
