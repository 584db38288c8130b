"""What each synthetic part looks like: a pure function of the section and an index.

The camera draws it (gonogo.drivers.scene.drawing), the judge reads the defect from it
(gonogo.proving.plcsim.truth); neither needs the other.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from gonogo.drivers.scene.order import mix
from gonogo.drivers.scene.section import Defect

if TYPE_CHECKING:
    from gonogo.drivers.scene.section import SyntheticSection

GOOD_BASE = 1 << 32  # indices of good parts for teaching: none of them is in any pool
HOLES = 6
SIZE_DEFECT = (0.015, 0.04)  # share of the outer diameter by which a wrong size is off
SIZE_SPREAD = 0.0007  # the same for good parts: +-0.05 mm on 72 mm
_DRAWS = 16  # numbers drawn for one index
_ORDER_SALT = 0x5EED


class Appearance(NamedTuple):
    """One part before the camera.

    `dx_px`, `dy_px` are off the frame's centre, `turn_deg` clockwise, `light` and
    `diameter` factors of the nominal ones. `severity` (0-1) and `where` (0-1, what it
    means is up to the defect) place a defect. `texture` seeds the surface.
    """

    defect: Defect | None
    severity: float
    where: float
    dx_px: float
    dy_px: float
    turn_deg: float
    light: float
    diameter: float
    texture: int


def appearance(section: SyntheticSection, index: int) -> Appearance:
    """How the part with this index (0 .. pool-1, or GOOD_BASE and up: good) looks."""
    # numbers of the index itself: parts can be drawn in any order, and by the judge alone
    draws = [_unit(section.seed, index * _DRAWS + k) for k in range(8)]
    # beyond the pool: parts for teaching, which are good
    defect = _defects(section)[index] if index < section.pool else None
    return Appearance(
        defect=defect,
        severity=draws[0],
        where=draws[1],
        dx_px=section.jitter_px * (2 * draws[2] - 1),
        dy_px=section.jitter_px * (2 * draws[3] - 1),
        turn_deg=section.jitter_deg * (2 * draws[4] - 1),
        light=1 + section.jitter_light_pct / 100 * (2 * draws[5] - 1),
        diameter=_diameter(defect, draws[0], draws[6]),
        texture=mix(section.seed, index * _DRAWS + 8),
    )


def _diameter(defect: Defect | None, severity: float, draw: float) -> float:
    if defect is not Defect.WRONG_SIZE:
        return 1 + SIZE_SPREAD * (2 * draw - 1)
    low, high = SIZE_DEFECT
    off = low + (high - low) * severity
    # as often too small as too large
    return 1 + math.copysign(off, draw - 0.5)


# sections are frozen and hash by their values; the judge asks for each part
@lru_cache(maxsize=16)
def _defects(section: SyntheticSection) -> tuple[Defect | None, ...]:
    """The defect of each index: their share is exact (rounded up), the kinds take turns."""
    pool = section.pool
    bad = 0 if section.only_good else math.ceil(pool * section.defect_pct / 100)
    # another salt than that of the order of parts: defects would come in step with it
    shuffled = sorted(range(pool), key=lambda k: mix(section.seed ^ _ORDER_SALT, k))
    found: list[Defect | None] = [None] * pool
    for rank, index in enumerate(shuffled[:bad]):
        found[index] = section.defects[rank % len(section.defects)]
    return tuple(found)


def _unit(seed: int, value: int) -> float:
    """A number in [0, 1) that follows from seed and value."""
    return mix(seed, value) / (1 << 64)
