"""What the charts of drift are fed with, and what they answer: plain values, no database."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import DriftWarning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PartId = tuple[int, int]  # run and serial


class Conditions(NamedTuple):
    """What one set of charts is of: another of these is another set. `engine`: id and version."""

    view: str
    engine: str
    recipe: int
    exposure_us: float


class Looks(NamedTuple):
    """Of a frame, or of a mean of frames: grey levels, gradient, grey levels; NaN: not known."""

    brightness: float
    sharpness: float
    noise: float


class JudgedPart(NamedTuple):
    """One view of one part, as the store has it; parts come in the order of their serials.

    `wall_s` is shown and decides nothing; `mono_ns` is CLOCK_MONOTONIC, and starts anew with a
    run. `trusted`: the frame was. `embedding`: float32 (n,), `places`: float32 (k,) as in
    gonogo.records.drift.looks; None where there is none, as of most frames.
    """

    run: int
    serial: int
    wall_s: float
    mono_ns: int
    conditions: Conditions
    accepted: bool
    trusted: bool
    score: float | None
    embedding: NDArray[np.float32] | None = None
    looks: Looks | None = None
    places: NDArray[np.float32] | None = None


class Signal(str, Enum):
    """What is charted."""

    ACCEPTED_SCORES = "scores of accepted parts"
    TRUSTED_SCORES = "scores of all trusted parts"
    EMBEDDINGS = "embeddings of good parts (MMD)"
    HISTOGRAM = "histogram of scores (KL)"
    REJECTS = "share of rejects"
    BRIGHTNESS = "brightness"
    SHARPNESS = "sharpness"
    NOISE = "noise"
    PLACES = "light of places"
    OVERRIDES = "share of overrides"
    REVIEWS = "reviews"


class Point(NamedTuple):
    """One point of one chart.

    `value` is the statistic of the hour, `ewma` its weighted mean in between-hours sigmas, with
    `low` and `high` as its limits (a chart with one limit has a `low` of None). A value of None:
    the hour had too few for it, and the chart stood still.
    """

    signal: Signal
    number: int
    wall_s: float
    value: float | None
    ewma: float
    low: float | None
    high: float
    alarmed: bool


class Rolling(NamedTuple):
    """The scores of accepted parts over the last seven days, and the usual band about them.

    `quantiles`: 5, 50 and 95 %. `band`: mean -+ 2 sigma of the hourly 95 % quantile of the
    reference. It is shown, and raises no alarm.
    """

    quantiles: tuple[float, float, float]
    band: tuple[float, float]


class ChartStanding(NamedTuple):
    """How one chart stands now; `alarm` is None of one that is within its limits.

    `hour`: the last hour's value in sigmas, `point` its own limit (inf: it has none). `worst`: of
    weighted mean and last hour the one that is nearer to its limit, with that. `since_wall_s`: of
    the first hour since it last crossed its centre.
    """

    signal: Signal
    ewma: float
    low: float | None
    high: float
    hour: float
    point: float
    worst: tuple[float, float]
    since_wall_s: float
    alarm: Alarm | None


class Alarm(NamedTuple):
    """One alarm: which signal, since when, how it looked then and now, parts to look at.

    `since_number` and `since_wall_s` are of the first hour of the run that led here: the first
    after the chart last crossed its centre. `then` is of the reference.
    """

    conditions: Conditions
    signal: Signal
    number: int
    wall_s: float
    since_number: int
    since_wall_s: float
    looks_then: Looks
    looks_now: Looks
    parts_then: tuple[PartId, ...]
    parts_now: tuple[PartId, ...]

    def warning(self) -> DriftWarning:
        """The same in words, with its number."""
        place = self.conditions
        changes = ", ".join(
            f"{name} {then:.3g} then, {now:.3g} now"
            for name, then, now in zip(Looks._fields, self.looks_then, self.looks_now, strict=True)
        )
        return DriftWarning(
            f"view '{place.view}', engine {place.engine}, recipe {place.recipe}, "
            f"{place.exposure_us:g} us: {self.signal.value} drifted, for "
            f"{self.number - self.since_number + 1} h of production; {changes}; "
            f"compare the parts {_listed(self.parts_now)} with {_listed(self.parts_then)}"
        )


def _listed(parts: tuple[PartId, ...]) -> str:
    return " ".join(f"{run}/{serial}" for run, serial in parts) or "(none)"
