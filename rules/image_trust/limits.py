"""The checks, their limits, and how good pictures draw them.

Every limit leaves the good pictures twice as much room as they took, and never less than
a floor: the next ones differ a little more than those that were seen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gonogo.rules.image_trust.place import Place
from gonogo.rules.image_trust.sample import FULL, LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gonogo.rules.image_trust.sample import Sample

Side = Literal["least", "most"]

ROOM = 2.0  # times what good pictures took
LIGHT_FLOOR = 0.08  # of the level
DARK = 20.0  # grey levels: below, a ratio is mostly noise
LATE = 0.05  # in favour of a level that is not saturated
SATURATED_FLOOR_PCT = 10.0
SHARPNESS_FLOOR = 0.06  # of the middle of good ones
FEWEST_EDGES = 0.1  # of the fewest in a good picture: with fewer, it has lost its edges
SHIFT_FLOOR_PCT = 1.0
SEAM_FLOOR = 0.5  # times
# of the noise: two frames of one still scene differ by 1.13 times its standard deviation (mean
# absolute difference of two normal values), a frame and its copy by a level here and there
COPY = 0.25 * 2 / math.sqrt(math.pi)


class Finding(NamedTuple):
    """What is wrong with a frame; put into words outside the cycle."""

    check: str
    what: str
    value: float
    limit: float
    unit: str
    side: Side  # what the limit is: the least it may be, or the most
    remedy: str

    def __str__(self) -> str:
        return (
            f"the frame is {self.check}: {self.what} {self.value:.4g} {self.unit}, "
            f"expected at {self.side} {self.limit:.4g}; {self.remedy}"
        )


class Noise(NamedTuple):
    """Standard deviation in grey levels: of a whole picture, of its topmost or lowest band."""

    whole: float
    band: float


class Values(NamedTuple):
    """What the checks compare with their limits, of one picture."""

    light: float
    saturated_pct: float
    sharpness_pct: float
    across_pct: float
    down_pct: float
    seam: float
    repeat: float
    stale: float


class Reference(NamedTuple):
    """What good pictures have in common: by it a Sample becomes Values.

    `light_at`: which of Sample.light varies least. `edge_levels`: from which rise on an edge is
    strong; with fewer than `fewest_edges` a picture has none.
    """

    light_at: int
    edge_levels: int
    fewest_edges: int
    across: Place
    down: Place

    def values(self, sample: Sample) -> Values:
        """Of one picture."""
        return Values(
            float(sample.light[self.light_at]),
            sample.saturated_pct,
            sample.sharpness_pct if sample.edges >= max(self.fewest_edges, 1) else 0.0,
            abs(self.across.shift_pct(sample.across)),
            abs(self.down.shift_pct(sample.down)),
            sample.seam,
            sample.repeat,
            sample.stale,
        )


class Check(NamedTuple):
    """One check: which of Values it looks at, and how good ones and their noise draw its limit.

    `live`: for cameras alone whose frames are never alike; elsewhere a copy is no fault.
    """

    name: str
    at: str
    what: str
    unit: str
    side: Side
    remedy: str
    draw: Callable[[NDArray[np.float64], Noise], float]
    live: bool = False

    def finding(self, value: float, limit: float) -> Finding | None:
        """What is wrong with that value, if anything."""
        if (value >= limit) if self.side == "least" else (value <= limit):
            return None
        return Finding(self.name, self.what, value, limit, self.unit, self.side, self.remedy)


def _light_room(values: NDArray[np.float64]) -> float:
    middle = float(np.median(values))
    return max(ROOM * float(np.abs(values - middle).max()), LIGHT_FLOOR * middle)


def _dark(values: NDArray[np.float64], _noise: Noise) -> float:
    return float(np.median(values)) - _light_room(values)


def _bright(values: NDArray[np.float64], _noise: Noise) -> float:
    return float(np.median(values)) + _light_room(values)


def _saturated(values: NDArray[np.float64], _noise: Noise) -> float:
    return float(values.max()) + SATURATED_FLOOR_PCT


def _blurred(values: NDArray[np.float64], _noise: Noise) -> float:
    middle = float(np.median(values))
    return middle - max(ROOM * (middle - float(values.min())), SHARPNESS_FLOOR * middle)


def _shifted(values: NDArray[np.float64], _noise: Noise) -> float:
    return max(ROOM * float(values.max()), SHIFT_FLOOR_PCT)


def _torn(values: NDArray[np.float64], _noise: Noise) -> float:
    middle = float(np.median(values))
    return middle + max(ROOM * (float(values.max()) - middle), SEAM_FLOOR)


def _copied(_values: NDArray[np.float64], noise: Noise) -> float:
    return COPY * noise.whole


def _stale(_values: NDArray[np.float64], noise: Noise) -> float:
    return COPY * noise.band


_LAMP = "look at the lamp, the aperture and the exposure time"
_DEVICE = "look at the camera's cable and link"
_WEDGED = "the camera brings old frames: look at its cable, or switch it off and on"
CHECKS = {
    each.name: each
    for each in (
        Check("too dark", "light", "light", "grey levels", "least", _LAMP, _dark),
        Check("too bright", "light", "light", "grey levels", "most", _LAMP, _bright),
        Check("saturated", "saturated_pct", "saturated", "% of the pixels", "most", _LAMP,
              _saturated),
        Check("blurred", "sharpness_pct", "sharpness", "%", "least",
              "look at focus, dirt on the lens and the exposure time", _blurred),
        Check("shifted across", "across_pct", "off by", "% of the width", "most",
              "look at the fixture, the trigger and the bracket", _shifted),
        Check("shifted along", "down_pct", "off by", "% of the height", "most",
              "look at the fixture, the trigger and the bracket", _shifted),
        Check("torn", "seam", "one row differs by", "times what its neighbours do", "most", _DEVICE,
              _torn),
        Check("frozen", "repeat", "differs from a former one by", "grey levels", "least", _WEDGED,
              _copied, live=True),
        Check("stale in part", "stale", "top or bottom differs from a former one's by",
              "grey levels", "least", _DEVICE, _stale, live=True),
    )
}  # fmt: skip


def reference_of(samples: Sequence[Sample], edge_levels: int) -> Reference:
    """What these good pictures have in common."""
    return Reference(
        _steadiest(np.array([each.light for each in samples])),
        edge_levels,
        int(FEWEST_EDGES * min(each.edges for each in samples)),
        *(Place(profile) for profile in profiles_of(samples)),
    )


def profiles_of(samples: Sequence[Sample]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean columns and the mean rows of good pictures, float32."""
    across = np.array([each.across for each in samples], np.float64)
    down = np.array([each.down for each in samples], np.float64)
    return across.mean(axis=0).astype(np.float32), down.mean(axis=0).astype(np.float32)


def _steadiest(light: NDArray[np.float64]) -> int:
    """Which statistic varies least for its size, of (pictures, statistics); not those at an end."""
    middle = np.median(light, axis=0)
    spread = np.abs(light - middle).max(axis=0) / np.maximum(middle, 1.0)
    # a dark level keeps still whatever the lamp does, and a saturated one may for a while
    spread[middle < DARK] = LEVELS
    spread[middle >= FULL] += LATE
    # of those that keep as still, the brightest: it has the most to lose
    return int(np.flatnonzero(spread == spread.min())[-1])


def draw(values: Sequence[Values], noise: Noise) -> dict[str, float]:
    """The limit of every check, from good pictures that have at least that noise."""
    table = np.array(values, np.float64)
    column = {name: table[:, k] for k, name in enumerate(Values._fields)}
    return {name: check.draw(column[check.at], noise) for name, check in CHECKS.items()}


def findings(values: Values, limits: Mapping[str, float]) -> Iterator[Finding]:
    """All that is wrong with a picture, of the checks that have a limit; in the order of CHECKS."""
    for name, limit in limits.items():
        check = CHECKS[name]
        found = check.finding(getattr(values, check.at), limit)
        if found is not None:
            yield found
