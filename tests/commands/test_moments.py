"""Times as people type them, in the zone of the box."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gonogo.commands.moments import utc_ms

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("11:59", "2026-11-30T10:59:00"),
        ("12:00:00", "2026-11-30T11:00:00"),
        ("14:02", "2026-11-29T13:02:00"),  # today it has not been 14:02 yet
        ("2026-11-30", "2026-11-29T23:00:00"),
        ("2026-12-30 14:02", "2026-12-30T13:02:00"),
        ("2026-11-30T14:02:30", "2026-11-30T13:02:30"),
        ("2026-11-30T14:02Z", "2026-11-30T14:02:00"),
        ("2026-11-30T14:02-05:00", "2026-11-30T19:02:00"),
    ],
)
def test_moment_is_meant_by_the_clock_on_the_wall(text: str, meant: str) -> None:
    """A time alone is the last such time that there was."""
    expected = datetime.fromisoformat(meant).replace(tzinfo=timezone.utc)
    assert utc_ms(text, NOW) == expected.timestamp() * 1000


@pytest.mark.parametrize("text", ["", "noon", "25:00", "2026-13-01", "2026-11-31", "14:02:61"])
def test_moment_that_is_none_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"isoformat|range|hour|month|day|second|must be"):
        utc_ms(text, NOW)
