"""What the camera sends, and how it becomes what the line reads.

Names and codes: GenICam Pixel Format Naming Convention (PFNC) 2.4. Mono8 and BGR8 are the line's
own formats and need no conversion; any other goes through one private buffer.
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
    code: int
    pixel_bytes: int
    bits: int = 8
    """Significant bits of each value."""

    @property
    def bayer(self) -> str:
        """Its first two colours, RG and so on; "" where it has none."""
        return self.name[5:7] if self.name.startswith("Bayer") else ""

    def size_bytes(self, shape: FrameShape) -> int:
        """Of a whole frame."""
        return shape.height_px * shape.width_px * self.pixel_bytes


# in the order in which they are taken: the least work first
SOURCES = {
    "mono8": (
        Source("Mono8", 0x01080001, 1),
        Source("Mono10", 0x01100003, 2, bits=10),
        Source("Mono12", 0x01100005, 2, bits=12),
        Source("Mono16", 0x01100007, 2, bits=16),
    ),
    "bgr8": (
        Source("BGR8", 0x02180015, 3),
        Source("RGB8", 0x02180014, 3),
        Source("BayerRG8", 0x01080009, 1),
        Source("BayerGB8", 0x0108000A, 1),
        Source("BayerGR8", 0x01080008, 1),
        Source("BayerBG8", 0x0108000B, 1),
    ),
}
# OpenCV's names with all four pixels of the pattern; its two-letter names mean others
_DEMOSAIC = {
    "RG": cv2.COLOR_BayerRGGB2BGR,
    "GB": cv2.COLOR_BayerGBRG2BGR,
    "GR": cv2.COLOR_BayerGRBG2BGR,
    "BG": cv2.COLOR_BayerBGGR2BGR,
}
_ACROSS = {"RG": "GR", "GR": "RG", "GB": "BG", "BG": "GB"}  # one pixel to the right
_DOWN = {"RG": "GB", "GB": "RG", "GR": "BG", "BG": "GR"}  # one row down


def shifted(bayer: str, x_px: int, y_px: int) -> str:
    """The pattern of a sensor as a region that begins there shows it."""
    across = _ACROSS[bayer] if x_px % 2 else bayer
    return _DOWN[across] if y_px % 2 else across


def converter(source: Source, shape: FrameShape, bayer: str) -> Convert | None:
    """From the bytes of a frame into a slot; None where the bytes are the slot's own."""
    size = (shape.height_px, shape.width_px)
    if bayer:
        code = _DEMOSAIC[bayer]
        return lambda raw, out: cv2.cvtColor(raw.reshape(size), code, dst=out)
    if source.name == "RGB8":
        return lambda raw, out: cv2.cvtColor(raw.reshape(*size, 3), cv2.COLOR_RGB2BGR, dst=out)
    if source.bits > 8:  # noqa: PLR2004 - a byte
        alpha = 1 / (1 << (source.bits - 8))
        return lambda raw, out: cv2.convertScaleAbs(
            raw.view(np.uint16).reshape(size), dst=out, alpha=alpha
        )
    return None
