"""A frame in figures: light, contrast and focus, for whoever sets up a camera; nothing is drawn.

The focus figure is the root mean square of the slope of the grey levels, in percent of their
standard deviation, a pixel. More light or more gain change both alike, and leave it. It compares
one lens setting with another of the same scene, never two scenes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHITE, BLACK = 255, 0  # levels at which a channel says no more than "at least", "at most"
TILES = (9, 12)  # rows and columns in which sharpness is told
FLAT = 1.0  # grey levels of deviation: of less than that no focus can be told
_TAIL = 0.01  # share of the pixels beyond either end of the contrast
_SOBEL = 8.0  # the weights of a Sobel operator of 3 x 3 add up to that for a slope of one


class Figures(NamedTuple):
    """Of one frame.

    `mean` and `contrast` (from the darkest to the brightest hundredth) in grey levels 0 to 255;
    `saturated_pct` of its pixels have a channel at 255, `black_pct` all at 0; `focus` in %/px.
    """

    mean: float
    contrast: float
    saturated_pct: float
    black_pct: float
    focus: float

    def in_words(self) -> str:
        """One line."""
        return (
            f"mean {self.mean:.1f}, saturated {self.saturated_pct:.2f} %, black "
            f"{self.black_pct:.2f} %, contrast {self.contrast:.0f}, focus {self.focus:.2f} %/px"
        )


def figures_of(pixels: NDArray[np.uint8]) -> Figures:
    """Of a frame, uint8 (height, width) grey or (height, width, 3) blue-green-red."""
    grey = grey_of(pixels)
    share = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()) / grey.size
    low, high = np.searchsorted(share, [_TAIL, 1 - _TAIL])
    deviation = float(grey.std())
    slope = float(np.sqrt(_steepness(grey).mean()))
    return Figures(
        mean=float(grey.mean()),
        contrast=float(high - low),
        saturated_pct=100 * float(saturated(pixels).mean()),
        black_pct=100 * float(black(pixels).mean()),
        focus=100 * slope / deviation if deviation >= FLAT else 0.0,
    )


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels (height, width)."""
    if pixels.ndim == 2:  # noqa: PLR2004 - height and width: grey already
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def saturated(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels of which a channel is at its end, (height, width)."""
    planes = pixels.reshape(*pixels.shape[:2], -1)
    return np.asarray((planes == WHITE).any(axis=2))


def black(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels of which every channel is at its beginning, (height, width)."""
    planes = pixels.reshape(*pixels.shape[:2], -1)
    return np.asarray((planes == BLACK).all(axis=2))


def sharpness(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How steep the grey levels are in each of TILES, as a share of the steepest tile, 0 to 1."""
    rows, columns = TILES
    mean = cv2.resize(_steepness(grey_of(pixels)), (columns, rows), interpolation=cv2.INTER_AREA)
    slope = np.sqrt(np.asarray(mean, np.float64))
    return slope / max(float(slope.max()), 1e-9)


def histograms(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Pixels of each level in each channel, (channels, 256)."""
    planes = pixels.reshape(-1, pixels.shape[2] if pixels.ndim > 2 else 1)  # noqa: PLR2004 - colour
    counts = [np.bincount(planes[:, k], minlength=256) for k in range(planes.shape[1])]
    return np.array(counts, np.int64)


def _steepness(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square of the slope at each pixel, in grey levels a pixel."""
    # a little smoothed: noise is steep, too
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / _SOBEL)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / _SOBEL)
    return np.asarray(across * across + down * down, np.float32)
