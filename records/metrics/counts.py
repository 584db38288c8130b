"""What the metrics process counts from the journal: each part once, since the process began.

It reads with a cursor of its own and writes nothing. What was overwritten before it came by is
missing in these counts, and counted as that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from gonogo.base.words import FaultBit, Mode, Reason, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry, UnfinishedEntry, VerdictEntry, decode, overrun

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gonogo.base.words import Score, ViewCapture

SHARES = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0, 1.5)  # of the budget; upper ends of the buckets
STAGES = ("frame", "rules", "engine", "reported", "published", "acknowledged")
OVERRUNS = ("camera", "rules", "report")
# the bound of a page that grows with what happens; a whole station has some 20 of them
KINDS_MAX = 80
OTHER = ("other", "other", "other")
WATCHED = (FaultBit.LINK, FaultBit.STRANGER)
IN_FLIGHT = 256  # parts whose delivery may still come
_S_PER_NS = 1e-9
# there from the first page on: a counter that begins at 1 has never risen, by Prometheus' reading
_USUAL = (
    (VerdictKind.ACCEPT, Reason.OK, Mode.FULL),
    (VerdictKind.ACCEPT, Reason.OK, Mode.RULES_ONLY),
    (VerdictKind.RECHECK, Reason.ENGINE_DOUBT, Mode.FULL),
    (VerdictKind.REJECT, Reason.ENGINE, Mode.FULL),
    (VerdictKind.REJECT, Reason.RULE, Mode.FULL),
    (VerdictKind.REJECT, Reason.CAMERA, Mode.SAFE),
    (VerdictKind.REJECT, Reason.DEADLINE, Mode.FULL),
    (VerdictKind.NOT_INSPECTED, Reason.OVERRATE, Mode.SAFE),
)


class Histogram:
    """Times in buckets that are shares of the budget, in seconds."""

    def __init__(self, budget_s: float) -> None:
        self.bounds_s = tuple(round(share * budget_s, 9) for share in SHARES)
        self.sum_s = 0.0
        self._counts = [0] * (len(self.bounds_s) + 1)

    def add(self, seconds: float) -> None:
        """One more; a bucket holds its upper end, as Prometheus has it."""
        self._counts[bisect_left(self.bounds_s, seconds)] += 1
        self.sum_s += seconds

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """Upper end and how many are at most that, the last one +Inf."""
        ends, total = [*map(repr, self.bounds_s), "+Inf"], 0
        found = []
        for end, count in zip(ends, self._counts, strict=True):
            total += count
            found.append((end, float(total)))
        return found


class Counts:
    """All of it; `scored`: the views that an engine judges, by number."""

    def __init__(self, budget_s: float, scored: Sequence[int]) -> None:
        self.parts: Counter[tuple[str, str, str]] = Counter(dict.fromkeys(map(_named, _USUAL), 0))
        self.unfinished = self.unreadable = 0
        self.deliveries = {"acknowledged": 0, "lost": 0}
        self.undelivered = dict.fromkeys(("no_plc", "unacknowledged", "other"), 0)
        self.overruns = dict.fromkeys(OVERRUNS, 0)
        self.stages = {stage: Histogram(budget_s) for stage in STAGES}
        self.answers = dict.fromkeys(scored, 0)
        self.misses = dict.fromkeys(scored, 0)
        self.engine_ids: dict[int, int] = {}  # whose score of a view came last
        self.rises = dict.fromkeys(WATCHED, 0)  # of bits of FAULT
        self.last_trigger_ns = 0
        self._faults: int | None = None  # no look yet
        self._triggers_ns: OrderedDict[int, int] = OrderedDict()

    def take(self, raws: Iterable[bytes]) -> None:
        """Count records of the journal as they stand there."""
        for raw in raws:
            try:
                entry = decode(raw)
            except (ValueError, LookupError):  # of a line that was killed as it wrote, or damaged
                self.unreadable += 1
                continue
            if isinstance(entry, VerdictEntry):
                self._judged(entry)
            elif isinstance(entry, DeliveryEntry):
                self._delivered(entry)
            elif isinstance(entry, UnfinishedEntry):
                self.unfinished += 1
            # what an engine says in shadow judges no part

    def see(self, faults: int) -> None:
        """FAULT as the PLC is shown it now: what was not there at the last look has begun."""
        before = faults if self._faults is None else self._faults
        for bit in WATCHED:
            self.rises[bit] += bool(faults & ~before & bit)
        self._faults = faults

    def _judged(self, entry: VerdictEntry) -> None:
        self._count((entry.kind, entry.reason, entry.mode))
        part, stamps = entry.part, entry.stamps
        self._triggers_ns[part.serial] = self.last_trigger_ns = part.trigger_ns
        if len(self._triggers_ns) > IN_FLIGHT:
            self._triggers_ns.popitem(last=False)
        if late := overrun(part, stamps):
            self.overruns[late] += 1
        for stage, at_ns in zip(
            STAGES, (stamps.frame_ns, stamps.rules_ns, stamps.engine_ns, stamps.reported_ns),
            strict=False,
        ):  # fmt: skip
            self._ended(stage, part.trigger_ns, at_ns)
        for look, score in zip(entry.looks, entry.scores, strict=False):
            self._scored(look, score)

    def _count(self, words: tuple[VerdictKind, Reason, Mode]) -> None:
        key = _named(words)
        self.parts[key if key in self.parts or len(self.parts) < KINDS_MAX else OTHER] += 1

    def _scored(self, look: ViewCapture, score: Score | None) -> None:
        """Of a view without a trusted frame nobody has asked an engine."""
        if look.view not in self.answers or look.fault is not Reason.OK:
            return
        if score is not None and score.fault is Reason.OK:
            self.answers[look.view] += 1
            self.engine_ids[look.view] = score.engine_id
        else:
            self.misses[look.view] += 1

    def _delivered(self, entry: DeliveryEntry) -> None:
        self.deliveries["acknowledged" if entry.delivered else "lost"] += 1
        if entry.why:
            name = entry.why.name.lower()
            self.undelivered[name if name in self.undelivered else "other"] += 1
        trigger_ns = self._triggers_ns.pop(entry.serial, 0)
        if trigger_ns:
            self._ended("published", trigger_ns, entry.published_ns)
            self._ended("acknowledged", trigger_ns, entry.acked_ns)

    def _ended(self, stage: str, trigger_ns: int, at_ns: int) -> None:
        if at_ns >= trigger_ns:  # 0: it did not happen
            self.stages[stage].add((at_ns - trigger_ns) * _S_PER_NS)


def _named(key: tuple[VerdictKind, Reason, Mode]) -> tuple[str, str, str]:
    kind, reason, mode = key
    return kind.name.lower(), reason.name.lower(), mode.name.lower()
