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
from gonogo.rules.image_trust.stuck import Usual, tiles_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

MOST_TEXT = 300_000  # letters of one picture; what does not fit is not offered
STEP = 0.01  # of a logarithm of light: one in the file
SMALL, LARGE = np.iinfo(np.int8), np.iinfo(np.uint8)
_SIGNED, _WHOLE = np.dtype(np.int8), np.dtype(np.uint8)

Text = Annotated[str, Field(max_length=MOST_TEXT)]


class StuckLearnt(Section):
    """As gonogo.rules.image_trust.stuck.Usual."""

    bits: Text
    ranges: Text


class DustLearnt(Section):
    """As gonogo.rules.image_trust.dust.Clean, in steps of STEP: `mean` int8, the others uint8."""

    mean: Text
    limit: Text
    spread: Text


class OpticsLearnt(Section):
    """Checks that are not offered are None."""

    stuck: StuckLearnt | None = None
    dust: DustLearnt | None = None


class Optics(NamedTuple):
    """The same, ready to be compared with."""

    usual: Usual | None
    clean: Clean | None


def optics_learnt(usual: Usual | None, clean: Clean | None) -> OpticsLearnt:
    """As it is written; ValueError where one of the pictures takes too much room."""
    stuck = dust = None
    if usual is not None:
        stuck = StuckLearnt(bits=packed(usual.bits), ranges=packed(usual.ranges))
    if clean is not None:
        mean, limit, spread = (packed(each) for each in _steps(clean))
        dust = DustLearnt(mean=mean, limit=limit, spread=spread)
    return OpticsLearnt(stuck=stuck, dust=dust)


def optics_of(learnt: OpticsLearnt, geometry: FrameShape) -> Optics:
    """What the frames of that geometry are held against; ValueError where the sizes differ."""
    usual = clean = None
    if learnt.stuck is not None:
        size = geometry.height_px, -(-geometry.width_px // 8)
        bits = unpacked(learnt.stuck.bits, _WHOLE, size)
        usual = Usual(bits, unpacked(learnt.stuck.ranges, _WHOLE, tiles_of(geometry)))
    if learnt.dust is not None:
        its, size = learnt.dust, cells_of(geometry)
        kinds = ((its.mean, _SIGNED), (its.limit, _WHOLE), (its.spread, _WHOLE))
        clean = _unstepped(*(unpacked(text, kind, size) for text, kind in kinds))
    return Optics(usual, clean)


def as_read(clean: Clean) -> Clean:
    """The same as it is when it has been written and read."""
    return _unstepped(*_steps(clean))


def _steps(clean: Clean) -> tuple[NDArray[np.int8], NDArray[np.uint8], NDArray[np.uint8]]:
    mean = np.clip(np.rint(clean.mean / STEP), SMALL.min, SMALL.max).astype(np.int8)
    # up: what the good pictures took stays within it
    limit = np.clip(np.ceil(clean.limit / STEP + 0.5), 0, LARGE.max).astype(np.uint8)
    spread = np.clip(np.rint(clean.spread / STEP), 0, LARGE.max).astype(np.uint8)
    return mean, limit, spread


def _unstepped(*steps: NDArray[np.generic]) -> Clean:
    return Clean(*(each.astype(np.float32) * np.float32(STEP) for each in steps))


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
