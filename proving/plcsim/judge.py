"""Judge a run by the PLC simulator's journal, and by nothing the station says of itself.

A part counts once it has been through the ejector; parts still on the belt when the
journal ends are `unfinished` and count for nothing else. A verdict is timely when
a scan saw it by trigger + budget. Every part without one is `missing`, the late ones
included. Overkill and escape are what happened to the part: good and ejected, bad
and passed. Percentiles are nearest-rank, in milliseconds.

The judge may have been late itself; it then says which parts that explains (blame.py).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict

from gonogo.proving.plcsim.blame import Witness
from gonogo.proving.plcsim.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gonogo.proving.plcsim.blame import Span

NS_PER_MS = 1_000_000
KINDS = {0: "none", 1: "accept", 2: "reject", 3: "recheck", 4: "not_inspected"}


class Spread(TypedDict):
    """Percentiles of `count` times in milliseconds; None where there are none."""

    count: int
    p50: float | None
    p99: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run was worth; counts are parts unless said otherwise."""

    planned: int
    parts: int  # triggered, and through the ejector
    unfinished: int  # triggered, but still on the belt when the journal ended
    verdicts: int  # with a timely record
    kinds: Mapping[str, int]  # these by kind, as in KINDS
    late: int
    missing: int  # no timely record, late ones included
    wrong_part: int  # records
    doubled: int  # records beyond the first of a part
    torn: int  # records that were not whole when first read
    good: int
    bad: int
    passed: int
    overkill: int
    escape: int
    end: str  # why the run ended; empty for a simulator that was killed
    missed_scans: int
    arrival_ms: Spread  # trigger to RES_SEQ at the PLC: the cycle without the scan
    seen_ms: Spread  # trigger to the scan that saw the record
    ack_ms: Spread  # RES_SEQ at the PLC to the acknowledgement published: the PLC's own part
    rows: tuple[Row, ...] = field(repr=False)
    late_by_judge: int = 0  # of these late and missing, which the judge's own lateness explains
    missing_by_judge: int = 0
    behind: tuple[Span, ...] = field(default=(), repr=False)  # where the judge was late
    rank: int = 0  # the real-time priority that it had

    @property
    def ok(self) -> bool:
        """Every part that went by had exactly one verdict, timely, for the right part."""
        # late ones are among the missing; overkill and escape are no matter of the wire
        wrong = self.missing + self.wrong_part + self.doubled
        return self.parts > 0 and wrong == 0

    @property
    def inconclusive(self) -> bool:
        """Not ok, and by the lateness of the judge alone."""
        # whatever is not excused is the station's, and one such part decides it
        by_station = self.missing - self.missing_by_judge + self.wrong_part + self.doubled
        return self.missing > 0 and by_station == 0


def judge(journal: Path) -> Judgement:
    """Judge a journal file; a last line that was cut off is left out.

    ValueError for a journal that is damaged before its last line.
    """
    return judge_events(_read(journal))


def judge_events(events: Iterable[Mapping[str, Any]]) -> Judgement:
    """Judge events in the order of the journal (gonogo.proving.plcsim.diary)."""
    tally = _Tally()
    for event in events:
        tally.add(event)
    return tally.judgement()


def spread(times_ms: Iterable[float]) -> Spread:
    """Nearest-rank percentiles, rounded to a microsecond."""
    ranked = sorted(times_ms)
    if not ranked:
        return Spread(count=0, p50=None, p99=None, max=None)

    def rank(share: float) -> float:
        # nearest rank: always a time that was measured, never one between two
        return round(ranked[max(math.ceil(share * len(ranked)), 1) - 1], 3)

    return Spread(count=len(ranked), p50=rank(0.5), p99=rank(0.99), max=rank(1.0))


def _read(journal: Path) -> Iterator[dict[str, Any]]:
    lines = journal.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            event = json.loads(line)
        except ValueError as error:
            if number == len(lines):
                return  # no end of line: the writer was cut off here
            raise ValueError(
                f"{journal}, line {number}: expected one JSON object, got {line[:60]!r};"
                " this journal was not written by the PLC simulator alone"
            ) from error
        yield event


class _Tally:
    """What has been counted so far."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self.counts: Counter[str] = Counter()
        self.ack_ms: list[float] = []
        self.unacked: dict[int, int] = {}  # sequence -> part, in the order of taking
        self.end = ""
        self.planned = self.missed_scans = 0
        self.witness = Witness()

    def add(self, event: Mapping[str, Any]) -> None:
        """Count one event; kinds that do not bear on the judgement are passed over."""
        # the witness sees every event; it knows which bear on blame
        self.witness.add(event)
        handle = _HANDLERS.get(event["event"])
        if handle is not None:
            handle(self, event)

    def start(self, event: Mapping[str, Any]) -> None:
        self.planned = event["plan"]["parts"]

    def trigger(self, event: Mapping[str, Any]) -> None:
        self.rows[event["part"]] = Row(
            part=event["part"],
            part_id=event["part_id"],
            good=event["good"],
            label=event["label"],
            trigger_ns=event["t_ns"],
            verdict=None,
            reason=None,
            taken="",
            records=0,
            arrival_ns=0,
            seen_ns=0,
            acked_ns=0,  # all that has not happened yet: Row says what 0 and "" mean
            outcome="",
            why="",
        )

    def record(self, event: Mapping[str, Any]) -> None:
        if event["part"] is None:
            return
        row = self.rows[event["part"]]
        self.counts["doubled"] += row.records > 0
        # a second record of a part has a sequence of its own, and is acknowledged, too
        self.unacked[event["seq"]] = row.part
        # the first record is the verdict; what comes after it is only counted
        if row.records:
            self.rows[row.part] = replace(row, records=row.records + 1)
            return
        self.rows[row.part] = replace(
            row,
            verdict=event["verdict"],
            reason=event["reason"],
            taken=event["taken"],
            records=1,
            arrival_ns=event["arrival_ns"],
            seen_ns=event["scan_ns"],
        )

    def wrong_part(self, _event: Mapping[str, Any]) -> None:
        self.counts["wrong_part"] += 1

    def torn(self, _event: Mapping[str, Any]) -> None:
        self.counts["torn"] += 1

    def ack(self, event: Mapping[str, Any]) -> None:
        """Acknowledgements are cumulative: all that was taken by now is acknowledged."""
        self.ack_ms.append((event["t_ns"] - event["arrival_ns"]) / NS_PER_MS)
        for part in self.unacked.values():
            self.rows[part] = replace(self.rows[part], acked_ns=event["t_ns"])
        self.unacked.clear()

    def out(self, event: Mapping[str, Any]) -> None:
        row = self.rows[event["part"]]
        self.rows[row.part] = replace(row, outcome=event["event"], why=event["why"])

    def over(self, event: Mapping[str, Any]) -> None:
        self.end, self.missed_scans = event["why"], event["missed_scans"]

    def judgement(self) -> Judgement:
        absence = self.witness.absence()
        rows = tuple(map(absence.judged, self.rows.values()))
        done = [row for row in rows if row.outcome]
        # verdicts count where they came in time: a late one was not there for the ejector
        heard = [row for row in done if row.timely]
        return Judgement(
            planned=self.planned,
            parts=len(done),
            unfinished=len(rows) - len(done),
            verdicts=len(heard),
            kinds=dict(Counter(KINDS.get(row.verdict or 0, "unknown") for row in heard)),
            # each of these is among the missing as well
            late=sum(row.taken == "late" for row in done),
            # the judge's own lateness is subtracted by whoever reports, not here: both are shown
            missing=len(done) - len(heard),
            wrong_part=self.counts["wrong_part"],
            doubled=self.counts["doubled"],
            torn=self.counts["torn"],
            good=sum(row.good for row in done),
            bad=sum(not row.good for row in done),
            passed=sum(row.outcome == "pass" for row in done),
            overkill=sum(row.good and row.outcome == "eject" for row in done),
            escape=sum(not row.good and row.outcome == "pass" for row in done),
            end=self.end,
            missed_scans=self.missed_scans,
            arrival_ms=spread(_since_trigger(row, row.arrival_ns) for row in done if row.records),
            seen_ms=spread(_since_trigger(row, row.seen_ns) for row in done if row.records),
            ack_ms=spread(self.ack_ms),
            rows=rows,
            late_by_judge=sum(row.by_judge and row.taken == "late" for row in done),
            missing_by_judge=sum(row.by_judge for row in done),
            behind=absence.times(),
            rank=self.witness.rank,
        )


_HANDLERS = {
    "start": _Tally.start,
    "trigger": _Tally.trigger,
    "record": _Tally.record,
    "wrong_part": _Tally.wrong_part,
    "torn": _Tally.torn,
    "ack": _Tally.ack,
    "pass": _Tally.out,
    "eject": _Tally.out,  # what happened to the part, whatever was said of it
    "end": _Tally.over,
}


def _since_trigger(row: Row, at_ns: int) -> float:
    return (at_ns - row.trigger_ns) / NS_PER_MS
