"""Whose fault a part without a timely verdict is: the station's, or that of a judge that was late.

    trigger     heard                    decision
       |----------|--------------------------|----------->
             [ the judge was behind ] arrival   seen

The judge is excused by its own measured lateness alone, and only where that explains all of it:

1. Of a verdict that came late. What the judge took before the station could read the trigger is
   given to the station again. Of what is missing then, the judge must have taken all: before the
   arrival by not answering (or, where it polls, not asking), after that by not scanning. And
   the verdict must have been there as soon as the judge was back: a station that works on while
   the judge is away has it ready by then.
2. Of a verdict that never came. A judge that owed an answer for so long that a station hangs up,
   and was hung up on, broke the link, and what was on its way is lost by the rules of the
   interface. So did one that let its heart stand still for too long. That lasts until the station
   has a new session, and for `RECOVERY_MS` at most.

A station that was late in the same moment is not excused. The wire tells it apart: it had asked
for nothing, or waited for an answer longer than it ever does, or, polled, says itself that it took
too long. Where it had asked, and stood still only then, nothing tells, and the judge alone would
have been enough. Verdicts for a wrong part, and doubled ones, are never excused.
"""

from __future__ import annotations

import bisect
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gonogo.proving.plcsim.row import Row

NS_PER_MS, NS_PER_100US = 1_000_000, 100_000
BOUND_MS = 10.0  # lateness of the judge below this counts for nothing
GRACE_MS = 5.0  # after the judge's return, for a verdict that was ready
HANG_UP_MS = 50.0  # the shortest time for which a station waits for a reply (PLC interface, 5)
WAIT_OVER_MS = 20.0  # so much longer than it says it waits only if it is not there itself
CLOCKS_MS = 1.0  # its clock and the kernel's stamp are not read at the same moment
HEART_MS = 500.0  # PLC_HEART unchanged for as long: the link is lost (PLC interface, 3)
RECOVERY_MS = 2000.0  # after which a link must be back


class Span(NamedTuple):
    """A time during which the judge was behind, monotonic ns; `what` as in the diary."""

    what: str
    since_ns: int
    until_ns: int

    @property
    def ms(self) -> float:
        """How long."""
        return (self.until_ns - self.since_ns) / NS_PER_MS


class Known(NamedTuple):
    """What the journal says besides, monotonic ns; by part where it is about parts.

    `heard_ns`: when the station could first read its id; `took_ns`: for how long the station
    says that it worked; `hang_ups_ns`: when connections ended; `sessions_ns`: when a new
    session was agreed on. `waits_ms`: how long the station waits for a reply, 0 where it is
    not known; `polls`: the judge polls.
    """

    budget_ns: int
    polls: bool
    waits_ms: float  # 0: not known
    heard_ns: Mapping[int, int]
    took_ns: Mapping[int, int]
    hang_ups_ns: Sequence[int]
    sessions_ns: Sequence[int]


class Absence:
    """Where the judge was away, and what that broke."""

    def __init__(self, behind: Iterable[Span], known: Known) -> None:
        # some ms of jitter are every PLC's: what lies below the bound excuses nobody
        self.spans = _sorted(span for span in behind if span.ms > BOUND_MS)
        self._known = known
        # what the station did not hear of is an outage; what it was away for itself is not counted
        self._outages = [self._outage(span) for span in self.spans if self._breaks(span)]
        counted = [span for span in self.spans if not self._deaf(span)]
        self._ours = _sorted(counted + self._outages)
        # where the judge serves, a scan holds up no answer: another thread gives those
        self._wire = [s for s in self._ours if known.polls or s.what != "scan"]
        # once the record is here, answering helps nobody: only the scan can still see it
        self._scans = [s for s in counted if s.what != "reply"]

    def taken_ms(self, from_ns: int, to_ns: int) -> float:
        """For how long the judge was away between two moments, or the link that it had broken."""
        return covered_ns(_sorted(self.spans + self._outages), from_ns, to_ns) / NS_PER_MS

    def times(self) -> tuple[Span, ...]:
        """The judge's absences, those of its threads at the same time as one."""
        found: list[Span] = []
        for span in self.spans:
            # two threads that were stopped together are one absence, told once
            if found and span.since_ns <= found[-1].until_ns:
                last = found.pop()
                span = last._replace(until_ns=max(last.until_ns, span.until_ns))  # noqa: PLW2901
            found.append(span)
        return tuple(found)

    def judged(self, row: Row) -> Row:
        """A part that had no timely verdict at the ejector: with both times, and whose fault."""
        if row.timely or not row.outcome:
            return row
        decision_ns = row.trigger_ns + self._known.budget_ns
        came = row.taken == "late"  # else nothing came, or only what is none of its first record
        # of a part without a verdict nothing after its decision point could have helped
        until_ns = row.seen_ns if came else decision_ns
        return replace(
            row,
            by_judge=self._late(row, decision_ns) if came else self._silent(row, decision_ns),
            late_ms=(row.seen_ns - decision_ns) / NS_PER_MS if came else None,
            judge_late_ms=self.taken_ms(row.trigger_ns, until_ns),
        )

    def _hung_up(self, span: Span) -> bool:
        """Whether a connection ended while the judge was away, or was found ended after that."""
        at = bisect.bisect_left(self._known.hang_ups_ns, span.since_ns)
        # a stopped judge finds the end of a connection only when it runs again, so a little later
        next_ns = self._known.hang_ups_ns[at : at + 1]
        return bool(next_ns) and next_ns[0] <= span.until_ns + GRACE_MS * NS_PER_MS

    def _breaks(self, span: Span) -> bool:
        """Whether it broke the link."""
        # a scan (or a poll) that stands still is a heart that stands still
        if span.what != "reply":
            return span.ms >= HEART_MS
        # owed as long as the station waits is not enough: it must have given up, too
        least_ms = (self._known.waits_ms or HANG_UP_MS) - CLOCKS_MS
        return span.ms >= least_ms and self._hung_up(span)

    def _deaf(self, span: Span) -> bool:
        """Whether the station, too, was away: it waited for longer than it ever does."""
        waits_ms = self._known.waits_ms
        long = waits_ms > 0 and span.ms > waits_ms + WAIT_OVER_MS
        return span.what == "reply" and long and not self._hung_up(span)

    def _outage(self, span: Span) -> Span:
        """From the judge's absence to the next session."""
        at = bisect.bisect_right(self._known.sessions_ns, span.since_ns)
        end_ns = span.until_ns + round(RECOVERY_MS * NS_PER_MS)
        # a station that needs longer to come back is late itself
        back_ns = min((*self._known.sessions_ns[at : at + 1], end_ns))
        return Span("outage", span.since_ns, max(back_ns, span.until_ns))

    def _silent(self, row: Row, decision_ns: int) -> bool:
        """Nothing ever came: only where the link was broken by us while it was due."""
        # a record of another moment would mean that the link was there
        return not row.records and any(
            outage.since_ns <= decision_ns and row.trigger_ns <= outage.until_ns
            for outage in self._outages
        )

    def _late(self, row: Row, decision_ns: int) -> bool:
        # never later than the answer; a station's own photo-eye names parts that nobody heard of
        heard_ns = min(self._known.heard_ns.get(row.part, row.arrival_ns), row.arrival_ns)
        # what the judge took before the station could begin is given to it again, at the end
        due_ns = decision_ns + covered_ns(self._ours, row.trigger_ns, heard_ns)
        if row.seen_ns <= due_ns:
            return True
        if self._known.polls and heard_ns + self._known.took_ns.get(row.part, 0) > due_ns:
            return False  # nothing kept a station that is polled from having it ready
        # all that is missing must be ours: a part of it excuses nothing
        taken_ns = covered_ns(self._wire, heard_ns, row.arrival_ns)
        taken_ns += covered_ns(self._scans, row.arrival_ns, row.seen_ns)
        return row.seen_ns - due_ns <= taken_ns and self._prompt(row, heard_ns, due_ns)

    def _prompt(self, row: Row, heard_ns: int, due_ns: int) -> bool:
        """It came in time, or as soon as the judge was back."""
        # absences that reach into the time in which it was due
        back_ns = [s.until_ns for s in self._wire if s.since_ns <= due_ns and s.until_ns > heard_ns]
        ready_ns = max(back_ns, default=due_ns) + GRACE_MS * NS_PER_MS
        return row.arrival_ns <= (ready_ns if back_ns else due_ns)


class Witness:
    """Collects what bears on that, event by event of the journal (gonogo.proving.plcsim.diary)."""

    def __init__(self) -> None:
        self.rank = 0
        self._plan: Mapping[str, Any] = {}
        self._behind: list[Span] = []
        self._newest: dict[int, int] = {}  # part id -> the part that bore it last
        self._heard_ns: dict[int, int] = {}
        self._took_ns: dict[int, int] = {}
        self._hang_ups_ns: list[int] = []
        self._sessions_ns: list[int] = []

    def add(self, event: Mapping[str, Any]) -> None:
        """Keep one event; kinds that do not bear on it are passed over."""
        match event["event"]:
            case "start":
                self._plan, self.rank = event["plan"], event.get("rank", 0)
            case "trigger":
                self._newest[event["part_id"]] = event["part"]
            # ids come again after 65535 parts, or by script: the part that bore it last is meant
            case "heard" if event["part_id"] in self._newest:
                self._heard_ns.setdefault(self._newest[event["part_id"]], event["t_ns"])
            case "behind":
                self._behind.append(Span(event["what"], event["since_ns"], event["t_ns"]))
            # the first record counts, as everywhere: a second one is a fault of its own
            case "record" if event["part"] is not None:
                took_ns = event.get("latency_100us", 0) * NS_PER_100US
                self._took_ns.setdefault(event["part"], took_ns)
            # who hung up is not told apart here: the span that was owed meanwhile tells it
            case "link" if event["what"] == "disconnected":
                self._hang_ups_ns.append(event["t_ns"])
            case "session":
                self._sessions_ns.append(event["t_ns"])

    def absence(self) -> Absence:
        """All of it, once the journal is at its end."""
        plan = self._plan
        known = Known(
            budget_ns=round(plan.get("budget_ms", 0) * NS_PER_MS),
            polls=plan.get("station") == "server",
            waits_ms=plan.get("station_waits_ms") or 0.0,
            heard_ns=self._heard_ns,
            took_ns=self._took_ns,
            hang_ups_ns=sorted(self._hang_ups_ns),
            sessions_ns=sorted(self._sessions_ns),
        )
        return Absence(self._behind, known)


def _sorted(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: span.since_ns)


def covered_ns(spans: Sequence[Span], from_ns: int, to_ns: int) -> int:
    """How much of a time lies in one span at least; they are in the order of their beginning."""
    sum_ns, done_ns = 0, from_ns
    for span in spans:
        # from where the last one ended: what two spans cover counts once
        begin_ns, end_ns = max(span.since_ns, done_ns), min(span.until_ns, to_ns)
        if end_ns > begin_ns:
            sum_ns += end_ns - begin_ns
            done_ns = end_ns
    return sum_ns
