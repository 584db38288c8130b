"""From the judge's journal and the station's own to the figures of a rehearsal.

The verdict counts come from the judge alone; what rules and engine would have
said on their own, and how long each stage took, only the station knows.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.words import Mode, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry, VerdictEntry
from gonogo.proving.plcsim.blame import BOUND_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.proving.plcsim.judge import Judgement

STAGES = ("capture", "engine", "rules", "decide", "report", "total")


class Tally:
    """Collects the station's journal while a rehearsal runs."""

    def __init__(self) -> None:
        # by serial, which never repeats; part ids come again after 65535
        self.verdicts: dict[int, VerdictEntry] = {}
        self.deliveries: dict[int, DeliveryEntry] = {}

    def take(self, entries: Iterable[AnyEntry]) -> list[VerdictEntry]:
        """Keep entries; returns the newly judged parts."""
        judged = []
        for entry in entries:
            if isinstance(entry, DeliveryEntry):
                self.deliveries[entry.serial] = entry
            elif isinstance(entry, VerdictEntry):
                self.verdicts[entry.part.serial] = entry
                judged.append(entry)
        return judged

    def stages_ms(self) -> dict[str, dict[str, float | None]]:
        """p50, p99, p99.9 and max of every stage over all inspected parts, in ms."""
        spans: dict[str, list[float]] = {stage: [] for stage in STAGES}
        for serial, entry in self.verdicts.items():
            # a part without a frame has no stages, and would pull every percentile to 0
            if entry.stamps.frame_ns:
                for stage, span_ns in _spans(entry, self.deliveries.get(serial)).items():
                    spans[stage].append(span_ns / 1e6)
        return {stage: percentiles(values) for stage, values in spans.items()}

    def modes(self) -> dict[str, int]:
        """Parts judged in each mode."""
        counts = Counter(entry.mode for entry in self.verdicts.values())
        return {mode.name: counts[mode] for mode in Mode}

    def confusion(
        self, truth: Callable[[int], bool], side: Callable[[VerdictEntry], VerdictKind]
    ) -> dict[str, int | None]:
        """Overkill and escape of one side alone; None where that side never spoke."""
        opinions = [(truth(e.part.part_id), side(e)) for e in self.verdicts.values()]
        # no rules, or no engine: nothing is not the same as no mistakes
        if all(kind is VerdictKind.NONE for _, kind in opinions):
            return {"overkill": None, "escape": None}
        # everything but ACCEPT rejects, a side that said nothing about one part included
        accepted = [(good, kind is VerdictKind.ACCEPT) for good, kind in opinions]
        return {
            "overkill": sum(good and not passed for good, passed in accepted),
            "escape": sum(passed and not good for good, passed in accepted),
        }


def _spans(entry: VerdictEntry, delivery: DeliveryEntry | None) -> dict[str, int]:
    stamps = entry.stamps
    spans = {
        "capture": stamps.frame_ns - entry.part.trigger_ns,
        # rules and engine work at the same time, both from the frame on: their spans overlap
        "rules": stamps.rules_ns - stamps.frame_ns,
        "decide": stamps.decided_ns - stamps.engine_ns,
    }
    done_ns = [score.done_ns for score in entry.scores if score is not None]
    if done_ns:
        spans["engine"] = max(done_ns) - stamps.frame_ns  # the slowest view decides
    # reported and never published: the link was away, and no time is measured
    if delivery is not None and delivery.published_ns:
        spans["report"] = delivery.published_ns - stamps.decided_ns
        spans["total"] = delivery.published_ns - entry.part.trigger_ns
    return spans


def whose(judged: Judgement) -> dict[str, Any]:
    """Whose fault parts without a timely verdict are, part by part, and how late the judge was."""
    # parts still on the belt have missed nothing yet
    parts = [row for row in judged.rows if row.outcome and not row.timely]
    behind_ms = [span.ms for span in judged.behind]
    ours = {"late": judged.late_by_judge, "missing": judged.missing_by_judge}
    return {
        "by_station": {
            "late": judged.late - ours["late"],
            "missing": judged.missing - ours["missing"],
        },
        "by_judge": ours,
        "untimely": [
            {
                "part": row.part,
                "part_id": row.part_id,
                "late_ms": _ms(row.late_ms),
                "judge_late_ms": _ms(row.judge_late_ms),
                "by": "judge" if row.by_judge else "station",
            }
            for row in parts
        ],
        "judge": {
            "times_late": len(behind_ms),
            "late_ms": _ms(sum(behind_ms)),
            "worst_ms": _ms(max(behind_ms, default=0.0)),
            "bound_ms": BOUND_MS,  # lateness up to this counts for nothing
            "rank": judged.rank,
        },
    }


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def percentiles(values_ms: Sequence[float]) -> dict[str, float | None]:
    """p50, p99, p99.9 and max, rounded to a microsecond; None without any value."""
    keys = ("p50", "p99", "p999", "max")
    if not values_ms:
        return dict.fromkeys(keys)
    # between two values: of 40 parts p99 is none that was measured, unlike the judge's
    found = np.percentile(np.asarray(values_ms), [50, 99, 99.9, 100])
    return {key: round(float(value), 3) for key, value in zip(keys, found, strict=True)}


def as_json(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures with stable key order, ready for json.dump."""
    order = (
        "station", "engine_backend", "parts", "verdicts", "late", "missing", "wrong_part",
        "good", "bad", "confusion", "stages_ms", "ack_ms", "modes",
    )  # fmt: skip
    return {key: figures[key] for key in order if key in figures} | figures
