"""How far an object reaches: as it is seen, or as it would be without the lens.

All in work pixels of the window. A straightened object is reckoned from points: where the centre
of each work pixel would lie, and how large that pixel would be, is known when the rule is opened; a
part costs look-ups along its outline, or a mean over its mask. No image is ever straightened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.rules.lens import Lens
    from gonogo.rules.segment import Blob, Segmenter
    from gonogo.rules.window import Window


class Edge(NamedTuple):
    """Centres of the pixels along an outline, (n, 1, 2) x and y, and how wide such a pixel is."""

    points: NDArray[Any]
    pixel: float


class Moments(NamedTuple):
    """Centroid of an object, from the centre of the window's first pixel; central second moments.

    The second moments in one common unit: their ratios alone are asked for.
    """

    x: float
    y: float
    xx: float
    xy: float
    yy: float


class Extent(Protocol):
    """What measures are made of; `blob` is of the segmenter's last image."""

    def box(self, blob: Blob) -> tuple[float, float]:
        """Width and height of the upright box around it."""
        ...

    def edge(self, blob: Blob) -> Edge:
        """Its outline, holes left out."""
        ...

    def area(self, blob: Blob) -> float:
        """Its area without its holes."""
        ...

    def moments(self, blob: Blob) -> Moments:
        """Where it lies and how it is turned."""
        ...


class Seen:
    """As the camera shows it."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def box(self, blob: Blob) -> tuple[float, float]:
        """Whole pixels."""
        return blob.width, blob.height

    def edge(self, blob: Blob) -> Edge:
        """Whole numbers: every pixel is one wide."""
        return Edge(self._segmenter.outline(blob), 1.0)

    def area(self, blob: Blob) -> float:
        """Its pixels."""
        return blob.area

    def moments(self, blob: Blob) -> Moments:
        """Of pixels that weigh the same."""
        its = cv2.moments(self._segmenter.mask(blob), binaryImage=True)
        x, y = its["m10"] / its["m00"], its["m01"] / its["m00"]
        return Moments(blob.left + x, blob.top + y, its["mu20"], its["mu11"], its["mu02"])


class Straight:
    """As it would be without the lens; `weighs`: whether its moments will be asked for."""

    def __init__(self, segmenter: Segmenter, window: Window, lens: Lens, *, weighs: bool) -> None:
        self._segmenter = segmenter
        # made once, at the start: (rows, columns, 2) and (rows, columns)
        self._where = _straight_centres(window, lens)
        self._size = _sizes(self._where)
        rows, columns = self._size.shape
        # about the middle of the window: squares of large numbers would lose what they differ by
        self._middle = ((columns - 1) / 2, (rows - 1) / 2)
        # the largest of the maps, for two of eleven measures
        known = _products(self._where, self._size, self._middle) if weighs else None
        self._first, self._second = known or (self._size, self._size)

    def box(self, blob: Blob) -> tuple[float, float]:
        """From the outline: the side that is widest may be bent."""
        points, pixel = self.edge(blob)
        width, height = np.ptp(points[:, 0, :], axis=0).tolist()
        return width + pixel, height + pixel

    def edge(self, blob: Blob) -> Edge:
        """Float32; a pixel is as wide as those of the outline are in the mean."""
        # every pixel: what is seen as a straight run is bent, and its middle may reach furthest
        seen = self._segmenter.outline(blob, every=True)[:, 0, :]
        rows, columns = seen[:, 1] + blob.top, seen[:, 0] + blob.left
        pixel = float(np.sqrt(self._size[rows, columns]).mean())
        return Edge(self._where[rows, columns][:, np.newaxis, :], pixel)

    def area(self, blob: Blob) -> float:
        """Its pixels, each as large as it would be."""
        return self._mean(self._size, blob)[0] * blob.area

    def moments(self, blob: Blob) -> Moments:
        """Of pixels that weigh what they are large."""
        size, x, y, _ = self._mean(self._first, blob)
        xx, xy, yy, _ = self._mean(self._second, blob)
        x, y, xx, xy, yy = x / size, y / size, xx / size, xy / size, yy / size
        left, top = self._middle
        return Moments(left + x, top + y, xx - x * x, xy - x * y, yy - y * y)

    def _mean(self, of: NDArray[np.float32], blob: Blob) -> tuple[float, ...]:
        """Mean of a map over the object's pixels, up to four channels."""
        box = of[blob.top : blob.top + blob.height, blob.left : blob.left + blob.width]
        return tuple(cv2.mean(box, self._segmenter.mask(blob)))


def _straight_centres(window: Window, lens: Lens) -> NDArray[np.float32]:
    """Where the centre of each work pixel would lie, (rows, columns, 2) in work pixels."""
    rows, columns = window.shape[:2]
    corner = np.array([window.roi.x_px, window.roi.y_px], np.float64)
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=2).reshape(-1, 2)
    # the centre of a work pixel is that of the block of pixels that it is the mean of
    seen = corner + window.factor * (grid + 0.5) - 0.5
    straight = (lens.straighten(seen) + 0.5 - corner) / window.factor - 0.5
    return straight.reshape(rows, columns, 2).astype(np.float32)


def _sizes(where: NDArray[np.float32]) -> NDArray[np.float32]:
    """Area of each straightened work pixel: the determinant of how the map turns and stretches."""
    real = where.astype(np.float64)
    down, right = (np.gradient(real, axis=axis) for axis in (0, 1))
    found = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
    return found.astype(np.float32)


def _products(
    where: NDArray[np.float32], size: NDArray[np.float32], middle: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Size, size x, size y; and size xx, size xy, size yy: x and y from the middle."""
    x, y = where[..., 0] - middle[0], where[..., 1] - middle[1]
    first = np.stack([size, size * x, size * y], axis=2)
    second = np.stack([size * x * x, size * x * y, size * y * y], axis=2)
    return first.astype(np.float32), second.astype(np.float32)
