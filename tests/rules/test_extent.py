"""Seen and straightened extents: what each measure is made of, against a slow reckoning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.rules.extent import Seen, Straight
from gonogo.rules.rule import Roi
from gonogo.rules.segment import Blob, Segmenter, SegmentSection
from gonogo.rules.window import Window
from gonogo.tests.rules.optics import BARREL, FRAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.rules.lens import Lens


ROI_KEYS = {"x_px": 300, "y_px": 200, "width_px": 300, "height_px": 240}


def looked_at(work_px: int = 1024, turn_deg: float = 20.0) -> tuple[Segmenter, Window, Blob]:
    """A dark turned box with a hole, found in a window of a frame."""
    frame = np.full(FRAME.shape, 220, np.uint8)
    corners = cv2.boxPoints(((450.0, 320.0), (150.0, 70.0), turn_deg)).astype(np.int32)
    cv2.fillPoly(frame, [corners], (30,))
    frame[310:330, 440:460] = 220
    window = Window("d", Roi(**ROI_KEYS), FRAME, work_px)
    segmenter = Segmenter("d", SegmentSection(), window.shape, window.factor)
    blob = segmenter.biggest(window.take(frame))
    assert blob is not None
    return segmenter, window, blob


def centres(
    window: Window, segmenter: Segmenter, blob: Blob, lens: Lens = BARREL
) -> tuple[NDArray[np.float64], float]:
    """Every pixel of the object, straightened one by one, in px of the frame; and its factor."""
    y, x = np.nonzero(segmenter.mask(blob))
    work = np.stack([x + blob.left, y + blob.top], axis=1)
    seen = (work + 0.5) * window.factor - 0.5 + [ROI_KEYS["x_px"], ROI_KEYS["y_px"]]
    return lens.straighten(seen), float(window.factor)


def sizes(straight: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much larger than seen the lens' way back makes each of these points, by bending steps."""
    right, down = (
        (BARREL.bend(straight + step) - BARREL.bend(straight - step)) / 0.2
        for step in (np.array([0.1, 0.0]), np.array([0.0, 0.1]))
    )
    return 1 / (right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0])


@pytest.mark.parametrize("work_px", [1024, 150])
def test_straight_extent_is_that_of_its_straightened_pixels(work_px: int) -> None:
    """Box and centroid, from each pixel of the object alone; in work pixels of the window."""
    segmenter, window, blob = looked_at(work_px)
    extent = Straight(segmenter, window, BARREL, weighs=True)
    points, factor = centres(window, segmenter, blob)
    width, height = np.ptp(points, axis=0) / factor
    assert extent.box(blob) == pytest.approx((width + 1, height + 1), abs=0.15)
    middle = np.average(points, axis=0, weights=sizes(points))
    x, y = (middle + 0.5 - [ROI_KEYS["x_px"], ROI_KEYS["y_px"]]) / factor - 0.5
    found = extent.moments(blob)
    assert (found.x, found.y) == pytest.approx((x, y), abs=0.02)


def test_straight_box_reaches_as_far_as_the_middle_of_a_side() -> None:
    """A side that is seen straight bulges where the lens has bent it inwards."""
    lens = BARREL.model_copy(update={"k1": 0.5, "k2": 0.0, "cx_px": 450.0})
    segmenter, window, blob = looked_at(turn_deg=0.0)
    points, _ = centres(window, segmenter, blob, lens)
    extent = Straight(segmenter, window, lens, weighs=False)
    width, height = extent.box(blob)
    assert (width, height) == pytest.approx(tuple(np.ptp(points, axis=0) + 1), abs=0.15)
    ends = points[[-blob.width, -1]]  # of its lower side
    assert points[:, 1].max() - ends[:, 1].max() > 0.3


def test_straight_edge_knows_how_wide_its_pixels_are() -> None:
    """The side of a square of their mean size, not that size."""
    segmenter, window, blob = looked_at()
    points, pixel = Straight(segmenter, window, BARREL, weighs=False).edge(blob)
    seen_from = np.array([ROI_KEYS["x_px"], ROI_KEYS["y_px"]])
    expected = np.sqrt(sizes(points[:, 0, :].astype(np.float64) + seen_from)).mean()
    assert pixel == pytest.approx(expected, abs=1e-3)
    assert expected > 1.02


def test_straight_area_is_that_of_the_straightened_outline() -> None:
    """A polygon of finely cut pixel edges, straightened point by point, holes taken off."""
    segmenter, window, blob = looked_at()
    extent = Straight(segmenter, window, BARREL, weighs=False)
    mask = cv2.copyMakeBorder(segmenter.mask(blob), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    fine = cv2.resize(mask, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    outer, *holes = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]
    corner = np.array([blob.left + ROI_KEYS["x_px"], blob.top + ROI_KEYS["y_px"]])
    areas = []
    for contour in (outer, *holes):
        seen = (contour[:, 0, :] + 0.5) / 8 - 0.5 - 1 + corner
        areas.append(cv2.contourArea(BARREL.straighten(seen).astype(np.float32)))
    assert extent.area(blob) == pytest.approx(max(areas) - min(areas), rel=0.01)
    assert abs(extent.area(blob) - blob.area) > 0.02 * blob.area  # it is not what is seen


def test_seen_extent_is_in_whole_pixels() -> None:
    """As the segmenter found it."""
    segmenter, _, blob = looked_at()
    seen = Seen(segmenter)
    assert seen.box(blob) == (blob.width, blob.height)
    assert seen.area(blob) == blob.area
    points, pixel = seen.edge(blob)
    assert pixel == 1.0
    assert np.ptp(points[:, 0, 0]) + 1 == blob.width
