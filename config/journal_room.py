"""How many entries the verdict journal has room for, and so for how long records may hang.

    entries = (limit of records + its restart) / pitch * entries a part * overrate

The limit is that of its heartbeat: until then nobody knows that it hangs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.ipc.journal_memory import RECORDS
from gonogo.ipc.journal_records import RECORD_BYTES

if TYPE_CHECKING:
    from gonogo.config.station import Station

RECORDS_LIMIT_MS = 30_000.0  # a disk may take its time: records is killed after that
RESTART_MS = 10_000.0  # until its successor reads: the longest pause before a start, and the start
HANG_MS = RECORDS_LIMIT_MS + RESTART_MS
OVERRATE = 2  # parts may come that much faster than planned, and each is recorded
MOST_ENTRIES = 16_384  # 32 MiB of memory, and no more than records itself keeps
MB = 1e6


def entries(station: Station) -> int:
    """Room for whatever happens while records hangs and is started again."""
    # never less than the journal has of itself: few parts need little, and so much is there
    wanted = math.ceil(OVERRATE * HANG_MS * _entries_per_ms(station))
    return min(max(wanted, RECORDS), MOST_ENTRIES)


def lasts_ms(station: Station) -> float:
    """For how long it takes parts at the planned rate while nobody reads it."""
    return entries(station) / _entries_per_ms(station)


def in_words(station: Station) -> str:
    """For whoever checks a station file."""
    count = entries(station)
    return (
        f"verdict journal: {count} entries ({count * RECORD_BYTES / MB:.1f} MB) last "
        f"{lasts_ms(station) / 1000:.0f} s at this rate; records may hang for "
        f"{RECORDS_LIMIT_MS / 1000:.0f} s and come back within {RESTART_MS / 1000:.0f} s"
    )


def problem(station: Station) -> str:
    """What is wrong with it, '' where nothing is."""
    if lasts_ms(station) >= HANG_MS:
        return ""
    # the pitch at which the largest journal lasts just as long
    least_ms = HANG_MS * _entries_per_ms(station) * _pitch_ms(station) / MOST_ENTRIES
    return (
        f"station.pitch_mm: a part every {_pitch_ms(station):.1f} ms fills the largest verdict "
        f"journal in {lasts_ms(station) / 1000:.0f} s, expected at least {HANG_MS / 1000:.0f} s, "
        f"which records may be away: rows could be lost; a part every {least_ms:.1f} ms or slower "
        "fits"
    )


def _entries_per_ms(station: Station) -> float:
    shadows = station.engines is not None  # a third entry, where another engine looks on
    return (2 + shadows) / _pitch_ms(station)  # the verdict, and what the PLC made of it


def _pitch_ms(station: Station) -> float:
    """From one part to the next, as planned; one that is refused has its row as well."""
    pitch_ms = station.station.pitch_ms
    return min(pitch_ms, station.trigger.least_pitch_ms(pitch_ms))
