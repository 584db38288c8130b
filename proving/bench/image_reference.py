"""What image trust measures, from all pixels in plain numpy: slow, obvious, and its judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.rules.image_trust.sample import BANDS, CALM_LEVELS, FULL, GREEN, PERCENTILES, RISE_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]


class Reference(NamedTuple):
    """As gonogo.rules.image_trust.sample.Sample, of every pixel of the frame."""

    light: NDArray[np.float64]
    saturated_pct: float
    sharpness_pct: float
    edges: int
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    seam: float
    repeat: float
    stale: float


def reference(frame: Grey, former: Grey, edge_levels: int) -> Reference:
    """Of a frame, uint8 (height, width[, 3]), and the one before it."""
    plane, before = _plane(frame), _plane(former)
    sharpness_pct, edges = sharpness(plane, edge_levels)
    differ = np.abs(plane.astype(np.int64) - before).mean(axis=1)
    band = max(1, plane.shape[0] // BANDS)
    return Reference(
        np.array([*(level_at(plane, pct) for pct in PERCENTILES), plane.mean()]),
        saturated_pct(frame),
        sharpness_pct,
        edges,
        plane.mean(axis=0),
        plane.mean(axis=1),
        seam(plane),
        float(differ.mean()),
        float(min(differ[:band].mean(), differ[-band:].mean())),
    )


def level_at(plane: Grey, pct: float) -> float:
    """The lowest grey level that so many percent of the pixels do not exceed."""
    every = np.sort(plane, axis=None)
    return float(every[max(0, int(np.ceil(pct / 100 * every.size)) - 1)])


def saturated_pct(frame: Grey) -> float:
    """Of the worst channel's pixels."""
    channels = frame.reshape(frame.shape[0] * frame.shape[1], -1)
    return 100 * float((channels >= FULL).mean(axis=0).max())


def sharpness(plane: Grey, edge_levels: int) -> tuple[float, int]:
    """Steepest step over the whole rise across 4 px, of all strong edges; and their number."""
    wide = plane.astype(np.int64)
    rise = np.abs(wide[:, RISE_PX:] - wide[:, :-RISE_PX])
    ends = wide.shape[1] - RISE_PX
    steps = np.abs(np.diff(wide, axis=1))
    most = np.max([steps[:, k : k + ends] for k in range(RISE_PX)], axis=0)
    strong = rise >= edge_levels
    if not strong.any():
        return 0.0, 0
    return 100 * float(most[strong].sum() / rise[strong].sum()), int(strong.sum())


def seam(plane: Grey) -> float:
    """By how many times as much a row differs from the one before as the rows beside it do."""
    differ = np.abs(np.diff(plane.astype(np.int64), axis=0)).mean(axis=1)
    own, before, behind = differ[1:-1], differ[:-2], differ[2:]
    return float((own / (np.max([before, behind], axis=0) + CALM_LEVELS)).max())


def _plane(frame: Grey) -> Grey:
    return frame if frame.ndim == 2 else frame[:, :, GREEN]
