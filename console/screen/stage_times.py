"""How long the stages of the newest parts took, beside what each has: from the journal alone."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.base.words import NS_PER_MS
from gonogo.ipc.journal import JournalReader, JournalView
from gonogo.ipc.journal_records import DeliveryEntry, VerdictEntry, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.base.words import Part
    from gonogo.ipc.journal_records import AnyEntry

# in the order of the cycle; each ends at a time after the trigger and has a deadline after it
STAGES = ("frame", "rules", "engine", "reported", "published", "acknowledged")
P50, P99 = 0.5, 0.99


class Ended(NamedTuple):
    """A stage of a part: when it ended and when it had to, ns after the trigger."""

    stage: str
    at_ns: int
    due_ns: int


def stage_times(station: str) -> list[dict[str, Any]]:
    """Of each stage that any part in the journal went through, in ms; SegmentError."""
    with closing(JournalView.attach(station)) as journal:
        reader = JournalReader(journal, max(journal.written - journal.records, 0))
        return in_figures(_entries(reader))


def in_figures(entries: Iterable[AnyEntry]) -> list[dict[str, Any]]:
    """How many parts, half and 99 of 100 within what, the longest, what is due, and how many late.

    What is due may differ from part to part, with the speed of the belt: the shortest counts.
    """
    by_stage: dict[str, list[Ended]] = {}
    for each in _ended(entries):
        by_stage.setdefault(each.stage, []).append(each)
    return [_figures(name, by_stage[name]) for name in STAGES if name in by_stage]


def _figures(name: str, ended: list[Ended]) -> dict[str, Any]:
    at_ms = np.array([each.at_ns for each in ended], np.float64) / NS_PER_MS
    half, most = np.quantile(at_ms, [P50, P99])
    return {
        "stage": name, "parts": len(ended), "p50_ms": float(half), "p99_ms": float(most),
        "max_ms": float(at_ms.max()), "due_ms": min(each.due_ns for each in ended) / NS_PER_MS,
        "late": sum(each.at_ns > each.due_ns for each in ended),
    }  # fmt: skip


def _entries(reader: JournalReader) -> Iterator[AnyEntry]:
    for raw in reader.raws():
        with suppress(ValueError, LookupError):  # of a line that was killed as it wrote
            yield decode(raw)


def _ended(entries: Iterable[AnyEntry]) -> Iterator[Ended]:
    parts: dict[int, Part] = {}
    for entry in entries:
        if isinstance(entry, VerdictEntry):
            part, stamps = entry.part, entry.stamps
            parts[part.serial] = part
            yield from _of(part, "frame", stamps.frame_ns, part.camera_deadline_ns)
            yield from _of(part, "rules", stamps.rules_ns, part.engine_deadline_ns)
            yield from _of(part, "engine", stamps.engine_ns, part.engine_deadline_ns)
            yield from _of(part, "reported", stamps.reported_ns, part.deadline_ns)
        elif isinstance(entry, DeliveryEntry) and entry.serial in parts:
            part = parts.pop(entry.serial)
            yield from _of(part, "published", entry.published_ns, part.deadline_ns)
            yield from _of(part, "acknowledged", entry.acked_ns, part.deadline_ns)


def _of(part: Part, stage: str, at_ns: int, deadline_ns: int) -> Iterator[Ended]:
    if at_ns >= part.trigger_ns:  # 0: it did not happen
        yield Ended(stage, at_ns - part.trigger_ns, deadline_ns - part.trigger_ns)
