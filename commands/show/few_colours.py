"""A picture as a PNG of few colours: pictures of the documents are kept in git, and are small.

Colours that cover much of it stay as they are; the rest is divided among as many more (k-means,
from a fixed seed: the same picture is the same bytes). The grain of a camera, which no packing
makes smaller, is calmed: a pixel takes the colour of the one to its left where its own is near.
Source: PNG (W3C, third edition), 11.2.2 and 11.2.3: colour type 3.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLOURS = 64
KEPT = 24  # of them those that cover most
NEAR = 8  # levels of each of the three, within which a pixel takes after the one before it
DRAWN = 20_000  # pixels that k-means sees
SEED = 1
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK = 4096  # colours whose distances are computed at once


def few_colours(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of at most COLOURS colours; `pixels` is uint8 (height, width, 3), BGR."""
    blue, green, red = (pixels[..., k].astype(np.int32) for k in range(3))
    packed, where, counts = np.unique(
        blue | green << 8 | red << 16, return_inverse=True, return_counts=True
    )
    colours = np.stack([packed & 255, packed >> 8 & 255, packed >> 16], axis=1).astype(np.uint8)
    palette = _palette(colours, counts)
    chosen = _nearest(colours, palette)[where.reshape(pixels.shape[:2])]
    if len(colours) > COLOURS:
        chosen = _calmed(pixels, palette, chosen)
    return _png(chosen, palette)


def repacked(png: bytes) -> bytes:
    """A picture file of any colours, of few."""
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("expected a picture, got what OpenCV cannot read")
    return few_colours(np.asarray(pixels, np.uint8))


def _palette(colours: NDArray[np.uint8], counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """At most COLOURS of them, uint8 (n, 3)."""
    if len(colours) <= COLOURS:
        return colours
    order = np.argsort(-counts, kind="stable")
    most, rest = order[:KEPT], order[KEPT:]
    share = counts[rest] / counts[rest].sum()
    drawn = np.random.default_rng(SEED).choice(rest, DRAWN, p=share)
    cv2.setRNGSeed(SEED)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    sample, found = colours[drawn].astype(np.float32), np.empty((DRAWN, 1), np.int32)
    _, _, middles = cv2.kmeans(sample, COLOURS - KEPT, found, until, 1, cv2.KMEANS_PP_CENTERS)
    return np.concatenate([colours[most], np.rint(middles).astype(np.uint8)])


def _nearest(colours: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The place in the palette of each colour, uint8 (n,)."""
    among = palette.astype(np.int32)[None]
    parts = [
        ((colours[k : k + _CHUNK, None].astype(np.int32) - among) ** 2).sum(axis=2).argmin(axis=1)
        for k in range(0, len(colours), _CHUNK)
    ]
    return np.concatenate(parts).astype(np.uint8)


def _calmed(
    pixels: NDArray[np.uint8], palette: NDArray[np.uint8], chosen: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Runs in place of grain; a plain area stays as it is, and so do edges."""
    wide = palette.astype(np.int16)
    calmed: NDArray[np.uint8] = chosen.copy()
    plain = (palette[chosen] == pixels).all(axis=2)
    plain[:, 1:] &= (pixels[:, 1:] == pixels[:, :-1]).all(axis=2)
    plain[1:] &= (pixels[1:] == pixels[:-1]).all(axis=2)
    for x in range(1, pixels.shape[1]):
        before = calmed[:, x - 1]
        off = np.abs(wide[before] - pixels[:, x]).max(axis=1)
        calmed[:, x] = np.where((off <= NEAR) & ~plain[:, x], before, calmed[:, x])
    return calmed


def _png(chosen: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Colour type 3, a byte a pixel, each row without a filter."""
    height, width = chosen.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), chosen], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette[:, ::-1].tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
