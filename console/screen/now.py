"""What is on the operator's screen at one moment: one value that never changes.

Every value bears the time since when it holds, CLOCK_MONOTONIC ns, and goes out with its age: a
page adds its own time since then, and never compares its clock with that of the box.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.words import NS_PER_MS, Undelivered
from gonogo.records.schema import NOT_DELIVERED

if TYPE_CHECKING:
    from gonogo.base.words import FaultBit, Mode, Reason, VerdictKind


class LineState(str, Enum):
    """How the line is, as far as it says itself."""

    STARTING = "starting"  # no line has begun yet
    RUNNING = "running"
    IDLE = "idle"  # it could judge, and no part came for IDLE_NS
    SILENT = "silent"  # it says nothing: it hangs, or is gone


class LinkState(str, Enum):
    """Whether there is a PLC."""

    UP = "up"
    LOST = "lost"


class RecordsState(str, Enum):
    """Whether parts get their rows."""

    WRITTEN = "written"
    BEHIND = "behind"  # rows wait, and none was written for BEHIND_NS
    LOST = "lost"  # some will never have one


class ModeWhy(str, Enum):
    """Why the station stands on less than all it has."""

    NONE = ""
    ENGINE_STARTING = "engine_starting"
    ENGINE_SILENT = "engine_silent"
    CAMERA = "camera"
    TEST = "test"  # outputs are tried by hand, or the PLC asked for it: no part may stay
    OTHER = "other"


class Since(NamedTuple):
    """A value, and since when it holds; 0 ns: nobody knows."""

    value: Any
    since_ns: int

    def aged(self, now_ns: int) -> dict[str, Any]:
        """As it goes out."""
        return {"value": self.value, "age_ms": _age_ms(self.since_ns, now_ns)}


class Measured(NamedTuple):
    """The rule that failed: its name, what it measured, its limits, all in `unit`; what it read."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    text: str = ""

    def plain(self) -> dict[str, Any]:
        """What JSON can hold: no number where there is no finite one."""
        return {
            "name": self.name, "value": _finite(self.value), "low": _finite(self.low),
            "high": _finite(self.high), "unit": self.unit, "text": self.text,
        }  # fmt: skip


class ViewShown(NamedTuple):
    """A view of the part; `fault` is OK where its frame could be trusted."""

    view: int
    name: str
    fault: Reason
    pictured: bool = False

    def plain(self) -> dict[str, Any]:
        """As it goes out."""
        return {
            "view": self.view, "name": self.name, "fault": self.fault.name,
            "pictured": self.pictured,
        }  # fmt: skip


class PartShown(NamedTuple):
    """One part. `verdict` and `reason` are what the PLC was told, once that is known.

    Of one that never reached the PLC they are what was decided, and `why` is what kept it.

    `score`: the SCORE word, its reject limit at 5000; None where no engine scored it.
    `delivered`: None before the PLC has said anything.
    """

    serial: int
    part_id: int
    trigger_ns: int
    verdict: VerdictKind
    reason: Reason
    score: int | None
    views: tuple[ViewShown, ...]
    rule: Measured | None
    delivered: bool | None
    master: bool
    why: Undelivered = Undelivered.NONE

    @property
    def shown(self) -> str:
        """The word for people: what the PLC has not heard is no accept."""
        return NOT_DELIVERED if self.delivered is False else self.verdict.name

    def plain(self, run: str, now_ns: int) -> dict[str, Any]:
        """As it goes out."""
        return {
            "run": run, "serial": self.serial, "part_id": self.part_id,
            "age_ms": _age_ms(self.trigger_ns, now_ns), "verdict": self.shown,
            "decided": self.verdict.name, "undelivered": self.why.name,
            "reason": self.reason.name, "score": self.score,
            "views": [each.plain() for each in self.views],
            "rule": None if self.rule is None else self.rule.plain(),
            "delivered": self.delivered, "master": self.master,
        }  # fmt: skip


class Mark(NamedTuple):
    """A part in the strip."""

    serial: int
    part_id: int
    verdict: VerdictKind
    shown: str  # as PartShown has it


class ShiftCounts(NamedTuple):
    """Parts of the shift by verdict. `began`: "HH:MM" of the box; `whole`: from its beginning.

    `undelivered`: parts whose verdict never reached the PLC; they are in no other count.
    """

    began: str
    counts: tuple[int, ...]  # by the number of the VerdictKind
    whole: bool
    undelivered: int = 0

    def plain(self) -> dict[str, Any]:
        """As it goes out."""
        return {
            "began": self.began, "counts": list(self.counts), "whole": self.whole,
            "undelivered": self.undelivered,
        }  # fmt: skip


class Standing(NamedTuple):
    """How the station stands: each value with the time since when it does.

    Of `line`, idle counts from the last part, silent from the last sign of life.
    """

    line: Since
    mode: Since  # of a Mode
    why: ModeWhy
    link: Since
    records: Since
    waiting: int
    faults: Since  # of a FaultBit


class Now(NamedTuple):
    """All of it. `version` is another number whenever anything but an age is another."""

    station: str
    run: str
    version: int
    at_ns: int
    standing: Standing
    part: PartShown | None
    strip: tuple[Mark, ...]  # the newest last
    shift: ShiftCounts

    def plain(self, now_ns: int) -> dict[str, Any]:
        """As it goes out, with the ages of this moment."""
        its = self.standing
        mode: Mode = its.mode.value
        faults: FaultBit = its.faults.value
        return {
            "station": self.station, "run": self.run, "version": self.version,
            "made_age_ms": _age_ms(self.at_ns, now_ns),
            "line": its.line.aged(now_ns),
            "mode": Since(mode.name, its.mode.since_ns).aged(now_ns) | {"why": its.why},
            "link": its.link.aged(now_ns),
            "records": its.records.aged(now_ns) | {"waiting": its.waiting},
            "faults": Since(_names(faults), its.faults.since_ns).aged(now_ns),
            "part": None if self.part is None else self.part.plain(self.run, now_ns),
            "strip": [[each.serial, each.part_id, each.shown] for each in self.strip],
            "shift": self.shift.plain() | {"age_ms": _age_ms(self.at_ns, now_ns)},
        }  # fmt: skip


def _age_ms(since_ns: int, now_ns: int) -> int | None:
    return max(now_ns - since_ns, 0) // NS_PER_MS if since_ns else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _names(faults: FaultBit) -> list[str]:
    return [bit.name or "" for bit in type(faults) if faults & bit]
