"""From a camera frame to the model's input tensor, on one thread, without allocation.

The reference is the resize that models are trained with: bilinear with
antialiasing, that is a triangle filter as wide as two target pixels (Pillow's
BILINEAR). It matters: on real parts here, plain INTER_LINEAR took AUROC from 0.91 to
0.78. OpenCV has no such resize; the nearest it can do fast is

    halve while a factor of 2 is left   INTER_AREA 2 x 2, the vectorised case
    triangle filter                     as wide as the factor that is left, on each axis
    sample                              INTER_LINEAR, whose own blur the filter leaves room for

For factors below 1.4 INTER_AREA is nearer to the reference, and for enlarging
INTER_LINEAR is the reference. How far they are from it is held by a test.

What is scaled to which size, and what is cut off or stands beside it, is the model's `fit`
(gonogo.engines.backends.fit). A model whose fit says `linear` was trained with plain INTER_LINEAR;
`exact` is the reference itself (gonogo.engines.backends.exact).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.exact import ExactResize
from gonogo.engines.backends.fit import SQUEEZE
from gonogo.engines.backends.placing import place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.fit import Filter, Fit
    from gonogo.engines.backends.model import Contract

TRIANGLE_FROM = 1.4  # reduction factor from which the triangle filter is the nearer one
HALVE_FROM = 4  # one with which a factor of 2 is left after halving
ALIGN_BYTES = 64  # a cache line, and the widest vector that runtimes load at once
_SAMPLING_BLUR = 0.75  # px^2 of width that INTER_LINEAR adds, the best over factors 1.4 .. 8
_BISECTIONS = 40


class Resize:
    """Scales frames of one geometry into `target`, uint8 (height, width[, 3]); no aspect ratio.

    Each OpenCV call writes into a buffer made here, the last one into `target`.
    """

    def __init__(self, geometry: FrameShape, target: NDArray[np.uint8], how: Filter) -> None:
        height_px, width_px = target.shape[:2]
        self._target, self._size = target, (width_px, height_px)
        factors = (geometry.height_px / height_px, geometry.width_px / width_px)
        # by the axis that shrinks less: both must, by so much
        self._triangle = how == "antialias" and min(factors) >= TRIANGLE_FROM
        shrinks = how == "antialias" and max(factors) > 1
        self._direct = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        self._halves = _halvings(geometry, height_px, width_px) if self._triangle else []
        rows, columns = self._halves[-1].shape[:2] if self._halves else geometry[:2]
        self._soft = _buffer(rows if self._triangle else 0, columns, geometry.channels)
        factors = (columns / width_px, rows / height_px)
        self._kernels = [_triangle(factor) for factor in factors] if self._triangle else []

    def into_target(self, pixels: NDArray[np.uint8]) -> None:
        """Fill the target from a frame."""
        if not self._triangle:
            _resized(pixels, self._size, self._target, self._direct)
            return
        for half in self._halves:
            pixels = _resized(pixels, half.shape[1::-1], half, cv2.INTER_AREA)
        across, down = self._kernels
        # Pillow cuts its filter off at the edge; here what lies at the edge is repeated
        border = cv2.BORDER_REPLICATE
        cv2.sepFilter2D(pixels, -1, across, down, dst=self._soft, borderType=border)
        _resized(self._soft, self._size, self._target, cv2.INTER_LINEAR)


class Preprocess:
    """Brings frames of one geometry to `channels` planes of `height_px` x `width_px`, by `fit`.

    Colour frames are blue-green-red, planes are red, green, blue; a grey frame fills every
    plane, a one-channel model gets luma. Each OpenCV call writes into a buffer made here.
    """

    def __init__(
        self,
        geometry: FrameShape,
        channels: int,
        height_px: int,
        width_px: int,
        fit: Fit = SQUEEZE,
    ) -> None:
        self._to_luma = channels == 1 and geometry.channels != 1
        placing = place(geometry, (height_px, width_px), fit)
        (rows, columns), (top, left) = placing
        depth = geometry.channels
        # as large as both: what is cut off lies around the model's size, bars lie within it
        whole = _buffer(max(rows, height_px), max(columns, width_px), depth)
        whole.fill(fit.fill)  # once: only what the frame covers is written again
        scaled = whole[max(top, 0) :, max(left, 0) :][:rows, :columns]
        self._small = whole[max(-top, 0) :, max(-left, 0) :][:height_px, :width_px]
        exact = fit.filter == "exact"
        self._resize = (
            ExactResize(geometry, scaled) if exact else Resize(geometry, scaled, fit.filter)
        )
        self._luma = np.empty((height_px, width_px), np.uint8)
        # pairs (from, to): blue-green-red to planes of red, green, blue; or grey into each
        self._order = [2, 0, 1, 1, 0, 2] if depth > 1 else [0, 0, 0, 1, 0, 2]
        self._planes = np.empty((channels, height_px, width_px), np.uint8)

    def into(self, pixels: NDArray[np.uint8], tensor: NDArray[Any]) -> None:
        """Fill `tensor` from `pixels` (a frame).

        `tensor` is uint8 or float32, C-contiguous [1, channels, height, width].
        """
        small = self.resize(pixels)
        if self._to_luma:
            cv2.cvtColor(small, cv2.COLOR_BGR2GRAY, dst=self._luma)
            small = self._luma
        # mixChannels does not convert: for a float32 tensor the planes are made as uint8 first
        planes = tensor[0] if tensor.dtype == np.uint8 else self._planes
        if len(planes) == 1:
            np.copyto(planes[0], small)
        else:
            cv2.mixChannels([small], [planes[0], planes[1], planes[2]], self._order)
        if planes is self._planes:
            np.copyto(tensor[0], planes)

    def resize(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The frame at the model's size, in a buffer that the next call writes again."""
        self._resize.into_target(pixels)
        return self._small


class Preprocesses:
    """What brings frames to a model's input, one Preprocess a geometry, each made once.

    A ring has frames of its camera's size, a self-test those of the model's.
    """

    def __init__(self, contract: Contract) -> None:
        _, channels, height_px, width_px = contract.image.shape
        self._wanted = (channels, height_px, width_px, contract.fit)
        self._made: dict[FrameShape, Preprocess] = {}

    def of(self, geometry: FrameShape) -> Preprocess:
        """The one for frames of this geometry."""
        if geometry not in self._made:
            self._made[geometry] = Preprocess(geometry, *self._wanted)
        return self._made[geometry]


def geometry_of(pixels: NDArray[np.uint8]) -> FrameShape:
    """The geometry of a frame (height, width) or (height, width, 3)."""
    height_px, width_px, *depth = pixels.shape
    return FrameShape(height_px, width_px, depth[0] if depth else 1)


def aligned(shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[np.generic]:
    """A zeroed array whose memory starts at a multiple of 64 bytes, as runtimes want it."""
    count = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(count + ALIGN_BYTES, np.uint8)  # numpy's own memory starts at any multiple of 16
    start = -raw.ctypes.data % ALIGN_BYTES
    return raw[start : start + count].view(dtype).reshape(shape)


def _buffer(height_px: int, width_px: int, channels: int) -> NDArray[np.uint8]:
    size = (height_px, width_px)
    return np.empty(size if channels == 1 else (*size, channels), np.uint8)


def _resized(
    pixels: NDArray[np.uint8], size: tuple[int, ...], target: NDArray[np.uint8], how: int
) -> NDArray[np.uint8]:
    cv2.resize(pixels, size, dst=target, interpolation=how)
    return target


def _halvings(geometry: FrameShape, height_px: int, width_px: int) -> list[NDArray[np.uint8]]:
    """A buffer for each 2 x 2 reduction; odd sizes end it, for they would shift the image."""
    rows, columns, channels = geometry
    buffers = []
    while _halves_well(rows, height_px) and _halves_well(columns, width_px):
        rows, columns = rows // 2, columns // 2
        buffers.append(_buffer(rows, columns, channels))
    return buffers


def _halves_well(size_px: int, target_px: int) -> bool:
    return size_px >= HALVE_FROM * target_px and size_px % 2 == 0


def _triangle(factor: float) -> NDArray[np.float32]:
    """Taps of a triangle filter that, sampled by INTER_LINEAR, is as wide as the reference's."""
    # variances of filters that follow one another add up: what sampling adds is left out here
    wanted = (factor * factor - _SAMPLING_BLUR) / 6  # variance in px^2 of a triangle
    low, high = 0.5, factor + 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if _variance(_taps(middle)) < wanted else (low, middle)
    return _taps(low).astype(np.float32)


def _taps(half_width: float) -> NDArray[np.float64]:
    reach = max(1, int(np.ceil(half_width)))
    weights = np.clip(1 - np.abs(np.arange(-reach, reach + 1)) / half_width, 0, None)
    return np.asarray(weights / weights.sum(), np.float64)


def _variance(taps: NDArray[np.float64]) -> float:
    places = np.arange(len(taps)) - len(taps) // 2
    return float((taps * places * places).sum())
