"""What a view has learnt for the slow checks of its optics: part of its learnt file.

Pictures of what good ones have in common, packed into text: bits or small whole numbers, row by
row, compressed (zlib), in base64. Unpacked they have the size that the geometry gives, or the file
is refused.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from pydantic import Field

from gonogo.base.section import Section
from gonogo.rules.image_trust.dust import Clean, cells_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Mask = NDArray[np.bool_]

MOST_TEXT = 300_000  # letters of one picture; what does not fit is not offered
STEP = 0.01  # of a logarithm of light: one in the file
SMALL, LARGE = np.iinfo(np.int8), np.iinfo(np.uint8)

Text = Annotated[str, Field(max_length=MOST_TEXT)]


class DustLearnt(Section):
    """As gonogo.rules.image_trust.dust.Clean: steps of STEP, `mean` int8, `limit` uint8."""

    mean: Text
    limit: Text


class OpticsLearnt(Section):
    """Checks that are not offered are None. `known`: a bit a pixel, rows filled up to bytes."""

    known: Text | None = None
    dust: DustLearnt | None = None


class Optics(NamedTuple):
    """The same, ready to be compared with. `known`: uint8 (rows, bytes), the bits of each row."""

    known: NDArray[np.uint8] | None
    clean: Clean | None


def optics_learnt(known: Mask | None, clean: Clean | None) -> OpticsLearnt:
    """As it is written; ValueError where one of the pictures takes too much room."""
    return OpticsLearnt(
        known=None if known is None else packed(np.packbits(known, axis=1)),
        dust=None if clean is None else _dust(clean),
    )


def _dust(clean: Clean) -> DustLearnt:
    mean, limit = _steps(clean)
    return DustLearnt(mean=packed(mean), limit=packed(limit))


def as_read(clean: Clean) -> Clean:
    """The same as it is when it has been written and read."""
    return _unstepped(*_steps(clean))


def _steps(clean: Clean) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    mean = np.clip(np.rint(clean.mean / STEP), SMALL.min, SMALL.max).astype(np.int8)
    # up: what the good pictures took stays within it
    limit = np.clip(np.ceil(clean.limit / STEP + 0.5), 0, LARGE.max).astype(np.uint8)
    return mean, limit


def _unstepped(mean: NDArray[np.generic], limit: NDArray[np.generic]) -> Clean:
    return Clean(mean.astype(np.float32) * np.float32(STEP),
                 limit.astype(np.float32) * np.float32(STEP))  # fmt: skip


def optics_of(learnt: OpticsLearnt, geometry: FrameShape) -> Optics:
    """What the frames of that geometry are held against; ValueError where the sizes differ."""
    known = clean = None
    if learnt.known is not None:
        size = geometry.height_px, -(-geometry.width_px // 8)
        known = unpacked(learnt.known, np.dtype(np.uint8), size)
    if learnt.dust is not None:
        size = cells_of(geometry)
        mean = unpacked(learnt.dust.mean, np.dtype(np.int8), size)
        limit = unpacked(learnt.dust.limit, np.dtype(np.uint8), size)
        clean = _unstepped(mean, limit)
    return Optics(known, clean)


def packed(picture: NDArray[np.uint8] | NDArray[np.int8]) -> str:
    """The text of a picture; ValueError where it is longer than MOST_TEXT."""
    text = base64.b64encode(zlib.compress(picture.tobytes(), 9)).decode()
    if len(text) > MOST_TEXT:
        raise ValueError(f"expected at most {MOST_TEXT} letters, got {len(text)}")
    return text


def unpacked(text: str, kind: np.dtype[np.generic], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture of a text; ValueError where it is not of that size."""
    wanted = size[0] * size[1]
    try:
        inflate = zlib.decompressobj()
        # one more tells that there is more: a few letters can hold a thousand times as much
        raw = inflate.decompress(base64.b64decode(text, validate=True), wanted + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"expected a compressed picture, got what is none: {error}") from error
    if len(raw) != wanted:
        raise ValueError(f"expected a picture of {size[0]} rows of {size[1]} bytes, got another")
    return np.frombuffer(raw, kind).reshape(size)
