"""The belt of the PLC simulator: shift register, decision point and ejector, as pure logic.

    photo-eye ----- travel ------------------> ejector
        |<---- budget ---->|                       |
      put()          decision point             due()

A part is on the belt from its trigger until the ejector. It passes only with a
fresh ACCEPT that a scan saw by the decision point (trigger + budget); silence,
doubt and everything else eject it. All times are absolute monotonic
nanoseconds and come from the caller, so that tests can script them.

Nothing here is shared with the station: the numbers of the register map are
written down once more, so that a slip on either side shows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

ACCEPT = 1  # VERDICT word; every other value rejects
STALE_FLAGS = 0b110  # FLAGS bits 1 (late) and 2 (test): such an ACCEPT is not for this belt
REMEMBERED = 64  # parts kept after the ejector, to tell a late record from a stray one
DISOWNED = 8  # ids: no more records than these can be under way (result slots of the map)


class Record(NamedTuple):
    """One result record as the PLC read it; `latency_100us` in 0.1 ms, `score` is 0-10000."""

    seq: int
    part_id: int
    verdict: int
    reason: int
    score: int
    flags: int
    latency_100us: int


class Taken(str, Enum):
    """What a record meant to the belt."""

    TIMELY = "timely"  # the first record of a part, by its decision point
    LATE = "late"  # the first record of a part, after its decision point
    DOUBLED = "doubled"  # a further record of a part that already had one
    LOST = "lost"  # of a part that the PLC forgot when it rebooted
    UNPLANNED = "unplanned"  # of a part that only the station's own trigger counts
    WRONG_PART = "wrong_part"  # of no part on the belt, nor of one that just left it


class Why(str, Enum):
    """Why the ejector did what it did."""

    ACCEPT = "accept"  # the only one that passes
    SILENT = "silent"  # no record
    LATE = "late"  # a record after the decision point
    VERDICT = "verdict"  # a record that is no ACCEPT
    FLAGS = "flags"  # an ACCEPT marked late or test by the station itself
    REPEATED = "repeated"  # an id that another part carried a moment ago
    LOST = "lost"  # on the belt while the PLC rebooted
    PERMIT = "permit"  # the station had withdrawn its permit
    HEART = "heart"  # the station's heartbeat stood still


@dataclass(slots=True)
class Entry:
    """One part on the belt; `serial` counts parts from 1 and never repeats."""

    serial: int
    part_id: int
    trigger_ns: int
    decision_ns: int
    eject_ns: int
    repeated: bool = False
    lost: bool = False
    late: bool = False
    records: list[Record] = field(default_factory=list)


class Ejected(NamedTuple):
    """A part that has been through the ejector."""

    entry: Entry
    passed: bool
    why: Why


class Conveyor:
    """The shift register: one entry per part between photo-eye and ejector, oldest first."""

    def __init__(self, budget_ns: int, travel_ns: int) -> None:
        if not 0 < budget_ns <= travel_ns:
            raise ValueError(
                f"conveyor: expected 0 < budget <= travel, got budget {budget_ns} ns and travel"
                f" {travel_ns} ns; place the decision point before the ejector"
            )
        self._budget_ns = budget_ns
        self._travel_ns = travel_ns
        self._belt: deque[Entry] = deque()
        self._gone: deque[Entry] = deque(maxlen=REMEMBERED)
        self._disowned: deque[int] = deque(maxlen=DISOWNED)
        self.triggered = 0

    def __len__(self) -> int:
        return len(self._belt)

    def put(self, part_id: int, now_ns: int) -> Entry:
        """Put the part at the photo-eye on the belt.

        An id that is still in memory cannot be told from its first bearer, so the
        second bearer is marked and will be ejected whatever is said of it.
        """
        self.triggered += 1
        # one that was lost in a reboot bears its id no more: the PLC has forgotten it
        known = any(e.part_id == part_id and not e.lost for e in self._known())
        entry = Entry(
            serial=self.triggered,
            part_id=part_id,
            trigger_ns=now_ns,
            decision_ns=now_ns + self._budget_ns,
            eject_ns=now_ns + self._travel_ns,
            repeated=known,
        )
        self._belt.append(entry)
        return entry

    def disown(self, part_id: int) -> None:
        """A part that a device trigger saw before or after this run: none of ours."""
        self._disowned.append(part_id)

    def take(self, record: Record, now_ns: int) -> tuple[Taken, Entry | None]:
        """Give a record, seen by the scan at `now_ns`, to the part whose id it carries."""
        entry = self._find(record.part_id)
        if entry is None:
            unplanned = record.part_id in self._disowned
            return (Taken.UNPLANNED if unplanned else Taken.WRONG_PART), None
        if entry.lost:
            return Taken.LOST, entry
        # kept, not replaced: where two disagree the ejector has to know both
        entry.records.append(record)
        if len(entry.records) > 1:
            return Taken.DOUBLED, entry
        entry.late = now_ns > entry.decision_ns
        return (Taken.LATE if entry.late else Taken.TIMELY), entry

    def due(self, now_ns: int, *, permit: bool, alive: bool) -> list[Ejected]:
        """Every part that has reached the ejector by `now_ns`, oldest first."""
        out = []
        while self._belt and self._belt[0].eject_ns <= now_ns:
            entry = self._belt.popleft()
            self._gone.append(entry)  # still known: a record may come after the ejector
            why = decide(entry, permit=permit, alive=alive)
            out.append(Ejected(entry, why is Why.ACCEPT, why))
        return out

    def forget(self) -> None:
        """The PLC rebooted: parts on the belt stay there, but nothing is known of them."""
        self._gone.clear()
        for entry in self._belt:
            entry.lost = True

    def _known(self) -> Iterable[Entry]:
        yield from self._belt
        yield from reversed(self._gone)

    def _find(self, part_id: int) -> Entry | None:
        """Who bears that id: first who has no record yet, the lost ones last."""
        bearers = [e for e in self._known() if e.part_id == part_id]
        # on the belt comes before what has left it, as min takes the first of equals
        return min(bearers, key=lambda e: (e.lost, bool(e.records)), default=None)


def decide(entry: Entry, *, permit: bool, alive: bool) -> Why:
    """What the ejector does with a part; ACCEPT passes it, everything else ejects it.

    Where two records of one part disagree, the part is ejected.
    """
    # the first that holds is the one that is told
    against = (
        (entry.lost, Why.LOST),
        (entry.repeated, Why.REPEATED),
        (not entry.records, Why.SILENT),
        (entry.late, Why.LATE),
        (any(record.verdict != ACCEPT for record in entry.records), Why.VERDICT),
        (any(record.flags & STALE_FLAGS for record in entry.records), Why.FLAGS),
        (not permit, Why.PERMIT),
        (not alive, Why.HEART),
    )
    return next((why for holds, why in against if holds), Why.ACCEPT)
