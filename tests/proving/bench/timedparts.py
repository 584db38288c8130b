"""Parts whose every stage took a known time. Import as `gonogo.tests.proving.bench.timedparts`."""

from __future__ import annotations

from gonogo.base.words import Score
from gonogo.proving.bench.part_time import Timed
from gonogo.tests.fakes import entry_of

MS = 1_000_000


def timed(serial: int, trigger_ms: float) -> Timed:
    """Frame after 1 ms, rules after 3, engine from 2 to 6, decided after 7, at the PLC after 8."""
    start_ns = round(trigger_ms * MS)
    entry = entry_of(serial)
    stamps = entry.stamps._replace(
        frame_ns=start_ns + MS, rules_ns=start_ns + 3 * MS, decided_ns=start_ns + 7 * MS
    )
    entry = entry._replace(
        part=entry.part._replace(trigger_ns=start_ns),
        stamps=stamps,
        scores=(Score(0, 0.5, start_ns + 2 * MS, start_ns + 6 * MS, 1),),
    )
    return Timed(start_ns + 8 * MS, entry)
