"""The held-out sets are really held out."""

from random import Random

from localm.engine.builtin.cases import cases
from localm.engine.builtin.corpus.mixture import EVERYTHING, draw


def test_no_heldout_sentence_is_drawn_for_training() -> None:
    random = Random(9)
    heldout = {_plain(case.ask) for case in cases()}
    drawn = {
        _plain(turn.text)
        for _ in range(5000)
        for turn in draw(random, EVERYTHING).turns
        if turn.role == "user"
    }
    # Greetings and bare sums have too few forms to differ.
    assert len(heldout & drawn) < 0.05 * len(heldout), heldout & drawn


def _plain(text: str) -> str:
    return text.lower().strip(" ?!.")
