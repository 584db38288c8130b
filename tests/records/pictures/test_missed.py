"""Pictures that were missed are told once a minute, with how many and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.picture_words import PictureState
from gonogo.records.pictures.missed import TELL_EVERY_S, Missed
from gonogo.tests.records.doubles import Clock

if TYPE_CHECKING:
    import pytest


def test_missed_says_nothing_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """However long."""
    clock = Clock()
    missed = Missed(clock)
    clock.now_s += 10 * TELL_EVERY_S
    missed.tell()
    assert caplog.records == []


def test_missed_tells_the_first_at_once_and_the_others_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By what became of them; a line that misses every part writes one line a minute."""
    clock = Clock()
    missed = Missed(clock)
    for _ in range(120):
        missed.count(PictureState.OVERWRITTEN)
        missed.tell()
        clock.now_s += 1
    assert [record.getMessage().partition(" since")[0] for record in caplog.records] == [
        "GN620: pictures: 1 missed",
        "GN620: pictures: 60 missed",
    ]
    assert missed.counts == {PictureState.OVERWRITTEN: 120}


def test_missed_tells_what_the_system_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Trouble that cost no picture is told as well, and not again once it is over."""
    clock = Clock()
    missed = Missed(clock)
    missed.trouble("[Errno 28] No space left on device")
    for _ in range(3):
        missed.tell()
        clock.now_s += TELL_EVERY_S
    (record,) = caplog.records
    assert record.getMessage().startswith("GN621: pictures: 0 missed")
    assert "No space left on device; expected a folder with room" in record.getMessage()
