"""What a rule goes by on a frame, as lines to be drawn: for whoever sets it up, never in the cycle.

Points are in px of the frame, (0, 0) the upper left corner of its first pixel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Points = NDArray[np.float64]

Kind = Literal["object", "feature"]
CIRCLE = 64  # corners of a drawn circle
CROSS_PX = 6.0  # half of a cross, in the px that the points are in
MOST = 200  # outlines of one rule: noise has thousands


class Mark(NamedTuple):
    """A line through `points`, float64 (n, 2) x and y, and back to its beginning.

    `kind`: the outline of what was found, or the very thing that was measured.
    """

    points: Points
    kind: Kind


def outlines(mask: NDArray[np.uint8], left: float = 0, top: float = 0) -> list[Mark]:
    """Around each piece of a mask, uint8 (rows, columns), the largest first, at most MOST."""
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = sorted(found, key=len, reverse=True)[:MOST]
    corner = np.array([left, top]) + 0.5  # centres of pixels
    return [Mark(np.asarray(one, np.float64).reshape(-1, 2) + corner, "object") for one in largest]


def box(left: float, top: float, width: float, height: float) -> Mark:
    """An upright rectangle."""
    right, lower = left + width, top + height
    corners = [(left, top), (right, top), (right, lower), (left, lower)]
    return Mark(np.array(corners, np.float64), "feature")


def line(one: Iterable[float], other: Iterable[float]) -> Mark:
    """From one point to another."""
    return Mark(np.array([tuple(one), tuple(other)], np.float64), "feature")


def dimension_marks(measure: str, outline: Mark) -> list[Mark]:
    """What a measure of gonogo.rules.dimension is taken along, by the outline as it is seen."""
    drawn = _DIMENSIONS.get(measure)
    return [] if drawn is None else drawn(outline.points.astype(np.float32))


def _upright(points: NDArray[np.float32], axis: int) -> list[Mark]:
    """Through the middle of the upright box, from edge to edge of its pixels."""
    low, high = points.min(axis=0) - 0.5, points.max(axis=0) + 0.5
    ends = [(low + high) / 2, (low + high) / 2]
    ends[0][axis], ends[1][axis] = low[axis], high[axis]
    return [line(*ends)]


def _hull(points: NDArray[np.float32]) -> list[Mark]:
    return [Mark(np.asarray(cv2.convexHull(points), np.float64).reshape(-1, 2), "feature")]


def _side(points: NDArray[np.float32], *, longest: bool) -> list[Mark]:
    """Between the middles of two sides of the smallest turned box."""
    corners = np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), np.float64)
    middles = (corners + np.roll(corners, -1, axis=0)) / 2
    lines = [line(middles[k], middles[k + 2]) for k in (0, 1)]
    lines.sort(key=lambda mark: float(np.linalg.norm(mark.points[1] - mark.points[0])))
    return [lines[-1 if longest else 0]]


def _circle(points: NDArray[np.float32]) -> list[Mark]:
    """Of the same area, about the same middle."""
    radius = math.sqrt(max(float(cv2.contourArea(points)), 1.0) / math.pi)
    turns = np.linspace(0, 2 * math.pi, CIRCLE, endpoint=False)
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius
    return [Mark(circle + _centroid(points), "feature")]


def _axis(points: NDArray[np.float32]) -> list[Mark]:
    """The long axis through the middle."""
    its = cv2.moments(points)
    turn = 0.5 * math.atan2(2 * its["mu11"], its["mu20"] - its["mu02"])
    reach = np.array([math.cos(turn), math.sin(turn)]) * float(np.ptp(points, axis=0).max()) / 2
    return [line(_centroid(points) - reach, _centroid(points) + reach)]


def _cross(points: NDArray[np.float32]) -> list[Mark]:
    x, y = _centroid(points)
    return [
        line((x - CROSS_PX, y), (x + CROSS_PX, y)),
        line((x, y - CROSS_PX), (x, y + CROSS_PX)),
    ]


def _centroid(points: NDArray[np.float32]) -> Points:
    its = cv2.moments(points)
    if not its["m00"]:
        return np.asarray(points.mean(axis=0), np.float64)
    return np.array([its["m10"] / its["m00"], its["m01"] / its["m00"]])


_DIMENSIONS: dict[str, Callable[[NDArray[np.float32]], list[Mark]]] = {
    "width": lambda points: _upright(points, 0),
    "height": lambda points: _upright(points, 1),
    "length": lambda points: _side(points, longest=True),
    "breadth": lambda points: _side(points, longest=False),
    "diameter": _circle,
    "hull_area": _hull,
    "solidity": _hull,
    "position_x": _cross,
    "position_y": _cross,
    "angle": _axis,
}
