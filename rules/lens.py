"""A lens that bends straight lines, and where a point would lie if it did not.

    camera matrix   fx  0 cx      x = (u - cx) / fx, y = (v - cy) / fy, r2 = x x + y y
                     0 fy cy      bent x = x (1 + k1 r2 + k2 r4) + 2 p1 x y + p2 (r2 + 2 x x)
                     0  0  1      bent y = y (1 + k1 r2 + k2 r4) + p1 (r2 + 2 y y) + 2 p2 x y

Pixel centres lie at whole numbers. A straightened point is in pixels of a frame by the same camera
matrix, as OpenCV's `undistort` makes one. Source: D. Brown, Photogrammetric Engineering 37 (1971);
the words and the order of OpenCV's calib3d.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from gonogo.base.section import Section

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Points = NDArray[np.float64]  # (n, 2), x and y

Focal = Annotated[float, Field(gt=0, le=1e6)]
Centre = Annotated[float, Field(ge=-65535, le=65535)]
Bend = Annotated[float, Field(ge=-100, le=100)]
_STEPS = 100  # a fixed point that is not found by then is none
_STILL_PX = 1e-6  # a point that moves no further is found
_THERE_AND_BACK_PX = 0.01  # within that a point must come back
_EDGE = 33  # points along each side of the frame on which that is tried


class Lens(Section):
    """Camera matrix in pixels, and how far the lens bends, without a unit."""

    fx_px: Focal
    """Focal length along a row."""
    fy_px: Focal
    """Focal length along a column."""
    cx_px: Centre
    """Where the optical axis meets the frame, from its left."""
    cy_px: Centre
    """Where the optical axis meets the frame, from above."""
    k1: Bend
    """Radial, with the square of the radius."""
    k2: Bend
    """Radial, with its fourth power."""
    p1: Bend
    """Tangential: a lens that is not parallel to the sensor."""
    p2: Bend
    """Tangential, across."""

    def bend(self, points: Points) -> Points:
        """Where the lens shows straight points; float64 (n, 2) in px."""
        x, y = self._rays(points)
        dx, dy, radial = self._parts(x, y)
        return self._pixels(x * radial + dx, y * radial + dy)

    def straighten(self, points: Points) -> Points:
        """Where seen points would lie without the lens; float64 (n, 2) in px."""
        bent_x, bent_y = self._rays(points)
        x, y = bent_x, bent_y
        # the fixed point of bending: it closes in fast for any lens that `covers` its frame
        for _ in range(_STEPS):
            dx, dy, radial = self._parts(x, y)
            before, x, y = x, (bent_x - dx) / radial, (bent_y - dy) / radial
            if np.max(np.abs(x - before), initial=0.0) * self.fx_px < _STILL_PX:
                break
        return self._pixels(x, y)

    def covers(self, frame: FrameShape) -> bool:
        """Whether every point of the frame's edge is straightened and comes back to its place.

        A polynomial that fits where the board was may fold over where it never was.
        """
        edge = _edge(frame)
        with np.errstate(all="ignore"):  # what runs away is what is looked for
            off = np.abs(self.bend(self.straighten(edge)) - edge)
        return bool(np.all(off < _THERE_AND_BACK_PX))

    def _rays(self, points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return (points[:, 0] - self.cx_px) / self.fx_px, (points[:, 1] - self.cy_px) / self.fy_px

    def _pixels(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
        return np.stack([x * self.fx_px + self.cx_px, y * self.fy_px + self.cy_px], axis=1)

    def _parts(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Tangential shift in x and y, and the radial factor."""
        r2 = x * x + y * y
        dx = 2 * self.p1 * x * y + self.p2 * (r2 + 2 * x * x)
        dy = self.p1 * (r2 + 2 * y * y) + 2 * self.p2 * x * y
        return dx, dy, 1 + r2 * (self.k1 + r2 * self.k2)


def _edge(frame: FrameShape) -> Points:
    """Points along all four sides of a frame."""
    x = np.linspace(0, frame.width_px - 1, _EDGE)
    y = np.linspace(0, frame.height_px - 1, _EDGE)
    sides = [
        np.stack([x, np.full_like(x, y[0])], 1),
        np.stack([x, np.full_like(x, y[-1])], 1),
        np.stack([np.full_like(y, x[0]), y], 1),
        np.stack([np.full_like(y, x[-1]), y], 1),
    ]
    return np.concatenate(sides)
