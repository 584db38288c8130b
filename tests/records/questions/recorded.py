"""Records of a few parts of two runs, over the end of a month.

Import as `gonogo.tests.records.questions.recorded`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gonogo.base.words import Part, Reason, RuleResult, Score, Status, VerdictKind, ViewCapture
from gonogo.ipc.journal_records import DeliveryEntry, ShadowEntry
from gonogo.records.labels import Clock, Labels
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of
from gonogo.tests.records.months import THEN

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.journal_records import VerdictEntry

LABELS = Labels(("top", "side"), ("width", "gap"), ("mm", "mm"))
S, MS = 10**9, 10**6
START_MS = 1_701_388_795_000  # 2023-11-30 23:59:55 UTC: serial 6 and later are of December
ENGINE, OTHER = 0xABC, 0xDEF


def judged(serial: int, part_id: int | None = None) -> VerdictEntry:
    """A part each second; each third is rejected by its first rule, each fifth has no side view."""
    at = serial * S
    part = Part(serial, serial if part_id is None else part_id, at, at + 1, at + 2, at + 200 * MS)
    bad = serial % 3 == 0
    entry = entry_of(serial)._replace(
        part=part,
        kind=VerdictKind.REJECT if bad else VerdictKind.ACCEPT,
        reason=Reason.RULE if bad else Reason.OK,
        score=1000 + serial,
        stamps=entry_of(serial).stamps._replace(
            frame_ns=at + 10 * MS, rules_ns=at + 15 * MS, engine_ns=at + 20 * MS,
            decided_ns=at + 21 * MS, reported_ns=at + 22 * MS,
        ),
        checks=(
            RuleResult(Status.FAIL if bad else Status.PASS, 12.5 if bad else 11.0, 10.0, 12.0),
            RuleResult(Status.CANNOT_TELL, float("nan"), float("-inf"), 1.0),
        ),
    )  # fmt: skip
    looks = [ViewCapture(0, 0, at + 9 * MS), ViewCapture(1, 1, at + 10 * MS)]
    scores = [Score(k, 0.25 + k, at + 11 * MS, at + 19 * MS, ENGINE + k) for k in (0, 1)]
    if serial % 5 == 0:
        looks, scores = looks[:1], scores[:1]
    return entry._replace(looks=tuple(looks), scores=tuple(scores))


def delivered(serial: int) -> DeliveryEntry:
    """30 ms after its trigger, as it was decided."""
    entry, at = judged(serial), serial * S
    return DeliveryEntry(serial, serial, serial, at + 25 * MS, at + 30 * MS, delivered=True,
                         kind=entry.kind, reason=entry.reason)  # fmt: skip


def shadowed(serial: int) -> ShadowEntry:
    """Another engine would have accepted it."""
    at = serial * S
    score = Score(0, 0.125, at + 40 * MS, at + 52 * MS, OTHER)
    kind = VerdictKind.ACCEPT
    return ShadowEntry(serial, serial, kind, Reason.OK, 100, kind, (score, None))


def same(clock: Clock) -> Clock:
    """The clock stands."""
    return clock


def write(path: Path) -> Path:
    """Run `a` with serials 1 to 9 of which 4 and 5 are missing, and run `b` with 1 to 3."""
    for run, serials in (("a", (1, 2, 3, 6, 7, 8, 9)), ("b", (1, 2, 3))):
        clock = Clock(START_MS * MS + (20 * S if run == "b" else 0), 0)
        store = Store(path, LABELS, run, THEN._replace(now=partial(same, clock)))
        store.write([judged(serial) for serial in serials])
        store.write([delivered(serial) for serial in serials[:-1]])
        store.write([shadowed(3)])
        if run == "a":
            store.lost(2, "journal overwritten")
        store.close()
    return path
