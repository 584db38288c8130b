"""What the camera sends, and how it becomes what the line reads.

Mono8 and BGR8 are the line's own formats and need no conversion; any other goes through one
private buffer. Of values with more bits the upper eight are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.cameras.formats import Source

    Convert = Callable[[NDArray[np.uint8], NDArray[np.uint8]], object]


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
    """From the bytes of a frame into a slot; None where the bytes are the slot's own.

    Whatever it needs besides is made here, once: a conversion allocates no part of a frame.
    """
    size = (shape.height_px, shape.width_px)
    if source.name == "RGB8":
        return lambda raw, out: cv2.cvtColor(raw.reshape(*size, 3), cv2.COLOR_RGB2BGR, dst=out)
    unpack = _unpacker(source, size)
    if not bayer:
        return unpack
    code = _DEMOSAIC[bayer]
    if unpack is None:
        return lambda raw, out: cv2.cvtColor(raw.reshape(size), code, dst=out)
    plane = np.zeros(size, np.uint8)

    def colour(raw: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        unpack(raw, plane)
        cv2.cvtColor(plane, code, dst=out)

    return colour


def without_chunks(convert: Convert | None, size: int) -> Convert:
    """Of the first `size` bytes of a buffer, behind which the camera has more to say."""
    if convert is None:
        return lambda raw, out: np.copyto(out.reshape(-1), raw[:size])
    return lambda raw, out: convert(raw[:size], out)


def _unpacker(source: Source, size: tuple[int, int]) -> Convert | None:
    """The upper eight bits of each value; None where it has no more."""
    if source.packed:
        return _pairs if source.name.endswith("Packed") else _lowest_first(source, size)
    if source.bits > 8:  # noqa: PLR2004 - a byte
        alpha = 1 / (1 << (source.bits - 8))
        return lambda raw, out: cv2.convertScaleAbs(
            raw.view(np.uint16).reshape(size), dst=out, alpha=alpha
        )
    return None


def _pairs(raw: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """GigE Vision's two pixels in three bytes: the outer ones are their upper bits already.

    Mono12Packed    a11 .. a4 | b3 .. b0 a3 .. a0 | b11 .. b4
    Mono10Packed    a9 .. a2  | - - b1 b0 - - a1 a0 | b9 .. b2
    """
    flat = out.reshape(-1)
    np.copyto(flat[0::2], raw[0::3])
    np.copyto(flat[1::2], raw[2::3])


def _lowest_first(source: Source, size: tuple[int, int]) -> Convert:
    """PFNC's `p`: bit 0 of the first pixel is bit 0 of the first byte, without gaps.

    Mono12p    a7 .. a0 | b3 .. b0 a11 .. a8 | b11 .. b4
    Mono10p    a7 .. a0 | b5 .. b0 a9 a8 | c3 .. c0 b9 .. b6 | d1 d0 c9 .. c4 | d9 .. d2
    """
    bits, group = source.bits, source.group
    step = bits * group // 8
    scratch = np.zeros(size[0] * size[1] // group, np.uint8)

    def unpack(raw: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        flat = out.reshape(-1)
        for k in range(group):
            # where the upper eight bits of this pixel begin
            at, shift = divmod(k * bits + bits - 8, 8)
            pixels = flat[k::group]
            if not shift:
                np.copyto(pixels, raw[at::step])
                continue
            np.right_shift(raw[at::step], shift, out=pixels)
            np.left_shift(raw[at + 1 :: step], 8 - shift, out=scratch)
            np.bitwise_or(pixels, scratch, out=pixels)

    return unpack
