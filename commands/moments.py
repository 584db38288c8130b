"""Times as people type them: `14:02`, `2026-11-30`, `2026-11-30 14:02`; by the box's own clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import click

EXPECTED = "a time (14:02, 14:02:30), a day (2026-11-30) or both (2026-11-30T14:02)"


class Moment(click.ParamType):  # type: ignore[type-arg]  # of click 8.1 it takes none
    """A time in UTC ms; one without a day is the last such time that there was."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """From what was typed."""
        try:
            return utc_ms(str(value), datetime.now().astimezone())
        except ValueError:
            self.fail(f"expected {EXPECTED}, got {value!r}", param, ctx)


def utc_ms(text: str, now: datetime) -> int:
    """UTC ms of what was typed at `now`, in whose zone it is meant; ValueError."""
    return round(_meant(text.strip(), now).timestamp() * 1000)


def _meant(text: str, now: datetime) -> datetime:
    if len(text) == len("2026-11-30"):
        return datetime.combine(date.fromisoformat(text), time(), now.tzinfo)
    if "-" in text:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    found = datetime.combine(now.date(), time.fromisoformat(text), now.tzinfo)
    return found if found <= now else found - timedelta(days=1)
