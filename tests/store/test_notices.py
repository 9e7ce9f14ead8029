"""What is said once a day."""

import os
import time
from pathlib import Path

from localm.store.notices import due_today

_DAY = 24 * 60 * 60


def test_a_notice_is_due_once(tmp_path: Path) -> None:
    assert [due_today(tmp_path / "notices", "x") for _ in range(3)] == [True, False, False]


def test_each_notice_has_a_day_of_its_own(tmp_path: Path) -> None:
    assert due_today(tmp_path, "x")
    assert due_today(tmp_path, "y")


def test_it_is_due_again_the_next_day(tmp_path: Path) -> None:
    due_today(tmp_path, "x")
    yesterday = time.time() - _DAY - 1
    os.utime(tmp_path / "x", (yesterday, yesterday))
    assert due_today(tmp_path, "x")


def test_where_nothing_can_be_written_it_is_not_said_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not due_today(tmp_path / "file" / "notices", "x")
