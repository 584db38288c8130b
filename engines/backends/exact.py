"""The resize that models are trained with, to a rounding: for scores like the tool's own.

A triangle filter as wide as two target pixels (Pillow's BILINEAR, torchvision's antialias), its
own weights for each target pixel, in float32. It takes several times as long as what
gonogo.engines.backends.preprocess does in its place, which is as near as OpenCV comes quickly.

Each axis is a product with a band of weights, in blocks: of eight target pixels, and of so many
columns that the library behind numpy starts no thread of its own for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Reals = NDArray[np.float32]

_ROWS = 8  # target pixels of a block: more of them multiply more zeros
# multiplications of a product; OpenBLAS spreads one of more than 4 * 65536 over threads
_PRODUCT_MAX = 200_000


class _Step(NamedTuple):
    """One product: `weights` times `source` into `into`, views that are made once."""

    weights: Reals
    source: Reals
    into: Reals


class ExactResize:
    """Scales frames of one geometry into `target`, uint8 (height, width[, 3]); no aspect ratio.

    Everything is written into buffers made here, in the end into `target`.
    """

    def __init__(self, geometry: FrameShape, target: NDArray[np.uint8]) -> None:
        rows, columns = geometry.height_px, geometry.width_px
        (height_px, width_px), depth = target.shape[:2], geometry.channels
        self._frame = np.empty((rows, columns * depth), np.float32)
        down = np.empty((height_px, columns, depth), np.float32)
        # the other axis is brought to the front, and back in the end
        turned = np.empty((columns, height_px, depth), np.float32)
        across = np.empty((width_px, height_px * depth), np.float32)
        self._turn = turned, down.transpose(1, 0, 2)
        self._across = across
        self._down_steps = _steps(self._frame, down.reshape(height_px, -1))
        self._across_steps = _steps(turned.reshape(columns, -1), across)
        self._small = across.reshape(width_px, height_px, depth).transpose(1, 0, 2)
        self._target = target if depth > 1 else target[:, :, None]

    def into_target(self, pixels: NDArray[np.uint8]) -> None:
        """Fill the target from a frame."""
        np.copyto(self._frame, pixels.reshape(self._frame.shape))
        _multiply(self._down_steps)
        np.copyto(*self._turn)
        _multiply(self._across_steps)
        # weights sum up to 1: nothing is below 0 or above 255
        np.rint(self._across, out=self._across)
        np.copyto(self._target, self._small, casting="unsafe")


def _multiply(steps: list[_Step]) -> None:
    for step in steps:
        np.matmul(step.weights, step.source, out=step.into)


def _steps(source: Reals, into: Reals) -> list[_Step]:
    """From (size, columns) to (target, columns), in products that are small enough."""
    size, columns = source.shape
    steps = []
    for top in range(0, len(into), _ROWS):
        first, weights = _weights(size, len(into), range(top, min(top + _ROWS, len(into))))
        wide = max(1, _PRODUCT_MAX // weights.size)
        band = source[first : first + weights.shape[1]]
        steps += [
            _Step(weights, band[:, left : left + wide], into[top : top + _ROWS, left : left + wide])
            for left in range(0, columns, wide)
        ]
    return steps


def _weights(size: int, target: int, pixels: range) -> tuple[int, Reals]:
    """Of these target pixels: the first source pixel, and weights (pixels, source pixels)."""
    factor = size / target
    reach = max(factor, 1.0)  # enlarged, it is a plain linear interpolation
    spans = []
    for pixel in pixels:
        centre = (pixel + 0.5) * factor
        first, last = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), size)
        weights = np.clip(1 - np.abs(np.arange(first, last) + 0.5 - centre) / reach, 0, None)
        # cut off at the edge of the frame, and whole again: as Pillow does
        spans.append((first, weights / weights.sum()))
    start = min(first for first, _ in spans)
    stop = max(first + len(weights) for first, weights in spans)
    found = np.zeros((len(spans), stop - start), np.float32)
    for row, (first, weights) in zip(found, spans, strict=True):
        row[first - start : first - start + len(weights)] = weights
    return start, found
