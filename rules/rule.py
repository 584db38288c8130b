"""What all rules speak of: where they look, and whether a value is inside the limits."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section
from gonogo.base.words import RuleResult, Status


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


def judge(value: float, low: float, high: float, text: str = "") -> RuleResult:
    """PASS inside [low, high], FAIL outside; a value that is not finite is CANNOT_TELL."""
    # made at once: a tuple that is replaced leaves one behind in the interpreter, each time
    # before the comparison: nan lies on neither side of a limit
    if not math.isfinite(value):
        return RuleResult(Status.CANNOT_TELL, math.nan, low, high, text)
    inside = low <= value <= high
    return RuleResult(Status.PASS if inside else Status.FAIL, value, low, high, text)
