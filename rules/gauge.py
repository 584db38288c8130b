"""A scale from a gauge part of known size, measured by the dimension rule's own code."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import CalibrationError
from gonogo.rules.calibration import Calibration
from gonogo.rules.dimension import DimensionRule, DimensionSection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.window import LimitedSection

LENGTHS = ("width", "height", "length", "breadth", "diameter")
APART_PCT = 1.0  # pictures of one gauge that differ by more are not of one gauge
LONGEST_MM = 100_000.0


def calibrate_by_gauge(
    rule: DimensionSection,
    pictures: Mapping[str, NDArray[np.uint8]],
    gauge_mm: float,
    view: str,
    frame: FrameShape,
) -> Calibration:
    """The scale by which `rule` measures `gauge_mm`; pictures, by name, are frames of the view."""
    if not 0 < gauge_mm <= LONGEST_MM:
        raise CalibrationError(
            f"--gauge-mm: expected more than 0 and at most {LONGEST_MM:g} mm, got {gauge_mm:g}"
        )
    lengths_px = _measured(rule, pictures, frame)
    mean_px = float(lengths_px.mean())
    off_px = np.abs(lengths_px - mean_px)
    if float(off_px.max()) > mean_px * APART_PCT / 100:
        raise CalibrationError(
            f"expected the gauge {rule.measure} the same within {APART_PCT:g} % in every picture, "
            f"found {lengths_px.min():.1f} to {lengths_px.max():.1f} px; is it the same part, "
            "lying the same way?"
        )
    alone = lengths_px.size == 1  # nothing tells how well it was measured
    return Calibration(
        view=view,
        width_px=frame.width_px,
        height_px=frame.height_px,
        made_by="gauge",
        pictures=lengths_px.size,
        mm_per_px=gauge_mm / mean_px,
        rms_px=None if alone else float(np.sqrt(np.mean(off_px**2))),
        worst_px=None if alone else float(off_px.max()),
        lens=None,
    )


def gauge_rule(rules: Sequence[LimitedSection], measure: str, view: str) -> DimensionSection:
    """The view's rule that measures it so; CalibrationError names what there is."""
    if measure not in LENGTHS:
        raise CalibrationError(
            f"--measure: expected one of {', '.join(LENGTHS)}, got {measure!r}: a gauge is a length"
        )
    known = [rule for rule in rules if isinstance(rule, DimensionSection)]
    for rule in known:
        if rule.measure == measure:
            return rule
    there = ", ".join(f"'{rule.name}' ({rule.measure})" for rule in known) or "none"
    raise CalibrationError(
        f"view '{view}': expected a dimension rule with measure = '{measure}', which says where "
        f"to look and what the part is told by; its dimension rules: {there}"
    )


def _measured(
    rule: DimensionSection, pictures: Mapping[str, NDArray[np.uint8]], frame: FrameShape
) -> NDArray[np.float64]:
    """The gauge in each picture, in px of the frame as they are seen."""
    plain = rule.model_copy(update={"mm_per_px": None, "lengths_in": "px"})
    bound = DimensionRule(plain, frame, Path())
    lengths_px = [bound.measure(pixels) for pixels in pictures.values()]
    blind = [name for name, px in zip(pictures, lengths_px, strict=True) if not math.isfinite(px)]
    if blind:
        raise CalibrationError(
            f"{blind[0]}: expected the gauge, rule '{rule.name}' found no object; look at its roi "
            "and segment: gonogo look shows what the camera sees"
        )
    return np.array(lengths_px, np.float64)
