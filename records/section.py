"""Where the station file says parts are recorded, and which have their picture kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gonogo.base.section import Section
from gonogo.records.drift.section import DriftSection


class ImagesSection(Section):
    """Which parts have their picture kept, where, and for how long.

    Every part that was not accepted has one; without this section there are no pictures.
    """

    folder: Path
    """Where pictures go, by year, month, day and hour (UTC); it is for nothing else."""
    format: Literal["png", "jpeg"] = "png"
    """"png" keeps every pixel as it was judged, "jpeg" is smaller and is not for retraining."""
    quality: Annotated[int, Field(ge=1, le=100)] = 90
    """Of a JPEG; a PNG loses nothing."""
    every_nth_good: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """One good part in so many, at random; left out, none."""
    audit_sample: Annotated[int, Field(ge=0, le=1000)] = 20
    """So many accepted parts of each shift, at random, for a person to look at."""
    max_mb: Annotated[int, Field(ge=1, le=100_000_000)] = 20_000
    """All pictures together; the oldest give way."""
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    """Pictures that are older are removed."""
    min_free_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 500
    """What pictures leave free on their disk, so that rows have room there."""
    maps: bool = True
    """Whether the anomaly map is kept beside the picture."""


class RecordsSection(Section):
    """Where the rows go; one file a month."""

    path: Path
    """Where the SQLite files lie: of `records.sqlite` there is one a month beside it,
    `records-2026-11.sqlite`."""
    # what a power cut may cost is what came since the last poll; 5000: well below the 30 s after
    # which records counts as hung
    poll_ms: Annotated[int, Field(ge=5, le=5000)] = 50
    """How often the journal is looked at."""
    shift_starts: Annotated[
        tuple[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")], ...],
        Field(min_length=1, max_length=24),
    ] = ("06:00", "14:00", "22:00")
    """When each shift begins, by the clock on the wall ("HH:MM")."""
    images: ImagesSection | None = None
    """Pictures of parts; left out, none is kept."""
    drift: DriftSection | None = None
    """Charts whether what was decided still holds; left out, nobody keeps them."""

    @field_validator("shift_starts")
    @classmethod
    def _once_each(cls, starts: tuple[str, ...]) -> tuple[str, ...]:
        if list(starts) != sorted(set(starts)):
            raise ValueError("expected each start once, the earliest first")
        return starts
