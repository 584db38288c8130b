"""The second thread: does what it is given, and ends when it is asked to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from gonogo.records.pictures.hand import Hand
from gonogo.tests.records.pictures.made import (
    desk_of,
    files_in,
    images_in,
    job_of,
    pictures,
    recorded,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LONG_S = 60.0  # only ends a test that fails


class Slow:
    """Stands in for a desk at a disk that hangs until it is told to go on."""

    def __init__(self, *, fails: bool = False) -> None:
        self.pending: list[Any] = []
        self.on, self.taken, self.fails = threading.Event(), threading.Event(), fails
        self.closed = threading.Event()

    def begin(self) -> None:
        """Nothing to tidy."""

    def take(self, _: object) -> None:
        """Hang, or fail."""
        self.taken.set()
        if self.fails:
            raise RuntimeError("a fault of ours")
        assert self.on.wait(LONG_S)

    def tidy(self, _: int) -> None:
        """Nothing is due."""

    def close(self) -> None:
        """Told."""
        self.closed.set()


def test_hand_brings_all_that_it_was_given_to_the_disk_before_it_ends(tmp_path: Path) -> None:
    """Files and rows; then nothing waits."""
    base, folder = tmp_path / "records.sqlite", tmp_path / "pictures"
    recorded(base, *range(5))
    hand = Hand(desk_of(base, images_in(folder)), lambda: 0)
    for serial in range(5):
        hand.give(job_of(serial))
    assert hand.waiting_bytes == 5 * job_of(0).copied.pixels.nbytes  # type: ignore[union-attr]
    hand.start()
    assert hand.finish(LONG_S)
    assert hand.waiting_bytes == 0
    assert pictures(base) == [(serial, "KEPT") for serial in range(5)]
    assert len(files_in(folder)) == 5


def test_hand_waits_for_the_row_of_a_part_no_longer_than_it_may(tmp_path: Path) -> None:
    """A part that never gets one: the end says that not all is told."""
    hand = Hand(desk_of(tmp_path / "records.sqlite", images_in(tmp_path / "p")), lambda: 0)
    hand.give(job_of(1))
    hand.start()
    assert not hand.finish(0.5)


def test_hand_does_not_hold_up_whoever_gives(tmp_path: Path) -> None:
    """A disk that hangs: the frames are counted, and the end comes all the same."""
    del tmp_path
    desk = Slow()
    hand = Hand(desk, lambda: 0)  # type: ignore[arg-type]
    hand.start()
    hand.give(job_of(1))
    assert desk.taken.wait(LONG_S)
    hand.give(job_of(2))
    assert hand.waiting_bytes == 2 * job_of(0).copied.pixels.nbytes  # type: ignore[union-attr]
    assert not hand.finish(0.0)
    desk.on.set()
    assert desk.closed.wait(LONG_S)


def test_hand_that_fails_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """Its process ends then, and the supervisor starts another one."""
    hand = Hand(Slow(fails=True), lambda: 0)  # type: ignore[arg-type]
    hand.start()
    hand.give(job_of(1))
    assert not hand.finish(LONG_S)
    assert hand.failed
    assert "a fault of ours" in caplog.text
