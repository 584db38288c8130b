"""What the station file may say of the records."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gonogo.records.section import ImagesSection, RecordsSection


def test_section_needs_a_path_and_reads_the_journal_twenty_times_a_second() -> None:
    """Left out, every 50 ms."""
    assert RecordsSection(path=Path("r.db")).poll_ms == 50
    with pytest.raises(ValidationError, match="path"):
        RecordsSection.model_validate({})


@pytest.mark.parametrize(("poll_ms", "taken"), [(4, False), (5, True), (5000, True), (5001, False)])
def test_section_bounds_how_often_the_journal_is_read(poll_ms: int, *, taken: bool) -> None:
    """Not in a busy loop, and often enough for the heartbeat of its process."""
    if taken:
        assert RecordsSection(path=Path("r.db"), poll_ms=poll_ms).poll_ms == poll_ms
        return
    with pytest.raises(ValidationError, match="poll_ms"):
        RecordsSection(path=Path("r.db"), poll_ms=poll_ms)


@pytest.mark.parametrize(
    ("starts", "taken"),
    [
        (("06:00",), True),
        (("00:00", "23:59"), True),
        ((), False),
        (("24:00",), False),
        (("6:00",), False),
        (("14:00", "06:00"), False),
        (("06:00", "06:00"), False),
    ],
)
def test_section_takes_each_start_of_a_shift_once_and_in_order(
    starts: tuple[str, ...], *, taken: bool
) -> None:
    """Times of a day."""
    if taken:
        assert RecordsSection(path=Path("r.db"), shift_starts=starts).shift_starts == starts
        return
    with pytest.raises(ValidationError, match="shift_starts"):
        RecordsSection(path=Path("r.db"), shift_starts=starts)


def test_section_keeps_no_pictures_unless_they_are_asked_for() -> None:
    """Then all rejects and a sample, losslessly, for ninety days and 20 GB at most."""
    assert RecordsSection(path=Path("r.db")).images is None
    images = ImagesSection(folder=Path("p"))
    assert images.model_dump() == {
        "folder": Path("p"), "format": "png", "quality": 90, "every_nth_good": None,
        "audit_sample": 20, "max_mb": 20_000, "max_age_days": 90, "min_free_mb": 500, "maps": True,
    }  # fmt: skip
