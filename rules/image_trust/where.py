"""A picture of where: the view's last frame, and a ring around each place that is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base import atomic_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.atomic_file import Files
    from gonogo.rules.image_trust.spots import Spot

LONGEST_PX = 1600  # of a side: some megabytes at most, whatever the frame
ROOM_PX = 8  # of the picture, between a place and its ring
STUCK, DUST = (0, 0, 255), (0, 200, 255)  # red and amber, as OpenCV has them: blue first


def ringed(
    frame: NDArray[np.uint8], stuck: Sequence[Spot], dust: Sequence[Spot]
) -> NDArray[np.uint8]:
    """The frame, made smaller where it is large, with a red ring a pixel and an amber one a grain.

    uint8 (rows, columns, 3), blue first, as OpenCV has it.
    """
    scale = min(1.0, LONGEST_PX / max(frame.shape[:2]))
    size = max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
    shown = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    if shown.ndim == 2:  # noqa: PLR2004 - grey
        shown = cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR)
    for spots, colour in ((dust, DUST), (stuck, STUCK)):
        for spot in spots:
            middle = round(spot.x_px * scale), round(spot.y_px * scale)
            radius = round(spot.size_px * scale / 2) + ROOM_PX
            cv2.circle(shown, middle, radius, colour, 2, cv2.LINE_AA)
    return np.asarray(shown, np.uint8)


def write_picture(path: Path, picture: NDArray[np.uint8], files: Files = atomic_file.SYSTEM) -> str:
    """A PNG in the place of the one before, or as it was; where it is, or why it is not."""
    whole, png = cv2.imencode(".png", picture)
    if not whole:
        return "no picture of where: it could not be encoded"
    try:
        atomic_file.replace(path, png.tobytes(), files)
    except OSError as error:
        # what was begun would keep a full disk full
        path.with_name(f"{path.name}.new").unlink(missing_ok=True)
        return f"no picture of where: {path}: {error.strerror}"
    return f"picture of where: {path}"
