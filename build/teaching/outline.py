"""How good parts lie in their photographs, where they have an outline: told, not mended.

A part that lies turned or moved is compared with the wrong places of the bank. The image
is not turned back: no backend but one has the operators for it, and what is turned at
teaching must be turned on the line. So whoever teaches is told to mend it: a fixture, a stop,
a guide, or more good parts that lie so. Moments: Hu, IRE Trans. Inf. Theory 8 (1962).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

AREA = (0.03, 0.8)  # of the image; less is a speck, more is the ground
AREA_SPREAD_MAX = 0.3  # of the median, over all parts: else it is not the same thing each time
LONG = 1.3  # length by width from which on a main axis tells something
MOVED_MAX = 0.02  # of the image, one standard deviation
TURNED_MAX_DEG = 3.0
_FOREGROUND = 255


class Pose(NamedTuple):
    """Of one foreground: area and centre as shares of the image, main axis, length by width."""

    area: float
    x: float
    y: float
    axis_deg: float
    elongation: float


def lie(frames: Sequence[NDArray[np.uint8]]) -> str:
    """A remark where the parts lie moved or turned by more than a fixture lets them; else empty."""
    found = [pose(frame) for frame in frames]
    poses = [each for each in found if each is not None]
    if len(poses) < len(frames) or not _the_same(poses):
        return ""  # nothing that could be called the part
    moved = max(float(np.std([p.x for p in poses])), float(np.std([p.y for p in poses])))
    turned_deg = _turned_deg(poses)
    told = []
    if moved > MOVED_MAX:
        told.append(f"moved by {moved:.1%} of the image")
    if turned_deg > TURNED_MAX_DEG:
        told.append(f"turned by {turned_deg:.0f} degrees")
    if not told:
        return ""
    return (
        f"the good parts lie {' and '.join(told)} (standard deviation): a fixture or a guide "
        "makes a better engine than any number of parts"
    )


def pose(frame: NDArray[np.uint8]) -> Pose | None:
    """Of the largest coloured blob, uint8 (height, width, 3); None where nothing stands out."""
    saturation = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV)[:, :, 1], (5, 5), 0)
    _, mask = cv2.threshold(saturation, 0, _FOREGROUND, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count == 1:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    y, x = np.nonzero(labels == largest)
    area = len(x) / labels.size
    if not AREA[0] <= area <= AREA[1]:
        return None
    # ascending: width, then length
    variances, axes = np.linalg.eigh(np.cov(np.stack([x, y])))
    axis_deg = float(np.degrees(np.arctan2(axes[1, 1], axes[0, 1])))
    height_px, width_px = labels.shape
    long = float(np.sqrt(variances[1] / max(variances[0], 1e-9)))
    return Pose(area, float(x.mean()) / width_px, float(y.mean()) / height_px, axis_deg, long)


def _the_same(poses: Sequence[Pose]) -> bool:
    areas = np.array([each.area for each in poses])
    return float(areas.std() / np.median(areas)) <= AREA_SPREAD_MAX


def _turned_deg(poses: Sequence[Pose]) -> float:
    """Standard deviation of the main axes; 0 of round parts, which have none."""
    if float(np.median([each.elongation for each in poses])) < LONG:
        return 0.0
    # an axis has no direction: twice the angle goes once round
    twice = np.exp(2j * np.radians([each.axis_deg for each in poses]))
    length = float(min(1.0, max(np.abs(twice.mean()), 1e-12)))
    return float(np.degrees(np.sqrt(-2 * np.log(length)) / 2))
