"""From the two journals of a campaign to what each fault did."""

from __future__ import annotations

import bisect
import json
from typing import TYPE_CHECKING

from gonogo.plc.judge import judge
from gonogo.runtime.parts import Kind, Mode
from gonogo.watchdog.campaign.outcome import Injection, RowOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.plc.judge import Row as JudgedPart
    from gonogo.runtime.journal import VerdictEntry
    from gonogo.watchdog.campaign.rows import CampaignRow
    from gonogo.watchdog.campaign.run import Segment, Shot, Trace

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
LINE_ROWS = ("line-kill", "line-stop", "line-abort")


class Analysis:
    """Looks up what happened when."""

    def __init__(self, trace: Trace) -> None:
        judged = judge(trace.journal)
        self.parts = sorted((p for p in judged.rows if p.outcome), key=lambda p: p.trigger_ns)
        self._triggers = [part.trigger_ns for part in self.parts]
        self._entries = sorted(trace.entries, key=lambda e: e.part.trigger_ns)
        self._lapses = permit_lapses(trace.journal)

    def row(self, segment: Segment) -> RowOutcome:
        """One row's outcome."""
        row = segment.row
        first = bisect.bisect_left(self._triggers, segment.from_ns)
        last = bisect.bisect_left(self._triggers, segment.to_ns)
        parts = self.parts[first:last]
        gaps = [(s.at_ns, s.at_ns + row.gap_ms * NS_PER_MS) for s in segment.shots]
        budget_ns = 2 * 10**8  # a part in hand when the fault came belongs to the gap, too
        silent = [p for p in parts if not p.timely]
        in_gap = [
            p
            for p in silent
            if row.gap_ms and any(a - budget_ns <= p.trigger_ns <= b for a, b in gaps)
        ]
        return RowOutcome(
            row=row.name,
            what=row.what,
            injections=tuple(self._injection(row, shot) for shot in segment.shots),
            parts=len(parts),
            wrong_accept=sum(not p.good and p.outcome == "pass" for p in parts),
            late=sum(p.taken == "late" for p in parts if p not in in_gap),
            no_verdict=len(silent) - len(in_gap),
            doubled=sum(p.records > 1 for p in parts),
            in_gap=len(in_gap),
            bound_ms=row.bound_ms,
        )

    def _injection(self, row: CampaignRow, shot: Shot) -> Injection:
        before = bisect.bisect_right(self._triggers, shot.at_ns) - 1
        phase_ns = shot.at_ns - self._triggers[before] if before >= 0 else 0
        hit = self._hit(row, shot)
        bad = [part for part in hit if not part.good]
        return Injection(
            phase_ms=round(phase_ns / NS_PER_MS, 3),
            detect_ms=self._detect_ms(row, shot),
            recover_s=self._recover_s(row, shot),
            dangerous=len(bad),
            detected=sum(part.outcome != "pass" for part in bad),
        )

    def _hit(self, row: CampaignRow, shot: Shot) -> Sequence[JudgedPart]:
        """Parts that passed the station while the fault was there."""
        last_ns = shot.at_ns + round(max(row.for_s or 0.0, 0.1) * NS_PER_S)
        at = max(bisect.bisect_right(self._triggers, shot.at_ns) - 1, 0)
        return self.parts[at : bisect.bisect_right(self._triggers, last_ns)]

    def _detect_ms(self, row: CampaignRow, shot: Shot) -> float | None:
        if row.detect == "mode" and shot.mode_ns:
            return (shot.mode_ns - shot.at_ns) / NS_PER_MS
        if row.detect == "part":
            return self._by_part_ms(shot)
        if row.detect == "permit":
            at = bisect.bisect_right(self._lapses, shot.at_ns)
            if at < len(self._lapses):
                return (self._lapses[at] - shot.at_ns) / NS_PER_MS
        return None

    def _by_part_ms(self, shot: Shot) -> float | None:
        """From the fault (or the first trigger after it) to the verdict that shows it."""
        for entry in self._after(shot.at_ns):
            if entry.mode is not Mode.FULL:
                first = max(shot.at_ns, self._first_trigger(shot.at_ns))
                return max(entry.stamps.decided_ns - first, 0) / NS_PER_MS
        return None

    def _first_trigger(self, at_ns: int) -> int:
        """Trigger of the first part that was decided after a moment."""
        return next((e.part.trigger_ns for e in self._after(at_ns)), at_ns)

    def _after(self, at_ns: int) -> list[VerdictEntry]:
        """Parts decided after a moment, in order."""
        at = bisect.bisect_left(self._entries, at_ns, key=lambda e: e.stamps.decided_ns)
        return self._entries[at : at + 50]

    def _recover_s(self, row: CampaignRow, shot: Shot) -> float | None:
        if row.name in LINE_ROWS:
            after = [e for e in self._after(shot.at_ns) if e.kind is not Kind.NOT_INSPECTED]
            started = [e for e in after if e.part.trigger_ns > shot.at_ns]
            return (started[0].stamps.decided_ns - shot.at_ns) / NS_PER_S if started else None
        return (shot.full_ns - shot.at_ns) / NS_PER_S if shot.full_ns else None


def permit_lapses(journal: Path) -> list[int]:
    """Moments at which the PLC saw the permit go, monotonic ns."""
    lapses = []
    with journal.open(encoding="utf-8") as lines:
        for line in lines:
            if '"permit"' in line:
                event = json.loads(line)
                if event["event"] == "permit" and not event["on"]:
                    lapses.append(event["t_ns"])
    return lapses
