"""Slow and obvious: what each rule measures, in plain numpy and Python."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def halve(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of each 2 x 2 pixels, rounded half up; an odd last row or column is left out."""
    rows, columns = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    wide = image[:rows, :columns].astype(np.int64)
    total = wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)


def components(mask: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Pixels (row, column) of every 8-connected object, by flood fill."""
    left = set(zip(*map(list, np.nonzero(mask)), strict=True))
    found = []
    while left:
        stack = [left.pop()]
        pixels = []
        while stack:
            row, column = stack.pop()
            pixels.append((int(row), int(column)))
            for y, x in itertools.product((-1, 0, 1), repeat=2):
                near = (row + y, column + x)
                if near in left:
                    left.remove(near)
                    stack.append(near)
        found.append(pixels)
    return found


def dimensions(pixels: list[tuple[int, int]]) -> dict[str, float]:
    """Every dimension of an object in pixels, each from its definition."""
    rows, columns = np.array(pixels).T
    area = len(pixels)
    hull = convex_hull([(x + dx, y + dy) for y, x in pixels for dx in (0, 1) for dy in (0, 1)])
    sides = turned_box(convex_hull([(x, y) for y, x in pixels]))
    return {
        "width": columns.max() - columns.min() + 1,
        "height": rows.max() - rows.min() + 1,
        "length": max(sides) + 1,
        "breadth": min(sides) + 1,
        "diameter": math.sqrt(4 * area / math.pi),
        "area": area,
        "hull_area": polygon_area(hull),
        "solidity": 100 * area / polygon_area(hull),
        "position_x": columns.mean() + 0.5,
        "position_y": rows.mean() + 0.5,
        "angle": principal_deg(columns, rows),
    }


def principal_deg(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> float:
    """Direction of the eigenvector of the larger eigenvalue of the pixels' covariance."""
    _, vectors = np.linalg.eigh(np.cov(np.stack([columns, rows]), ddof=0))
    x, y = vectors[:, 1]
    angle = math.degrees(math.atan2(y, x))
    return (angle + 90) % 180 - 90


def convex_hull(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Monotone chain (A. Andrew, 1979)."""

    def half(ordered: list[tuple[int, int]]) -> list[tuple[int, int]]:
        chain: list[tuple[int, int]] = []
        for x, y in ordered:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        return chain[:-1]

    ordered = sorted(set(points))
    return half(ordered) + half(ordered[::-1])


def polygon_area(corners: list[tuple[int, int]]) -> float:
    """Shoelace formula."""
    following = corners[1:] + corners[:1]
    return abs(sum(a * d - b * c for (a, b), (c, d) in zip(corners, following, strict=True))) / 2


def turned_box(hull: list[tuple[int, int]]) -> tuple[float, float]:
    """Sides of the smallest box: one side lies on an edge of the hull, so try them all."""
    points = np.array(hull, float)
    best = (1e9, 1e9)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        along = (end - start) / np.linalg.norm(end - start)
        across = np.array([-along[1], along[0]])
        sides = np.ptp(points @ along), np.ptp(points @ across)
        best = min(best, sides, key=lambda s: s[0] * s[1])
    return best


def lab(bgr: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of sRGB pixels (..., 3) blue-green-red."""
    coded = bgr[..., ::-1] / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    matrix = np.array([
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ])  # fmt: skip
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def hsv(pixel: tuple[int, int, int]) -> tuple[float, float, float]:
    """Hue in degrees, saturation and value in percent of one blue-green-red pixel."""
    blue, green, red = (v / 255 for v in pixel)
    value, chroma = max(pixel) / 255, (max(pixel) - min(pixel)) / 255
    if chroma == 0:
        return 0.0, 0.0, 100 * value
    if value == red:
        hue = (green - blue) / chroma % 6
    elif value == green:
        hue = (blue - red) / chroma + 2
    else:
        hue = (red - green) / chroma + 4
    return 60 * hue, 100 * chroma / value, 100 * value


def contrast(image: NDArray[np.uint8], channel: str, side: int, *, dark: bool) -> float:
    """Weakest quarter of the best window of 2 x 2 quarters, against the median, in percent."""
    real = image.astype(float)

    def feature(piece: NDArray[np.float64]) -> float:
        means = piece.reshape(-1, 3).mean(0) + 1
        return float(means[0] / means[2] if channel == "blue_red" else means[1])

    rows, columns = image.shape[:2]
    pixel = [feature(real[r, c]) for r in range(rows) for c in range(columns)]
    middle = float(np.median(pixel))
    sign = -1 if dark else 1
    best = max(
        min(
            sign * (feature(real[y : y + side, x : x + side]) / middle - 1)
            for y in (r, r + side)
            for x in (c, c + side)
        )
        for r in range(rows - 2 * side + 1)
        for c in range(columns - 2 * side + 1)
    )
    return 100 * best


def correlation(grey: NDArray[np.uint8], patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Normalised cross-correlation at every place; -1 where the image is flat."""
    rows, columns = patch.shape
    height, width = grey.shape[0] - rows + 1, grey.shape[1] - columns + 1
    scores = np.full((height, width), -1.0)
    zero = patch - patch.mean()
    for y, x in itertools.product(range(height), range(width)):
        piece = grey[y : y + rows, x : x + columns].astype(float)
        if piece.std() > 2:
            piece -= piece.mean()
            scores[y, x] = (piece * zero).sum() / math.sqrt((piece**2).sum() * (zero**2).sum())
    return scores


def outside_pct(grey: NDArray[np.uint8], band: NDArray[np.uint8], tolerance: int) -> float:
    """Percent of pixels outside the band, at the place where its median fits best."""
    scores = correlation(grey, band[..., 1])
    top, left = np.unravel_index(int(scores.argmax()), scores.shape)
    rows, columns = band.shape[:2]
    piece = grey[top : top + rows, left : left + columns].astype(int)
    low, high = band[..., 0].astype(int) - tolerance, band[..., 2].astype(int) + tolerance
    return 100 * float(np.mean((piece < low) | (piece > high)))
