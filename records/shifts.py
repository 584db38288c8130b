"""The shifts of a station: from one start of the day, by the clock on the wall, to the next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def shift_start_ms(wall_ms: int, starts: Sequence[str]) -> int:
    """UTC ms at which the shift of a time began; `starts` are local times, "HH:MM"."""
    # the day before, too: a night shift began yesterday
    day = datetime.fromtimestamp(wall_ms / 1000).astimezone().replace(tzinfo=None)
    begun = [
        round(_at(day - timedelta(days=back), start).timestamp() * 1000)
        for back in (0, 1, 2)  # a day of summer time has a start less
        for start in starts
    ]
    return max(each for each in begun if each <= wall_ms)


def _at(day: datetime, start: str) -> datetime:
    """That start on that day; of a time of the box's zone."""
    hour, minute = map(int, start.split(":"))
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
