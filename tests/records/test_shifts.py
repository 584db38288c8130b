"""The shifts of a station, by the clock on its wall."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS = ("06:00", "14:00", "22:00")
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"  # as POSIX has it: no box lacks that


@pytest.fixture
def _berlin() -> Iterator[None]:
    """A box in a zone that has summer time."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = BERLIN
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def ms(text: str) -> int:
    """UTC ms of a time on a wall in Berlin, with its distance from UTC."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.usefixtures("_berlin")
@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-30 06:00+01:00", "2026-11-30 06:00+01:00"),
        ("2026-11-30 05:59+01:00", "2026-11-29 22:00+01:00"),  # the night shift began yesterday
        ("2026-11-30 13:59+01:00", "2026-11-30 06:00+01:00"),
        ("2026-11-30 23:00+01:00", "2026-11-30 22:00+01:00"),
        ("2026-03-29 03:30+02:00", "2026-03-28 22:00+01:00"),  # the night has an hour less
        ("2026-10-25 05:00+01:00", "2026-10-24 22:00+02:00"),  # and an hour more
        ("2026-07-01 00:00+02:00", "2026-06-30 22:00+02:00"),
    ],
)
def test_shift_begins_by_the_clock_on_the_wall(now: str, began: str) -> None:
    """Also over midnight, and where summer time begins or ends within it."""
    assert shift_start_ms(ms(now), STARTS) == ms(began)


@pytest.mark.usefixtures("_berlin")
def test_shift_of_a_station_with_one_start_is_a_day() -> None:
    """From that time to the same one of the next day."""
    assert shift_start_ms(ms("2026-11-30 05:00+01:00"), ("06:00",)) == ms("2026-11-29 06:00+01:00")
