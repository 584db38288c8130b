"""The drawn part: every defect shows where it should, and rules can measure good parts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.scene.appearance import HOLES, Appearance
from gonogo.drivers.scene.drawing import OUTER_MM, Renderer, hole_centre, hole_roi, ring_roi
from gonogo.drivers.scene.section import Defect

GEOMETRY = FrameShape(240, 320, 3)
MM_PER_PX = 96 / 240
GOOD = Appearance(None, 0.5, 0.1, 0.0, 0.0, 0.0, 1.0, 1.0, 77)


def draw(look: Appearance, geometry: FrameShape = GEOMETRY) -> np.ndarray:
    """The frame of one look as float."""
    return Renderer(geometry).render(look).astype(float)


def outer_mm(frame: np.ndarray) -> float:
    """Outer diameter from the area inside the outermost edge."""
    bright = (frame.mean(axis=2) > 70).astype(np.uint8)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    edge = max(contours, key=cv2.contourArea)
    area = np.count_nonzero(cv2.fillPoly(np.zeros_like(bright), [edge], 1))
    return float(2 * np.sqrt(area / np.pi) * MM_PER_PX)


def patch(frame: np.ndarray, roi: tuple[int, int, int, int]) -> np.ndarray:
    """The pixels of an ROI."""
    x, y, width, height = roi
    return frame[y : y + height, x : x + width]


@pytest.mark.parametrize(
    "geometry", [FrameShape(64, 64, 3), FrameShape(120, 90, 1), FrameShape(96, 300, 3)]
)
def test_render_fills_any_frame(geometry: FrameShape) -> None:
    """Square, upright, wide and grey frames come out in their shape, with light and dark."""
    frame = Renderer(geometry).render(GOOD)
    assert frame.shape == geometry.shape
    assert frame.dtype == np.uint8
    assert frame.max() > 150
    assert frame.min() < 40


def test_render_is_the_same_for_the_same_look() -> None:
    """Nothing but the look decides; another texture seed changes the surface."""
    np.testing.assert_array_equal(draw(GOOD), draw(GOOD))
    assert np.abs(draw(GOOD) - draw(GOOD._replace(texture=78))).mean() > 1


@pytest.mark.parametrize("defect", [Defect.SCRATCH, Defect.DENT])
@pytest.mark.parametrize("severity", [0.0, 1.0])
@pytest.mark.parametrize("where", [0.05, 0.3, 0.62, 0.9])
def test_render_shows_a_flaw_on_little_of_the_surface(
    defect: Defect, severity: float, where: float
) -> None:
    """A flaw changes a small part of the frame, but there by clearly more than the noise."""
    flawed = GOOD._replace(defect=defect, severity=severity, where=where)
    change = np.abs(draw(flawed) - draw(GOOD)).max(axis=2)
    assert 0.03 < 100 * (change > 12).mean() < 2
    assert change.max() > 25


@pytest.mark.parametrize("hole", range(HOLES))
def test_render_leaves_out_just_the_missing_hole(hole: int) -> None:
    """The ROI of the missing hole is bright, the other five still show a hole."""
    look = GOOD._replace(defect=Defect.MISSING_HOLE, where=(hole + 0.5) / HOLES)
    frame = draw(look)
    dark = [(patch(frame, hole_roi(GEOMETRY, k)).mean(axis=2) < 70).mean() for k in range(HOLES)]
    assert dark[hole] == 0
    assert min(share for k, share in enumerate(dark) if k != hole) > 0.2


@pytest.mark.parametrize("where", [0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("channels", [1, 3])
def test_render_colours_just_the_ring(where: float, channels: int) -> None:
    """A wrong colour changes the ring and nothing else; a grey camera sees it too."""
    geometry = GEOMETRY._replace(channels=channels)
    look = GOOD._replace(defect=Defect.WRONG_COLOUR, severity=0.0, where=where)
    change = np.abs(draw(look, geometry) - draw(GOOD, geometry)).reshape(240, 320, channels)
    assert patch(change, ring_roi(GEOMETRY)).mean() > 10
    y, x = np.mgrid[:240, :320]
    outside = np.hypot(x + 0.5 - 160, y + 0.5 - 120) > 240 * 0.16
    assert change[outside].max() == 0


@pytest.mark.parametrize("diameter", [0.985, 1.0, 1.015])
def test_render_draws_the_outer_diameter_to_scale(diameter: float) -> None:
    """The diameter measures within half a pixel of what was asked for."""
    measured_mm = outer_mm(draw(GOOD._replace(diameter=diameter)))
    assert abs(measured_mm - OUTER_MM * diameter) < 0.5 * MM_PER_PX


def test_render_moves_the_part_by_subpixels() -> None:
    """A shift by a fraction of a pixel moves the part's centre by that much."""
    centres = []
    for dx_px in (0.0, 2.4):
        bright = draw(GOOD._replace(dx_px=dx_px)).mean(axis=2) > 70
        centres.append(np.nonzero(bright)[1].mean())
    assert abs(centres[1] - centres[0] - 2.4) < 0.3


def test_hole_centre_matches_the_module_text() -> None:
    """The coordinates that the documentation gives for 640x480 px are right."""
    geometry = FrameShape(480, 640, 3)
    centres = [tuple(round(v) for v in hole_centre(geometry, k)) for k in range(HOLES)]
    documented = [(437, 308), (320, 375), (203, 308), (203, 172), (320, 105), (437, 172)]
    np.testing.assert_allclose(centres, documented, atol=1)
    assert ring_roi(geometry) == (296, 175, 48, 22)
