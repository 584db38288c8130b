"""Candidates by colour: the mean one, accents that every good part has, what is darker than any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.build.firstday.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.firstday.candidate import Keys
    from gonogo.build.firstday.look import Box, Look

WORK_PX = 640
HUE_STEP_DEG = 30
COLOURED, LIT = 40, 30  # % of saturation and value from which on a hue is one
ACCENT_PCT = (0.05, 70.0)  # of the place: less is noise, more is the ground
DARK_LEAST_PCT = 8  # of value: below it nothing can be told
DARKEST = 0.0005  # share of the pixels of one good part that may be as dark
_HUES = {
    0: "red", 30: "orange", 60: "yellow", 90: "green yellow", 120: "green", 150: "sea green",
    180: "cyan", 210: "sky blue", 240: "blue", 270: "violet", 300: "magenta", 330: "rose",
}  # fmt: skip


def colours(look: Look, place: Box, where: Keys) -> list[Candidate]:
    """Of the place in all good pictures; `where`: its keys."""
    pieces = [_cut(frame, place, look.factor) for frame in look.small]
    hsv = [_hsv(piece) for piece in pieces]
    return [_mean(pieces, where), *_dark(hsv, where), *_grey(hsv, where), *_accents(hsv, where)]


def _cut(frame: NDArray[np.uint8], place: Box, factor: float) -> NDArray[np.uint8]:
    left, top, width, height = (round(edge / factor) for edge in place)
    return frame[top : top + max(height, 1), left : left + max(width, 1)]


def _hsv(piece: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Degrees and percent, (pixels, 3)."""
    found = cv2.cvtColor(piece, cv2.COLOR_BGR2HSV).reshape(-1, 3).astype(np.float64)
    return np.asarray(found * np.array([2.0, 100 / 255, 100 / 255]), np.float64)


def _mean(pieces: Sequence[NDArray[np.uint8]], where: Keys) -> Candidate:
    real = [cv2.cvtColor(np.float32(1 / 255) * piece, cv2.COLOR_BGR2LAB) for piece in pieces]
    mean = np.mean([lab.reshape(-1, 3).mean(axis=0) for lab in real], axis=0)
    return Candidate(
        {
            "kind": "colour", "name": "colour", "measure": "delta_e", **where,
            "reference_lab": [round(float(value), 1) for value in mean],
        },
        "another colour, or another light, than that of the good parts", "colour", holds=True,
    )  # fmt: skip


def _dark(hsv: Sequence[NDArray[np.float64]], where: Keys) -> list[Candidate]:
    """What is darker than nearly all of any good part."""
    darkest = int(min(np.quantile(each[:, 2], DARKEST) for each in hsv))
    if darkest < DARK_LEAST_PCT:
        return []
    keys = _share("dark", [0, 0, 0], [360, 100, darkest], where)
    return [Candidate(keys, "ink, dirt, a hole where none is", "dark", holds=True)]


def _grey(hsv: Sequence[NDArray[np.float64]], where: Keys) -> list[Candidate]:
    keys = _share("grey", [0, 0, 0], [360, 25, 100], where)
    share = np.median([np.mean(each[:, 1] <= 25) for each in hsv])  # noqa: PLR2004 - %, as above
    why = "what has no colour: metal on wood, bare ground"
    fits = ACCENT_PCT[0] < 100 * share < 100 - ACCENT_PCT[0]
    return [Candidate(keys, why, "grey", holds=False)] if fits else []


def _accents(hsv: Sequence[NDArray[np.float64]], where: Keys) -> list[Candidate]:
    """Hues that every good part shows."""
    found = []
    for middle, name in _HUES.items():
        low, high = (middle - HUE_STEP_DEG / 2) % 360, (middle + HUE_STEP_DEG / 2) % 360
        shares = [100 * _share_of(each, low, high) for each in hsv]
        if ACCENT_PCT[0] < np.median(shares) < ACCENT_PCT[1] and min(shares) > 0:
            keys = _share(name, [low, COLOURED, LIT], [high, 100, 100], where)
            why = f"as much {name} as good parts have: something that is printed, or missing"
            found.append(Candidate(keys, why, name, holds=True))
    return found


def _share_of(hsv: NDArray[np.float64], low: float, high: float) -> float:
    hue = hsv[:, 0]
    inside = (hue >= low) & (hue <= high) if low < high else (hue >= low) | (hue <= high)
    return float(np.mean(inside & (hsv[:, 1] >= COLOURED) & (hsv[:, 2] >= LIT)))


def _share(name: str, low: Sequence[float], high: Sequence[float], where: Keys) -> Keys:
    return {
        "kind": "colour", "name": name, "measure": "share", **where,
        "range_low": [round(value) for value in low],
        "range_high": [round(value) for value in high], "work_px": WORK_PX,
    }  # fmt: skip
