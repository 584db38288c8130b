"""Gathers the parts of one hour of production into a summary.

An hour of production is 3600 s of CLOCK_MONOTONIC in which parts came: a pause counts for a minute
at most, so that an idle weekend is no hour. After a pause of more than an hour the next part
begins a new one. The wall clock is shown, and may step either way without any effect.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gonogo.records.drift.laney import Counts
from gonogo.records.drift.part import Looks
from gonogo.records.drift.summary import LEAST, NOWHERE, Summary, quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.records.drift.embedded import Embedded
    from gonogo.records.drift.part import JudgedPart, PartId

HOUR_S, IDLE_S, PAUSE_S = 3600.0, 60.0, 3600.0
KEPT = 4096  # scores of an hour; of more, so many by chance (Vitter, ACM TOMS 11, 1985)
PARTS = 3  # to look at
HIGHEST = float(np.finfo(np.float32).max)


class Scores:
    """A sample of at most KEPT scores, each as likely as any other."""

    def __init__(self) -> None:
        self._kept = np.zeros(KEPT, np.float32)
        self._seen = 0

    def add(self, score: float, chance: random.Random) -> None:
        """Take one."""
        place = self._seen if self._seen < KEPT else chance.randrange(self._seen + 1)
        if place < KEPT:
            self._kept[place] = score
        self._seen += 1

    def quantiles(self) -> NDArray[np.float32]:
        """Of what was kept, for a summary; the sample is empty again."""
        found = quantiles(self._kept[: min(self._seen, KEPT)])
        self._seen = 0
        return found


@dataclass
class Tally:
    """What is counted over an hour; `looks`: sum and count of each."""

    wall_s: float
    produced_s: float = 0.0
    parts: int = 0
    rejects: int = 0
    trusted: int = 0
    shown: list[PartId] = field(default_factory=list)
    looks: list[tuple[float, int]] = field(default_factory=lambda: [(0.0, 0)] * len(Looks._fields))
    places: NDArray[np.float64] | None = None
    placed: int = 0

    def count(self, part: JudgedPart) -> None:
        """Take a part, trusted or not."""
        self.parts += 1
        self.rejects += not part.accepted
        # also of frames that are not trusted: they say best what became of the light
        for k, value in enumerate(part.looks or ()):
            if math.isfinite(value):
                total, known = self.looks[k]
                self.looks[k] = total + value, known + 1
        if part.places is not None and np.isfinite(part.places).all():
            self._place(part.places)

    def _place(self, places: NDArray[np.float32]) -> None:
        if self.places is None or self.places.shape != places.shape:
            self.places, self.placed = np.zeros(places.shape), 0
        self.places += places
        self.placed += 1

    def show(self, part: PartId, chance: random.Random) -> None:
        """Keep it as one to look at, each with the same chance."""
        self.trusted += 1
        if len(self.shown) < PARTS:
            self.shown.append(part)
        elif (place := chance.randrange(self.trusted)) < PARTS:
            self.shown[place] = part

    def mean_looks(self) -> Looks:
        """Of the frames whose looks are known."""
        return Looks(*(total / known if known else math.nan for total, known in self.looks))

    def mean_places(self) -> NDArray[np.float32]:
        """The same of their places; (0,) of none."""
        return NOWHERE if self.places is None else (self.places / self.placed).astype(np.float32)


class Hour:
    """The hour that is going on. `odd`: parts with a score of no use."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.odd = 0
        self._accepted, self._trusted = Scores(), Scores()
        self._chance = random.Random(number)  # noqa: S311 - a sample, the same each time
        self._tally: Tally | None = None
        self._last = 0, 0

    def add(self, part: JudgedPart, embedded: Embedded) -> Summary | None:
        """Take a part; the hour before it, if it is over and had parts enough."""
        step_s, done = self._step_s(part), None
        self._last = part.run, part.mono_ns
        tally = self._tally or Tally(part.wall_s)
        if tally.produced_s >= HOUR_S or step_s > PAUSE_S:
            done, step_s = self._ended(tally, embedded), 0.0
            tally = Tally(part.wall_s)
        self._tally = tally
        tally.produced_s += min(step_s, IDLE_S)
        tally.count(part)
        if part.trusted:
            tally.show((part.run, part.serial), self._chance)
            self._judge(part, embedded)
        return done

    def _ended(self, tally: Tally, embedded: Embedded) -> Summary | None:
        """The summary of what came, None of fewer than LEAST parts."""
        features, count = embedded.mean()
        accepted, trusted = self._accepted.quantiles(), self._trusted.quantiles()
        if tally.parts < LEAST:
            return None
        self.number += 1
        counts = Counts(tally.rejects, tally.parts)
        return Summary(
            self.number - 1, tally.wall_s, counts, accepted, trusted, features, count,
            tally.mean_looks(), tuple(tally.shown), tally.mean_places(),
        )  # fmt: skip

    def _step_s(self, part: JudgedPart) -> float:
        """Since the part before it; 0 from run to run, whose clocks cannot be compared."""
        run, mono_ns = self._last
        return max((part.mono_ns - mono_ns) / 1e9, 0.0) if run == part.run and self._tally else 0.0

    def _judge(self, part: JudgedPart, embedded: Embedded) -> None:
        score = part.score
        if score is None:
            return
        # NaN is not below anything
        if not abs(score) < HIGHEST:
            self.odd += 1
            return
        self._trusted.add(score, self._chance)
        if part.accepted:
            self._accepted.add(score, self._chance)
            if part.embedding is not None:
                embedded.add(part.embedding)
