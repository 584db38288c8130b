"""What a rule is: a deterministic check of one frame, explained in a physical unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field

from gonogo.base.section import Section
from gonogo.base.words import RuleResult, Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Roi(Section):
    """A rectangle of the frame in pixels; (0, 0) is the top left pixel."""

    x_px: Annotated[int, Field(ge=0, le=65535)] = 0
    """Left edge."""
    y_px: Annotated[int, Field(ge=0, le=65535)] = 0
    """Upper edge."""
    width_px: Annotated[int, Field(ge=1, le=65535)]
    """Width."""
    height_px: Annotated[int, Field(ge=1, le=65535)]
    """Height."""


class Rule(Protocol):
    """One rule of one view, bound to its limits when the station starts.

    The constructor does everything that can be done before the first part
    (templates read, reference colours converted, buffers allocated).
    """

    name: str
    unit: str

    def check(self, pixels: NDArray[np.uint8]) -> RuleResult:
        """Measure a frame, uint8 (height, width[, 3]) blue-green-red, which must not be written."""
        ...


def judge(value: float, low: float, high: float) -> RuleResult:
    """PASS inside [low, high], FAIL outside; a value that is not finite is CANNOT_TELL."""
    if not math.isfinite(value):
        return RuleResult(Status.CANNOT_TELL, math.nan, low, high)
    inside = low <= value <= high
    return RuleResult(Status.PASS if inside else Status.FAIL, value, low, high)
