"""What belongs on the screen, from what the journal and the station's memory say: pure.

Nothing is read, asked or waited for here: entries and glances come in, a `Now` goes out. The newest
wins: however many parts came between two of them, one is made, and no more than one in PACE_NS.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.words import Reason, Status, VerdictKind
from gonogo.console.screen.now import Mark, Measured, Now, PartShown, ShiftCounts, ViewShown
from gonogo.console.screen.states import States
from gonogo.ipc.journal_records import DeliveryEntry, UnfinishedEntry, VerdictEntry
from gonogo.records.schema import NOT_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gonogo.console.screen.states import Glance
    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.records.labels import Labels

STRIP = 50  # parts
PACE_NS = 200_000_000  # five a second
_KINDS = len(VerdictKind)


class Feed:
    """Of one run of a station."""

    def __init__(self, station: str, run: str, labels: Labels) -> None:
        self._station, self._run, self._labels = station, run, labels
        self._parts: deque[PartShown] = deque(maxlen=STRIP)
        self._counts, self._undelivered = [0] * _KINDS, 0
        self._began, self._began_ms, self._whole = "", 0, False
        self._first: int | None = None  # serial of the first part that was counted here
        self._states = States()
        self._made: Now | None = None

    @property
    def newest(self) -> PartShown | None:
        """The part that is shown next."""
        return self._parts[-1] if self._parts else None

    def begin_shift(self, began_ms: int, began: str, counts: dict[str, int] | None) -> None:
        """A shift began at that time (UTC ms, and "HH:MM"), with so many parts by verdict.

        `counts` None: what was before nobody can tell, and that is shown.
        """
        self._began_ms, self._began, self._whole = began_ms, began, counts is not None
        known = dict(counts or {})
        self._undelivered, self._first = known.pop(NOT_DELIVERED, 0), None
        self._counts = [0] * _KINDS
        for name, count in known.items():
            kind = VerdictKind.__members__.get(name, VerdictKind.NONE)
            self._counts[kind] += count

    def take(self, entry: AnyEntry, wall_ms: int) -> None:
        """What the journal says; `wall_ms` is UTC of the part's trigger."""
        if isinstance(entry, VerdictEntry):
            self._show(self._judged(entry), wall_ms)
        elif isinstance(entry, UnfinishedEntry):
            self._show(_unfinished(entry), wall_ms)
        elif isinstance(entry, DeliveryEntry):
            self._deliver(entry)

    def due(self, at_ns: int) -> bool:
        """Whether another value may be made at that moment."""
        return self._made is None or not 0 <= at_ns - self._made.at_ns < PACE_NS

    def now(self, glance: Glance, pictured: Callable[[PartShown], Collection[int]]) -> Now:
        """The value of this moment; the last one where nothing but ages is another.

        `pictured`: the views of a part of which there is a picture to show.
        """
        made, part = self._made, self.newest
        if made is not None and not self.due(glance.at_ns):
            return made
        last_ns = 0 if part is None else part.trigger_ns
        found = Now(
            self._station, self._run, 0, glance.at_ns, self._states.standing(glance, last_ns),
            None if part is None else _with_pictures(part, pictured(part)),
            tuple(Mark(each.serial, each.part_id, each.verdict, each.shown)
                  for each in self._parts),
            ShiftCounts(self._began, tuple(self._counts), self._whole, self._undelivered),
        )  # fmt: skip
        if made is not None and _alike(made, found):
            return made
        self._made = found._replace(version=1 if made is None else made.version + 1)
        return self._made

    def _judged(self, entry: VerdictEntry) -> PartShown:
        scored = any(score is not None and score.fault is Reason.OK for score in entry.scores)
        views = tuple(
            ViewShown(look.view, self._view(look.view), look.fault) for look in entry.looks
        )
        return PartShown(
            entry.part.serial, entry.part.part_id, entry.part.trigger_ns, entry.kind, entry.reason,
            entry.score if scored else None, views, self._failed(entry), None,
            entry.master.part != 0,
        )  # fmt: skip

    def _view(self, number: int) -> str:
        names = self._labels.views
        return names[number] if number < len(names) else str(number)

    def _failed(self, entry: VerdictEntry) -> Measured | None:
        """The first rule that failed; without one, the first that could not tell."""
        names, units = self._labels.rules_of(entry.recipe)
        known = list(zip(names, units, entry.checks, strict=False))
        for status in (Status.FAIL, Status.CANNOT_TELL):
            for name, unit, check in known:
                if check.status is status:
                    return Measured(name, check.value, check.low, check.high, unit, check.text)
        return None

    def _show(self, part: PartShown, wall_ms: int) -> None:
        self._parts.append(part)
        if wall_ms >= self._began_ms:
            self._counts[part.verdict] += 1
            self._first = part.serial if self._first is None else self._first

    def _deliver(self, entry: DeliveryEntry) -> None:
        """A verdict that came too late is told as a reject: that is what is shown then.

        One that never reached the PLC is counted as that alone: the PLC has thrown the part out.
        """
        for at in range(len(self._parts) - 1, -1, -1):
            part = self._parts[at]
            if (part.serial, part.part_id) == (entry.serial, entry.part_id):
                told = part._replace(
                    delivered=entry.delivered, verdict=entry.kind, reason=entry.reason,
                    why=entry.why,
                )  # fmt: skip
                if told.shown == NOT_DELIVERED and self._counted(part):
                    self._counts[part.verdict] -= 1
                    self._undelivered += 1
                self._parts[at] = told
                return

    def _counted(self, part: PartShown) -> bool:
        """Whether it is one of this shift, and not said to be undelivered already."""
        return self._first is not None and part.serial >= self._first and part.delivered is None


def _unfinished(entry: UnfinishedEntry) -> PartShown:
    part = entry.part
    return PartShown(
        part.serial, part.part_id, part.trigger_ns, VerdictKind.NONE, Reason.OK, None, (), None,
        None, entry.master.part != 0,
    )  # fmt: skip


def _with_pictures(part: PartShown, pictured: Collection[int]) -> PartShown:
    views = tuple(each._replace(pictured=each.view in pictured) for each in part.views)
    return part._replace(views=views)


def _alike(one: Now, other: Now) -> bool:
    """Whether nothing but ages differs."""
    # while the line runs, the time of its last sign of life is no news; `since` of an idle one is
    return one._replace(version=0, at_ns=0) == other._replace(version=0, at_ns=0)
