"""What rules and engine see on a frame, drawn over it; pure drawing.

    cyan      where a rule looks, with its name     green    outline of what it found
    magenta   what it measured along                yellow to red: where the engine looked

Below the frame a line for each rule: value, limits, unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.commands.show.frame_picture import (
    CYAN,
    GREEN,
    GROUND,
    MAGENTA,
    WHITE,
    draw_region,
    enlarged,
    regions,
    write_text,
)
from gonogo.console.screen.heat import levels_of, overlay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.base.section import Section
    from gonogo.commands.scorer import Scored
    from gonogo.rules.marks import Mark

    Picture = NDArray[np.uint8]

COLOURS = {"object": GREEN, "feature": MAGENTA}
LEGEND = "cyan: where rules look  green: what they found  magenta: what they measured along"
RED = (90, 90, 255)
_LINE_PX, _MARGIN_PX = 18, 8
_SHIFT = 4  # of coordinates in OpenCV: sixteenths of a pixel


def overlay_of(
    frame: Picture,
    rules: Sequence[Section],
    marks: Sequence[Sequence[Mark]],
    scored: Scored | None,
    lines: Sequence[tuple[str, bool]],
) -> Picture:
    """The whole picture, uint8 (height, width, 3) blue-green-red.

    `frame`: uint8 (height, width[, 3]); `marks` of each rule; `lines` go below it, with whether
    they are well.
    """
    grey = frame.ndim == 2  # noqa: PLR2004 - (height, width)
    colour = np.asarray(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR) if grey else frame, np.uint8)
    shown, factor = enlarged(_with_heat(colour, scored))
    for each in marks:
        _draw(shown, each, factor)
    for number, (name, roi) in enumerate(regions(rules)):
        draw_region(shown, name, roi, factor, number)
    return np.concatenate([shown, _foot(shown.shape[1], lines)])


def _with_heat(frame: Picture, scored: Scored | None) -> Picture:
    """The engine's map over it, as the operator's screen has it."""
    if scored is None or scored.map is None or scored.place is None:
        return frame
    height_px, width_px = frame.shape[:2]
    size_px = (height_px, width_px)
    png = overlay(levels_of(scored.map), scored.place, size_px, max(size_px))
    heat = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)
    share = heat[..., 3:] / 255.0
    return np.asarray(np.rint(frame * (1 - share) + heat[..., :3] * share), np.uint8)


def _draw(shown: Picture, marks: Sequence[Mark], factor: int) -> None:
    # outlines first: what was measured lies over them
    for mark in sorted(marks, key=lambda each: each.kind != "object"):
        # OpenCV has whole numbers at the middle of a pixel, marks at its corner
        points = (mark.points * factor - 0.5) * (1 << _SHIFT)
        cv2.polylines(
            shown, [points.round().astype(np.int32)], isClosed=True, color=COLOURS[mark.kind],
            thickness=1, lineType=cv2.LINE_AA, shift=_SHIFT,
        )  # fmt: skip


def _foot(width: int, lines: Sequence[tuple[str, bool]]) -> Picture:
    every = [*lines, (LEGEND, True)]
    foot = np.full((_LINE_PX * len(every) + _MARGIN_PX, width, 3), GROUND, np.uint8)
    for number, (text, well) in enumerate(every, start=1):
        colour = CYAN if text == LEGEND else WHITE if well else RED
        write_text(foot, text, (_MARGIN_PX, _LINE_PX * number), colour)
    return foot
