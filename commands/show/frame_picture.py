"""A frame as a picture for whoever sets up a camera: marks, regions, histogram; pure drawing.

    magenta   a channel is saturated        blue    all channels are black
    green     the steepest edges            cyan    where the rules look, with their names

Below the frame: the histogram of each channel, and the figures in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.console.show.figures import black, figures_of, histograms, saturated, sharpness
from gonogo.rules.rule import Roi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.base.section import Section

    Picture = NDArray[np.uint8]
    Colour = tuple[int, int, int]

MAGENTA, BLUE, GREEN, CYAN = (255, 0, 255), (255, 90, 0), (0, 255, 0), (255, 255, 0)
WHITE, GREY, GROUND = (240, 240, 240), (110, 110, 110), (24, 24, 24)
NARROWEST_PX = 640  # a smaller frame is enlarged in whole steps, so that names can be read
SHARP = 0.5  # tiles at least as steep as that share of the steepest are green
LEGEND = "magenta: saturated  blue: black  green: sharpest  cyan: where rules look"
_TINT = 0.25  # how green the sharpest tile becomes
_FONT, _SIZE, _LINE_PX = cv2.FONT_HERSHEY_SIMPLEX, 0.45, 18
_FOOT_PX, _MARGIN_PX = 150, 8
_PLANES: dict[int, tuple[Colour, ...]] = {
    1: (WHITE,),
    3: ((255, 120, 80), (80, 220, 80), (80, 80, 255)),
}


def picture_of(pixels: Picture, rules: Sequence[Section], title: str) -> Picture:
    """The whole picture, uint8 (height, width, 3) blue-green-red.

    `pixels`: a frame, uint8 (height, width[, 3]); `rules`: sections that may hold regions.
    """
    shown, factor = enlarged(marked(pixels))
    for number, (name, roi) in enumerate(regions(rules)):
        draw_region(shown, name, roi, factor, number)
    return np.concatenate([shown, _foot(pixels, shown.shape[1], title)])


def enlarged(shown: Picture) -> tuple[Picture, int]:
    """In whole steps until names can be read on it, and by how much."""
    factor = max(1, -(-NARROWEST_PX // shown.shape[1]))
    return np.repeat(np.repeat(shown, factor, axis=0), factor, axis=1), factor


def marked(pixels: Picture) -> Picture:
    """The frame in colour, with what is sharp, saturated and black marked in it."""
    colour = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels.copy()  # noqa: PLR2004
    shown = _tinted(np.asarray(colour, np.uint8), sharpness(pixels))
    # last, and whole: they are what must not be overlooked
    shown[black(pixels)] = BLUE
    shown[saturated(pixels)] = MAGENTA
    return shown


def regions(rules: Sequence[Section]) -> Iterator[tuple[str, Roi | None]]:
    """Names and regions of rules, also those under another key; None: the whole frame."""
    for rule in rules:
        name = str(getattr(rule, "name", ""))
        for key in type(rule).model_fields:
            value = getattr(rule, key)
            if key == "roi":
                yield name, value
            elif isinstance(value, Roi):
                yield f"{name} {key.removesuffix('_roi')}", value


def _tinted(shown: Picture, sharp: NDArray[np.float64]) -> Picture:
    weight = np.where(sharp >= SHARP, sharp, 0) * _TINT
    size = shown.shape[1::-1]
    share = cv2.resize(weight, size, interpolation=cv2.INTER_NEAREST)[..., np.newaxis]
    mixed = shown * (1 - share) + np.array(GREEN) * share
    return np.asarray(np.rint(mixed), np.uint8)


def draw_region(shown: Picture, name: str, roi: Roi | None, factor: int, number: int) -> None:
    """A box with its name, on a frame that was enlarged by `factor`; `number`: of the rule."""
    if roi is None:  # their names below one another: they all look at everything
        write_text(shown, f"{name} (whole frame)", (_MARGIN_PX, _LINE_PX * (number + 1)), CYAN)
        return
    left, top = roi.x_px * factor, roi.y_px * factor
    right, lower = left + roi.width_px * factor - 1, top + roi.height_px * factor - 1
    cv2.rectangle(shown, (left, top), (right, lower), CYAN, 1)
    # above the box, or in it where there is no room
    write_text(shown, name, (left, top - 6 if top > _LINE_PX else top + _LINE_PX - 4), CYAN)


def _foot(pixels: Picture, width: int, title: str) -> Picture:
    foot = np.full((_FOOT_PX, width, 3), GROUND, np.uint8)
    words = (title, figures_of(pixels).in_words(), LEGEND)
    for number, text in enumerate(words, start=1):
        write_text(foot, text, (_MARGIN_PX, _LINE_PX * number), WHITE)
    _draw_histograms(foot[_LINE_PX * len(words) + _MARGIN_PX :], histograms(pixels))
    return foot


def _draw_histograms(place: Picture, counts: NDArray[np.int64]) -> None:
    """One line a channel, on a square-root scale: a few saturated pixels are seen, too."""
    height, width = place.shape[:2]
    x = np.linspace(_MARGIN_PX, width - 1 - _MARGIN_PX, counts.shape[1])
    for level in (0, 64, 128, 192, 255):
        at = round(x[level])
        cv2.line(place, (at, 0), (at, height), GREY, 1)
    tall = np.sqrt(counts / max(int(counts.max()), 1)) * (height - 2)
    for line, colour in zip(tall, _PLANES[len(counts)], strict=True):
        points = np.stack([x, height - 1 - line], axis=1).round().astype(np.int32)
        cv2.polylines(place, [points], isClosed=False, color=colour, thickness=1)


def write_text(shown: Picture, text: str, at: tuple[int, int], colour: Colour) -> None:
    """One line whose lower left corner is at x, y."""
    # the font has no other letters; on a dark ground, so that it is read on any picture
    plain = text.encode("ascii", "replace").decode()
    (width, height), below = cv2.getTextSize(plain, _FONT, _SIZE, 1)
    left, base = at
    cv2.rectangle(shown, (left, base - height - 1), (left + width, base + below), GROUND, -1)
    cv2.putText(shown, plain, at, _FONT, _SIZE, colour, 1, cv2.LINE_AA)
