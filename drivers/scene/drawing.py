"""Draws one synthetic part: a turned metal flange with a blue plastic ring, on a dark belt.

Nominal geometry for the rules of a station file. S is the frame's shorter side, the
part's centre is the frame's centre, lengths in mm hold for mm_per_px = 96 / S.

    what                            share of S   at 640x480 px   in mm
    outer diameter                  0.75         360 px          72.0
    bolt circle diameter            0.5625       270 px          54.0
    hole diameter (6 holes)         0.0625        30 px           6.0
    plastic ring, outer diameter    0.3125       150 px          30.0
    bore diameter                   0.14          67 px          13.4

Hole k is 30 + 60 k degrees clockwise from the right; at 640x480 px the centres are
(437,308) (320,375) (203,308) (203,172) (320,105) (437,172). `hole_roi` (0.11 S square) and
`ring_roi` (at 640x480 px: x 296, y 175, 48 x 22 px) hold with the default jitter.

Measured on 200 parts of 640x480 px with the default noise and jitter, by plain thresholds:
outer diameter of good parts 72.0-72.1 mm, of wrong ones at least 1.0 mm off; pixels
darker than grey 70 in a hole's ROI 27-28 %, 0 % where it is missing; ring ROI mean
L* 41.6 a* 6.9 b* -44.3, good parts within dE76 3, wrong colours beyond 30.

Not simulated: motion blur, perspective, lens distortion, depth of focus, reflections
between parts, dirt, several parts in one frame, real spectra (colours are plain BGR).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.drivers.scene.appearance import HOLES
from gonogo.drivers.scene.flaws import draw_dent, draw_scratch
from gonogo.drivers.scene.section import Defect
from gonogo.drivers.scene.surface import LIGHT_X, LIGHT_Y, belt_tile, face, lighting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.scene.appearance import Appearance

OUTER_MM = 72.0
OUTER, BOLT_CIRCLE, HOLE, RING, BORE = 0.75, 0.5625, 0.0625, 0.3125, 0.14  # diameters / S
FIRST_HOLE_DEG = 30.0
CHAMFER = 0.012  # width / S
COUNTERSINK = 0.007  # width / S
SHADOW = 0.03  # offset and softness / S
HOLE_ROI, RING_ROI_WIDTH, RING_ROI_HEIGHT = 0.11, 0.1, 0.045  # sides / S
METAL_BGR = (1.01, 1.0, 0.975)
BELT_BGR = (1.06, 1.0, 0.96)
RING_BGR = (172.0, 98.0, 36.0)
# Wrong colours differ in brightness too, so that a grey camera can see them.
WRONG_BGR = ((70.0, 160.0, 80.0), (46.0, 118.0, 214.0), (52.0, 50.0, 48.0), (30.0, 28.0, 128.0))


# float32 all over: half the memory of float64, and OpenCV's own
class Polar(NamedTuple):
    """Coordinates of the square around a part, float32 (n, n): offsets and radius in px, angle."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    radius: NDArray[np.float32]
    angle: NDArray[np.float32]  # radians, 0 .. 2 pi, clockwise from the right


def hole_centre(geometry: FrameShape, hole: int) -> tuple[float, float]:
    """Nominal centre (x, y) in px of hole 0 .. 5."""
    side = _side(geometry)
    angle = math.radians(FIRST_HOLE_DEG + hole * 360 / HOLES)
    reach = side * BOLT_CIRCLE / 2
    return (
        geometry.width_px / 2 + reach * math.cos(angle),
        geometry.height_px / 2 + reach * math.sin(angle),
    )


def hole_roi(geometry: FrameShape, hole: int) -> tuple[int, int, int, int]:
    """ROI (x, y, width, height) in px about hole 0 .. 5."""
    x, y = hole_centre(geometry, hole)
    size = round(_side(geometry) * HOLE_ROI)
    return round(x - size / 2), round(y - size / 2), size, size


def ring_roi(geometry: FrameShape) -> tuple[int, int, int, int]:
    """ROI (x, y, width, height) in px on the plastic ring, above the bore."""
    side = _side(geometry)
    width, height = round(side * RING_ROI_WIDTH), round(side * RING_ROI_HEIGHT)
    above = side * (RING + BORE) / 4
    x, y = geometry.width_px / 2, geometry.height_px / 2 - above
    return round(x - width / 2), round(y - height / 2), width, height


class Renderer:
    """Draws parts of one frame geometry; what does not change from part to part is made once."""

    def __init__(self, geometry: FrameShape) -> None:
        self._geometry = geometry
        self._side = _side(geometry)
        # what no part changes; another piece of the belt is cut out for each
        self._belt = belt_tile(geometry.height_px, geometry.width_px, self._side)
        self._light = lighting(geometry.height_px, geometry.width_px)

    def render(self, look: Appearance) -> NDArray[np.uint8]:
        """The part, uint8 of `geometry.shape`, without sensor noise; the caller's own."""
        # drawn from in this order: belt, face, ring; another order, and every part looks otherwise
        rng = np.random.default_rng(look.texture)
        belt = self._belt_for(rng)
        image: NDArray[np.float32] = np.stack([belt * tint for tint in BELT_BGR], axis=2)
        rows, columns, polar = self._square(look)
        self._draw_part(image[rows, columns], belt[rows, columns], polar, look, rng)
        # last: light falls on belt and part alike
        image *= self._light[:, :, None] * np.float32(look.light)
        frame = np.clip(image, 0, 255).astype(np.uint8)
        if self._geometry.channels == 1:
            return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        return frame

    def _belt_for(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """The belt runs along x: another piece of it for each part."""
        height_px, width_px, _ = self._geometry
        at = int(rng.integers(0, self._belt.shape[1] - width_px + 1))
        return np.ascontiguousarray(self._belt[:height_px, at : at + width_px])

    def _square(self, look: Appearance) -> tuple[slice, slice, Polar]:
        height_px, width_px, _ = self._geometry
        x, y = width_px / 2 + look.dx_px, height_px / 2 + look.dy_px
        reach = self._side * (OUTER / 2 * look.diameter + 2.5 * SHADOW)
        left, right = max(math.floor(x - reach), 0), min(math.ceil(x + reach), width_px)
        top, bottom = max(math.floor(y - reach), 0), min(math.ceil(y + reach), height_px)
        across = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x)
        down = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - y)
        grid_x, grid_y = (np.ascontiguousarray(g) for g in np.meshgrid(across, down))
        radius, angle = cv2.cartToPolar(grid_x, grid_y)
        polar = Polar(grid_x, grid_y, np.asarray(radius, np.float32), np.asarray(angle, np.float32))
        # only this square is drawn: the rest is belt
        return slice(top, bottom), slice(left, right), polar

    def _draw_part(
        self,
        image: NDArray[np.float32],
        belt: NDArray[np.float32],
        polar: Polar,
        look: Appearance,
        rng: np.random.Generator,
    ) -> None:
        """Draw into `image`, float32 (n, n, 3) before lighting, in place."""
        side = self._side
        outer = side * OUTER / 2 * look.diameter
        self._draw_shadow(image, polar, outer)
        metal = face(polar.radius, polar.angle, side, rng)
        # flaws before chamfer and holes, which lie over them
        if look.defect is Defect.SCRATCH:
            draw_scratch(metal, polar.x, polar.y, side, look)
        if look.defect is Defect.DENT:
            draw_dent(metal, polar.x, polar.y, side, look)
        self._draw_chamfer(metal, polar, outer)
        self._draw_holes(metal, belt, polar, look)
        _blend(image, inside(polar.radius, outer), [metal * tint for tint in METAL_BGR])
        # two pixels more than it needs: edges are soft
        near = _near(polar, 0, 0, side * RING / 2 + 2)
        self._draw_ring(
            image[near], belt[near], Polar(*(plane[near] for plane in polar)), look, rng
        )

    def _draw_shadow(self, image: NDArray[np.float32], polar: Polar, outer: float) -> None:
        off = self._side * SHADOW
        distance = np.hypot(polar.x + LIGHT_X * off, polar.y + LIGHT_Y * off)
        shade = np.clip((outer + off - distance) / (2 * off), 0, 1)
        image *= (1 - 0.6 * shade * shade * (3 - 2 * shade))[:, :, None]

    def _draw_chamfer(self, metal: NDArray[np.float32], polar: Polar, outer: float) -> None:
        """The edges slope: bright where they face the light, dark where they face away."""
        facing = (polar.x * LIGHT_X + polar.y * LIGHT_Y) / np.maximum(polar.radius, 1)
        edge = 1 - inside(polar.radius, outer - self._side * CHAMFER)
        metal += edge * (160 + 46 * facing - metal)
        seat = inside(polar.radius, self._side * (RING / 2 + COUNTERSINK))
        metal += seat * (112 - 80 * facing - metal)

    def _draw_holes(
        self,
        metal: NDArray[np.float32],
        belt: NDArray[np.float32],
        polar: Polar,
        look: Appearance,
    ) -> None:
        missing = int(look.where * HOLES) if look.defect is Defect.MISSING_HOLE else -1
        for hole in range(HOLES):
            # a hole that was not drilled is plain metal
            if hole != missing:
                angle = FIRST_HOLE_DEG + hole * 360 / HOLES + look.turn_deg
                self._draw_hole(metal, belt, polar, math.radians(angle))

    def _draw_hole(
        self, metal: NDArray[np.float32], belt: NDArray[np.float32], polar: Polar, angle: float
    ) -> None:
        reach, hole = self._side * BOLT_CIRCLE / 2, self._side * HOLE / 2
        sink = hole + self._side * COUNTERSINK
        x, y = reach * math.cos(angle), reach * math.sin(angle)
        near = _near(polar, x, y, sink + 2)
        dx, dy, spot = polar.x[near] - x, polar.y[near] - y, metal[near]
        radius = np.hypot(dx, dy)
        facing = (dx * LIGHT_X + dy * LIGHT_Y) / np.maximum(radius, 1)
        spot += inside(radius, sink) * (138 - 88 * facing - spot)
        spot += inside(radius, hole) * (_hole_depth(belt[near], dx, dy, hole) - spot)

    def _draw_ring(
        self,
        image: NDArray[np.float32],
        belt: NDArray[np.float32],
        polar: Polar,
        look: Appearance,
        rng: np.random.Generator,
    ) -> None:
        """Moulded plastic: rounded across, with a soft highlight towards the light; the bore."""
        inner, outer = self._side * BORE / 2, self._side * RING / 2
        across = np.clip((polar.radius - inner) / (outer - inner), 0, 1)
        facing = (polar.x * LIGHT_X + polar.y * LIGHT_Y) / np.maximum(polar.radius, 1)
        slope = 2 * across - 1
        shade = 0.97 + 0.16 * facing * slope * slope * np.sign(slope) - 0.12 * slope**4
        grain = rng.standard_normal(shade.shape, np.float32)
        shade += 0.012 * np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.2), np.float32)
        gloss = 38 * np.exp(-(((across - 0.72) / 0.11) ** 2)) * np.clip(facing, 0, 1) ** 6
        colour = _ring_bgr(look)
        _blend(image, inside(polar.radius, outer), [shade * c + gloss for c in colour])
        bore = _hole_depth(belt, polar.x, polar.y, inner)
        _blend(image, inside(polar.radius, inner), [bore] * 3)


def inside(radius: NDArray[np.float32], limit: float) -> NDArray[np.float32]:
    """Share of each pixel (0-1) that lies within `limit` px of the centre: an antialiased disc."""
    # one pixel of slope, half of it on either side of the edge
    share: NDArray[np.float32] = np.clip(np.float32(limit + 0.5) - radius, 0, 1)
    return share


def _side(geometry: FrameShape) -> int:
    return min(geometry.height_px, geometry.width_px)


def _near(polar: Polar, x: float, y: float, reach: float) -> tuple[slice, slice]:
    """The part of the square within `reach` px of (x, y) on both axes."""
    left, top = float(polar.x[0, 0]), float(polar.y[0, 0])
    rows = slice(max(math.floor(y - reach - top), 0), max(math.ceil(y + reach - top) + 1, 0))
    columns = slice(max(math.floor(x - reach - left), 0), max(math.ceil(x + reach - left) + 1, 0))
    return rows, columns


def _hole_depth(
    belt: NDArray[np.float32], dx: NDArray[np.float32], dy: NDArray[np.float32], radius: float
) -> NDArray[np.float32]:
    """What is seen through a hole: the belt in shadow, and the lit far wall."""
    wall = np.clip(-(dx * LIGHT_X + dy * LIGHT_Y) / radius - 0.55, 0, 1)
    return np.asarray(belt * 0.5 + 70 * wall, np.float32)


def _ring_bgr(look: Appearance) -> tuple[float, ...]:
    if look.defect is not Defect.WRONG_COLOUR:
        return RING_BGR
    # `where` chooses the colour, `severity` how much of it
    wrong = WRONG_BGR[int(look.where * len(WRONG_BGR))]
    share = 0.55 + 0.45 * look.severity
    return tuple(a + share * (b - a) for a, b in zip(RING_BGR, wrong, strict=True))


def _blend(
    image: NDArray[np.float32], alpha: NDArray[np.float32], planes: list[NDArray[np.float32]]
) -> None:
    """Lay colour planes over `image` where `alpha` is 1."""
    for channel, plane in enumerate(planes):
        below = image[:, :, channel]
        below += alpha * (plane - below)
