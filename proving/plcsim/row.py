"""One part as the judge saw it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One triggered part; times are monotonic ns, 0 where it did not happen.

    `verdict` and `reason` are the words of its first record, None without one, and
    `taken` what that record meant (conveyor.Taken), "" without one. `outcome` is "pass",
    "eject", or "" while the part is on the belt; `why` is conveyor.Why. Of a part without a
    timely verdict: `late_ms` after its decision point, None where none came; `judge_late_ms`
    for which the judge itself was away meanwhile; `by_judge`: that explains it.
    """

    part: int
    part_id: int
    good: bool  # what the part really is (plan.truths)
    label: str
    trigger_ns: int  # the scan that put it on the belt
    # words as the PLC read them, whatever the station meant by them
    verdict: int | None
    reason: int | None
    taken: str
    records: int  # how many it got; more than one is a fault of the station
    # the way of its first record: at the PLC, seen by a scan, acknowledged on the wire
    arrival_ns: int
    seen_ns: int
    acked_ns: int
    outcome: str
    why: str
    by_judge: bool = False
    late_ms: float | None = None
    judge_late_ms: float = 0.0

    @property
    def timely(self) -> bool:
        """Its first record was seen by its decision point."""
        return self.taken == "timely"
