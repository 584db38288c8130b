"""From the two journals of a campaign to what each fault did."""

from __future__ import annotations

import bisect
import json
from typing import TYPE_CHECKING, Any

from gonogo.base.words import Mode, VerdictKind
from gonogo.proving.campaign.outcome import Injection, RowOutcome
from gonogo.proving.plcsim.judge import judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.proving.campaign.rows import CampaignRow
    from gonogo.proving.campaign.run import Segment, Shot, Trace
    from gonogo.proving.plcsim.row import Row as JudgedPart

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
IN_HAND_NS = 200 * NS_PER_MS  # a part in hand when the fault came belongs to the gap, too
OVERLAPPING = 8  # faults at most that one gap can reach over
LINE_ROWS = ("line-kill", "line-stop", "line-abort")


class Analysis:
    """Looks up what happened when."""

    def __init__(self, trace: Trace) -> None:
        judged = judge(trace.journal)
        self.parts = sorted((p for p in judged.rows if p.outcome), key=lambda p: p.trigger_ns)
        # sorted, so that a moment is found by bisection: a soak has a hundred thousand parts
        self._triggers = [part.trigger_ns for part in self.parts]
        self._entries = sorted(trace.entries, key=lambda e: e.part.trigger_ns)
        self._lapses = permit_lapses(trace.journal)

    def row(self, segment: Segment) -> RowOutcome:
        """One row's outcome."""
        row = segment.row
        first = bisect.bisect_left(self._triggers, segment.from_ns)
        last = bisect.bisect_left(self._triggers, segment.to_ns)
        # by its trigger: a part belongs to the row in which it came, whenever it was judged
        parts = self.parts[first:last]
        silent = [p for p in parts if not p.timely]
        # what the row allows comes first: there the PLC is alone, whoever was late
        excused = [p for p in silent if in_gap(p.trigger_ns, segment.shots)]
        # only of these it is asked whose fault they are
        owed = [p for p in silent if p not in excused]
        ours = [p for p in owed if not p.by_judge]
        return RowOutcome(
            row=row.name,
            what=row.what,
            injections=tuple(self._injection(shot.row, shot) for shot in segment.shots),
            parts=len(parts),
            # at the ejector, over all parts: nothing excuses a bad part that passed
            wrong_accept=sum(not p.good and p.outcome == "pass" for p in parts),
            late=sum(p.taken == "late" for p in ours),
            silent=tuple(self._silent(p, segment.shots) for p in ours),
            by_judge=tuple(self._silent(p, segment.shots) for p in owed if p.by_judge),
            doubled=sum(p.records > 1 for p in parts),
            in_gap=len(excused),
            bound_ms=row.bound_ms,
        )

    def _silent(self, part: JudgedPart, shots: Sequence[Shot]) -> dict[str, Any]:
        """A part without the verdict it should have had, how late, and the faults before it."""
        # a fault hits the part in hand, too, so it may come after the trigger
        at = bisect.bisect_right(shots, part.trigger_ns + IN_HAND_NS, key=lambda shot: shot.at_ns)
        last = [  # the fault itself, and the one before that it may have met
            (shot.row.name, round((part.trigger_ns - shot.at_ns) / NS_PER_MS, 1))
            for shot in shots[max(at - 2, 0) : at]
        ]
        times = {"late_ms": part.late_ms, "judge_late_ms": round(part.judge_late_ms, 3)}
        said = {"part_id": part.part_id, "taken": part.taken, "why": part.why}
        return said | times | {"ms_after": last}

    def _injection(self, row: CampaignRow, shot: Shot) -> Injection:
        before = bisect.bisect_right(self._triggers, shot.at_ns) - 1
        # where in a part's time it came: the campaign is random in just this
        phase_ns = shot.at_ns - self._triggers[before] if before >= 0 else 0
        hit = self._hit(row, shot)
        bad = [part for part in hit if not part.good]
        return Injection(
            phase_ms=round(phase_ns / NS_PER_MS, 3),
            detect_ms=self._detect_ms(row, shot),
            recover_s=self._recover_s(row, shot),
            dangerous=len(bad),
            # detected is what became of the part, not what the log says
            detected=sum(part.outcome != "pass" for part in bad),
            ended_ms=(shot.ended_ns - shot.at_ns) / NS_PER_MS if shot.ended_ns else None,
        )

    def _hit(self, row: CampaignRow, shot: Shot) -> Sequence[JudgedPart]:
        """Parts that passed the station while the fault was there."""
        # 0.1 s, a pitch: a fault of a moment hits the part in hand and the next one
        last_ns = shot.at_ns + round(max(row.for_s or 0.0, 0.1) * NS_PER_S)
        at = max(bisect.bisect_right(self._triggers, shot.at_ns) - 1, 0)  # from the part in hand on
        return self.parts[at : bisect.bisect_right(self._triggers, last_ns)]

    def _detect_ms(self, row: CampaignRow, shot: Shot) -> float | None:
        if row.detect == "mode" and shot.mode_ns:
            # from its end, where the kernel told it: until then the process could still answer
            return max(shot.mode_ns - (shot.ended_ns or shot.at_ns), 0) / NS_PER_MS
        if row.detect == "part":
            return self._by_part_ms(shot)
        if row.detect == "refused":
            return self._by_refusal_ms(shot)
        if row.detect == "permit":
            # by the PLC's own eyes, so its scan is in it
            at = bisect.bisect_right(self._lapses, shot.at_ns)
            if at < len(self._lapses):
                return (self._lapses[at] - shot.at_ns) / NS_PER_MS
        return None

    def _by_part_ms(self, shot: Shot) -> float | None:
        """To the verdict that shows it: from the fault, or from the first trigger after it.

        A part that was in hand and whose stage was over when the fault came shows nothing.
        """
        after = self._after(shot.at_ns)
        fresh = [e.part.trigger_ns for e in after if e.part.trigger_ns > shot.at_ns]
        for entry in after:
            if entry.mode is not Mode.FULL:
                in_hand = entry.part.trigger_ns <= shot.at_ns
                return (entry.stamps.decided_ns - (shot.at_ns if in_hand else fresh[0])) / NS_PER_MS
        return None

    def _by_refusal_ms(self, shot: Shot) -> float | None:
        """From the trigger of the first part that was not inspected to its verdict."""
        for entry in self._after(shot.at_ns):
            if entry.kind is VerdictKind.NOT_INSPECTED:
                return (entry.stamps.reported_ns - entry.part.trigger_ns) / NS_PER_MS
        return None

    def _after(self, at_ns: int) -> list[VerdictEntry]:
        """Parts decided after a moment, in order."""
        at = bisect.bisect_left(self._entries, at_ns, key=lambda e: e.stamps.decided_ns)
        return self._entries[at : at + 50]

    def _recover_s(self, row: CampaignRow, shot: Shot) -> float | None:
        # there is no mode to read while the line is gone: it is back with its first verdict
        if row.name in LINE_ROWS:
            after = [e for e in self._after(shot.at_ns) if e.kind is not VerdictKind.NOT_INSPECTED]
            started = [e for e in after if e.part.trigger_ns > shot.at_ns]
            return (started[0].stamps.decided_ns - shot.at_ns) / NS_PER_S if started else None
        return (shot.full_ns - shot.at_ns) / NS_PER_S if shot.full_ns else None


def in_gap(trigger_ns: int, shots: Sequence[Shot]) -> bool:
    """Whether a part came while, as a row allows, the PLC was alone.

    The next fault may come before the gap of the last one is over.
    """
    at = bisect.bisect_right(shots, trigger_ns + IN_HAND_NS, key=lambda shot: shot.at_ns)
    return any(
        shot.row.gap_ms and trigger_ns <= shot.at_ns + shot.row.gap_ms * NS_PER_MS
        for shot in shots[max(at - OVERLAPPING, 0) : at]
    )


def permit_lapses(journal: Path) -> list[int]:
    """Moments at which the PLC saw the permit go, monotonic ns."""
    return [at_ns for at_ns, on in permit_changes(journal) if not on]


def permit_changes(journal: Path) -> list[tuple[int, bool]]:
    """When the PLC saw the permit change, monotonic ns, and to what."""
    changes = []
    with journal.open(encoding="utf-8") as lines:
        for line in lines:
            # most lines are none, and need not be parsed
            if '"permit"' in line:
                event = json.loads(line)
                if event["event"] == "permit":
                    changes.append((int(event["t_ns"]), bool(event["on"])))
    return changes
