"""The records of a line as it goes on, and charts that have their reference already.

Import as `gonogo.tests.records.drift.made`.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.words import Part, Reason, Score, VerdictKind, ViewCapture
from gonogo.ipc.journal_records import Mastered
from gonogo.records.database import Means
from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.laney import Counts
from gonogo.records.drift.part import Conditions
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.view_charts import ViewCharts
from gonogo.records.drift.watch import DriftWatch, Watched
from gonogo.records.labels import Clock, Labels
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of
from gonogo.tests.records.drift.shifts import hour

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.records.drift.summary import Summary

ENGINE, OTHER = 0xAB12, 0xCD34
NAMES = {each: f"{each:016x}" for each in (ENGINE, OTHER)}
TOP = Conditions("top", NAMES[ENGINE], 1, 500.0)
STEP_S = 30.0
HOUR = 121  # parts: the first one has no part before it, and the next one ends the hour
SECOND_NS = 10**9


class Recorded:
    """A part each STEP_S by its own clocks, with one view; an hour of them is HOUR parts."""

    def __init__(self, base: Path, run: str = "run1", wall: str = "2026-03-02T06:00:00") -> None:
        self.base, self.serial, self.ns = base, 0, 10**12
        self._rng = np.random.default_rng(7)
        self.set(wall)
        self._store = Store(base, Labels(("top",), (), ()), run, Means(now=self._now))

    def set(self, wall: str) -> None:
        """The clock on the wall, UTC, from now on."""
        then = datetime.fromisoformat(wall).replace(tzinfo=timezone.utc)
        self._ahead_ns = round(then.timestamp()) * SECOND_NS - self.ns

    def parts(
        self,
        count: int,
        shift: float = 0.0,
        engine: int | None = ENGINE,
        kind: VerdictKind = VerdictKind.ACCEPT,
    ) -> list[VerdictEntry]:
        """So many more are judged, with scores about 5 + shift; None: no engine answered."""
        made = [self._part(float(self._rng.normal(5 + shift)), engine, kind) for _ in range(count)]
        self._store.write(made)
        return made

    def write(self, *entries: VerdictEntry) -> None:
        """Those very ones."""
        self._store.write(list(entries))

    def wait(self, seconds: float) -> None:
        """Nothing passes."""
        self.ns += round(seconds * SECOND_NS)

    def close(self) -> None:
        """The station ends."""
        self._store.close()

    def _part(self, value: float, engine: int | None, kind: VerdictKind) -> VerdictEntry:
        self.serial += 1
        self.wait(STEP_S)
        part = Part(self.serial, self.serial % 65536, *[self.ns + k for k in range(4)])
        look = ViewCapture(0, 0, self.ns + 1, Reason.OK, generation=2)
        score = None if engine is None else Score(0, value, self.ns + 2, self.ns + 3, engine)
        return entry_of(self.serial)._replace(
            part=part, kind=kind, looks=(look,), scores=(score,), master=Mastered.of(0)
        )

    def _now(self) -> Clock:
        return Clock(self.ns + self._ahead_ns, self.ns)


def learnt_hour(number: int) -> Summary:
    """As those of the steady line, without looks: what Recorded gives has none."""
    plain = hour(number)._replace(rejects=Counts(0, 3600))
    empty = np.zeros(0, np.float32)
    looks = plain.looks._replace(brightness=float("nan"), sharpness=float("nan"))
    return plain._replace(features=empty, embeddings=0, looks=looks)


LEARNT = tuple(learnt_hour(k) for k in range(HOURS))


def learnt(at: Conditions = TOP, hours: int = HOURS) -> DriftWatch:
    """Charts of a line whose scores are about 5, after so many hours."""
    watch = DriftWatch()
    watch.take(Watched(ViewCharts(at, LEARNT[:hours]), Hour(hours), Embedded()))
    return watch
