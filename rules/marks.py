"""What a rule measured, as lines on the frame: for people who ask why, never for a verdict.

Measured anew on a picture that was kept, by the same steps as the rule itself. Of a view with a
lens the lines are as the frame shows the part, before it is straightened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.extent import Seen
from gonogo.rules.presence_section import PresenceSection
from gonogo.rules.ruleset import open_gauge
from gonogo.rules.segment import ChannelOf, Segmenter
from gonogo.rules.template import Matcher
from gonogo.rules.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.rules.rule import Roi
    from gonogo.rules.ruleset import RuleSection
    from gonogo.rules.segment import Blob

    Line = NDArray[np.float64]


class Marks(NamedTuple):
    """`value` in the rule's `unit`, as it is measured now; nan where it cannot tell.

    `looked`: rectangles, `lines`: what was measured, each (n, 2) float64, x and y in px of the
    frame. Both are closed where the first point comes again at the end.
    """

    value: float
    unit: str
    looked: list[Line]
    lines: list[Line]


def marks_of(section: RuleSection, base: Path, pixels: NDArray[np.uint8]) -> Marks:
    """Of a rule on a frame, uint8 (height, width[, 3]); StationFileError where it does not fit.

    `base`: the folder of the station file, for what a rule has learnt.
    """
    height_px, width_px = pixels.shape[:2]
    geometry = FrameShape(height_px, width_px, 1 if pixels.ndim == 2 else pixels.shape[2])  # noqa: PLR2004 - rows and columns
    gauge = open_gauge(section, geometry, base)
    window = Window(section.name, section.roi, geometry, int(getattr(section, "work_px", 1024)))
    lines: list[Line] = []
    if isinstance(section, DimensionSection):
        lines = _dimension(section, window, pixels)
    elif isinstance(section, PresenceSection):
        lines = _presence(section, window, pixels, base)
    looked = [_rectangle(window.roi)]
    if isinstance(section, ColourSection) and section.white_roi is not None:
        looked.append(_rectangle(section.white_roi))
    return Marks(gauge.measure(pixels), gauge.unit, looked, lines)


def _rectangle(roi: Roi) -> Line:
    return _box(roi.x_px, roi.y_px, roi.width_px, roi.height_px)


def _box(left: float, top: float, width: float, height: float) -> Line:
    right, bottom = left + width, top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return np.array(corners, np.float64)


def _on_frame(points: NDArray[np.floating], window: Window) -> Line:
    """Points in work pixels as points of the frame."""
    corner = np.array([window.roi.x_px, window.roi.y_px])
    return np.asarray(points.reshape(-1, 2) * window.factor + corner, np.float64)


def _closed(points: NDArray[np.generic]) -> NDArray[np.float64]:
    flat = np.asarray(points, np.float64).reshape(-1, 2)
    return np.concatenate([flat, flat[:1]])


def _dimension(section: DimensionSection, window: Window, pixels: NDArray[np.uint8]) -> list[Line]:
    segmenter = Segmenter(section.name, section.segment, window.shape, window.factor)
    blob = segmenter.biggest(window.take(pixels))
    if blob is None:
        return []
    drawn = _MEASURED.get(section.measure, _outline)(segmenter, blob)
    return [_on_frame(line, window) for line in drawn]


def _moved(points: Line, blob: Blob) -> Line:
    """Pixels of a blob's box in the window: their middles, for a corner is half a pixel aside."""
    return np.asarray(points + np.array([blob.left + 0.5, blob.top + 0.5]), np.float64)


def _outline(segmenter: Segmenter, blob: Blob) -> list[Line]:
    inside = segmenter.outline(blob)
    return [_moved(_closed(inside), blob)]


def _across(segmenter: Segmenter, blob: Blob) -> list[Line]:
    middle = blob.top + blob.height / 2
    ends = np.array([(blob.left, middle), (blob.left + blob.width, middle)])
    return [*_outline(segmenter, blob), ends]


def _down(segmenter: Segmenter, blob: Blob) -> list[Line]:
    middle = blob.left + blob.width / 2
    ends = np.array([(middle, blob.top), (middle, blob.top + blob.height)])
    return [*_outline(segmenter, blob), ends]


def _turned(segmenter: Segmenter, blob: Blob) -> list[Line]:
    inside = segmenter.outline(blob)
    corners = _closed(cv2.boxPoints(cv2.minAreaRect(inside)))
    return [*_outline(segmenter, blob), _moved(corners, blob)]


def _hull(segmenter: Segmenter, blob: Blob) -> list[Line]:
    around = _closed(cv2.convexHull(segmenter.outline(blob)))
    return [*_outline(segmenter, blob), _moved(around, blob)]


def _circle(segmenter: Segmenter, blob: Blob) -> list[Line]:
    its = Seen(segmenter).moments(blob)
    radius = float(np.sqrt(blob.area / np.pi))
    turn = np.linspace(0, 2 * np.pi, 49)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius + (its.x + 0.5, its.y + 0.5)
    return [*_outline(segmenter, blob), around]


def _centre(segmenter: Segmenter, blob: Blob) -> list[Line]:
    its = Seen(segmenter).moments(blob)
    x, y, arm = its.x + 0.5, its.y + 0.5, max(blob.width, blob.height) / 8
    cross = [np.array([(x - arm, y), (x + arm, y)]), np.array([(x, y - arm), (x, y + arm)])]
    return [*_outline(segmenter, blob), *cross]


def _axis(segmenter: Segmenter, blob: Blob) -> list[Line]:
    its = Seen(segmenter).moments(blob)
    angle = 0.5 * np.arctan2(2 * its.xy, its.xx - its.yy)
    reach = np.array([np.cos(angle), np.sin(angle)]) * max(blob.width, blob.height) / 2
    middle = np.array([its.x + 0.5, its.y + 0.5])
    return [*_outline(segmenter, blob), np.stack([middle - reach, middle + reach])]


_MEASURED: dict[str, Callable[[Segmenter, Blob], list[Line]]] = {
    "width": _across,
    "height": _down,
    "length": _turned,
    "breadth": _turned,
    "diameter": _circle,
    "hull_area": _hull,
    "solidity": _hull,
    "position_x": _centre,
    "position_y": _centre,
    "angle": _axis,
}


def _presence(
    section: PresenceSection, window: Window, pixels: NDArray[np.uint8], base: Path
) -> list[Line]:
    image = window.take(pixels)
    if section.method == "blobs":
        return _all_outlines(section, window, image)
    learnt = section.learnt
    if learnt is None:  # a contrast has no place of its own: where it looks is all there is
        return []
    height_px, width_px = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]  # noqa: PLR2004 - rows and columns
    template, _ = learnt.read(FrameShape(height_px, width_px, channels), base)
    grey = ChannelOf(section.name, "grey", window.shape)(image)
    score, left, top = Matcher(template[..., 1], window.shape).best(grey)
    if not np.isfinite(score):
        return []
    rows, columns = template.shape[:2]
    return [_on_frame(_box(left, top, columns, rows), window)]


def _all_outlines(section: PresenceSection, window: Window, image: NDArray[np.uint8]) -> list[Line]:
    """Around everything that is big enough to be looked at, also what is too big to count."""
    segmenter = Segmenter(section.name, section.segment, window.shape, window.factor)
    if not segmenter.areas(image).size:
        return []
    least = max(1, round(section.segment.area_min_px / window.factor**2))
    found, _ = cv2.findContours(segmenter.objects(), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [
        _on_frame(_closed(each) + 0.5, window) for each in found if cv2.contourArea(each) >= least
    ]
