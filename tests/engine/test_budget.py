"""Prompt and reply are held against the window before anything is generated."""

import pytest

from localm.engine.budget import check_window
from localm.engine.errors import ContextOverflow


@pytest.mark.parametrize(("prompt", "wanted"), [(99, None), (90, 10), (1, 99)])
def test_what_fits_passes(prompt: int, wanted: int | None) -> None:
    check_window(prompt, wanted, 100, 100)


@pytest.mark.parametrize(("prompt", "wanted"), [(100, None), (101, None), (90, 11), (200, 1)])
def test_what_does_not_fit_is_refused_with_the_numbers(prompt: int, wanted: int | None) -> None:
    with pytest.raises(ContextOverflow) as caught:
        check_window(prompt, wanted, 100, 100)
    assert caught.value.details["prompt_tokens"] == prompt
    assert caught.value.details["window"] == 100
    assert str(prompt) in caught.value.message


def test_a_larger_window_is_offered_only_where_the_model_has_one() -> None:
    with pytest.raises(ContextOverflow) as caught:
        check_window(200, None, 100, 4096)
    assert "n_ctx" in caught.value.hint
    with pytest.raises(ContextOverflow) as caught:
        check_window(200, None, 100, 100)
    assert "n_ctx" not in caught.value.hint


def test_the_room_that_is_left_is_said() -> None:
    with pytest.raises(ContextOverflow) as caught:
        check_window(60, 50, 100, 100)
    assert "At most 40 tokens" in caught.value.hint
