"""What the camera sends, and how it becomes what the line reads.

GREY and BGR24 are the line's own formats. YUYV is read as ITU-R BT.601 in its narrow range, which
is what UVC cameras send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Convert = Callable[[NDArray[np.uint8], NDArray[np.uint8]], object]


class Source(NamedTuple):
    """A pixel format of the camera."""

    name: str
    code: str
    """Its four letters."""
    pixel_bytes: int
    plain: bool = False
    """Whether it is the line's own."""


_YUYV = Source("YUYV", "YUYV", 2)
# in the order in which they are taken: the least work first
SOURCES = {
    "mono8": (Source("GREY", "GREY", 1, plain=True), _YUYV),
    "bgr8": (Source("BGR24", "BGR3", 3, plain=True), Source("RGB24", "RGB3", 3), _YUYV),
}


def converter(source: Source, shape: FrameShape, row_bytes: int) -> Convert:
    """From the bytes of a frame, with its rows padded to `row_bytes`, into a slot."""
    height, width, channels = shape
    line_bytes = width * source.pixel_bytes
    used_bytes = row_bytes * height

    def rows(raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return raw.reshape(-1)[:used_bytes].reshape(height, row_bytes)[:, :line_bytes]

    if source.plain:
        return lambda raw, out: np.copyto(out.reshape(height, line_bytes), rows(raw))
    code = {
        ("RGB24", 3): cv2.COLOR_RGB2BGR,
        ("YUYV", 3): cv2.COLOR_YUV2BGR_YUY2,
        ("YUYV", 1): cv2.COLOR_YUV2GRAY_YUY2,
    }[source.name, channels]
    pixel = (height, width, source.pixel_bytes)
    return lambda raw, out: cv2.cvtColor(rows(raw).reshape(pixel), code, dst=out)
