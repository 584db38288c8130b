"""Parts of the simulated camera over weeks: lots differ in place, light and colour, hours in light.

What is drawn once are the parts (gonogo.drivers.scene); an hour shows the same ones, each of them
as its lot, its hour and its cause of drift have it, with new noise of the sensor.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.drivers.scene.appearance import GOOD_BASE, appearance
from gonogo.drivers.scene.drawing import Renderer
from gonogo.drivers.scene.section import SyntheticSection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIDE_PX = 96
NOISE = 2.0  # grey levels, standard deviation
DAY_H = 16
LOT_H = (2, 6)  # a lot lasts from so many hours to so many
LOT_LIGHT, LOT_COLOUR, LOT_PX = 0.010, 0.005, 0.2  # between lots, standard deviations
HOUR_LIGHT = 0.003  # between hours
WARMING = 0.005  # the lamp is brighter by so much in the first hour of a day
_ROLLS = 64


class Cause(str, Enum):
    """What becomes other, from one hour on."""

    NONE = "nothing"
    LIGHT_2 = "light -2 %"
    LIGHT_5 = "light -5 %"
    LIGHT_10 = "light -10 %"
    DEFOCUS = "defocus"
    DUST = "dust"
    NOISE = "noise"


LIGHT = {Cause.LIGHT_2: 0.98, Cause.LIGHT_5: 0.95, Cause.LIGHT_10: 0.90}
BLUR_PX = 0.6  # sigma of DEFOCUS
MORE_NOISE = 2.0  # times NOISE
SPECKS = ((30, 40), (62, 33), (50, 66))  # x, y in px
SPECK_PX, SPECK_DARK = 2.5, 0.25  # sigma; share of the light that its middle takes


class HourLooks(NamedTuple):
    """How an hour shows its parts: factors of blue, green and red, and place in px."""

    gain: tuple[float, float, float]
    dx_px: float
    dy_px: float


class World:
    """Draws `parts` parts of this seed, `bad` of them with a defect."""

    def __init__(self, seed: int, parts: int, bad: int) -> None:
        self.section = SyntheticSection(
            driver="synthetic", width_px=SIDE_PX, height_px=SIDE_PX, seed=seed, jitter_px=0.6,
            pool=max(bad, 1), defect_pct=100.0, noise=0.0,
        )  # fmt: skip
        self._rng = np.random.default_rng([seed, 1])
        renderer = Renderer(self.section.geometry)
        indices = [*range(bad), *range(GOOD_BASE, GOOD_BASE + parts - bad)]
        self._parts = [renderer.render(appearance(self.section, k)) for k in indices]
        size = (SIDE_PX + _ROLLS, SIDE_PX + _ROLLS, 3)
        self._noise = self._rng.standard_normal(size, np.float32)
        self._dust = _dust()

    def hours(self) -> Iterator[HourLooks]:
        """One after the other, without end: a lot's and the hour's own."""
        hour, left, lot = 0, 0, self._lot()
        while True:
            if not left:
                left, lot = int(self._rng.integers(LOT_H[0], LOT_H[1] + 1)), self._lot()
            light = 1 + HOUR_LIGHT * self._rng.standard_normal()
            light += WARMING if hour % DAY_H == 0 else 0.0
            blue, green, red = (float(each * light) for each in lot.gain)
            yield lot._replace(gain=(blue, green, red))
            hour, left = hour + 1, left - 1

    def frames(self, looks: HourLooks, cause: Cause = Cause.NONE) -> Iterator[NDArray[np.uint8]]:
        """Every part as this hour shows it, uint8 (SIDE_PX, SIDE_PX, 3)."""
        gain = np.array(looks.gain, np.float32) * np.float32(LIGHT.get(cause, 1.0))
        move = np.array([[1, 0, looks.dx_px], [0, 1, looks.dy_px]], np.float64)
        for part in self._parts:
            moved = cv2.warpAffine(
                part, move, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )  # fmt: skip
            if cause is Cause.DEFOCUS:
                moved = cv2.GaussianBlur(moved, (0, 0), BLUR_PX)
            shown = np.asarray(moved, np.float32) * gain
            if cause is Cause.DUST:
                shown *= self._dust
            noise = NOISE * (MORE_NOISE if cause is Cause.NOISE else 1.0)
            shown += self._new_noise() * np.float32(noise)
            yield np.clip(np.rint(shown), 0, 255).astype(np.uint8)

    def _new_noise(self) -> NDArray[np.float32]:
        y, x = self._rng.integers(0, _ROLLS, 2)
        return self._noise[y : y + SIDE_PX, x : x + SIDE_PX]

    def _lot(self) -> HourLooks:
        light, *colour = self._rng.standard_normal(4)
        blue, green, red = (float(1 + LOT_LIGHT * light + LOT_COLOUR * c) for c in colour)
        dx_px, dy_px = LOT_PX * self._rng.standard_normal(2)
        return HourLooks((blue, green, red), float(dx_px), float(dy_px))


def _dust() -> NDArray[np.float32]:
    """Factors of specks on the glass, float32 (SIDE_PX, SIDE_PX, 1)."""
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX].astype(np.float32)
    found = np.ones((SIDE_PX, SIDE_PX), np.float32)
    for at_x, at_y in SPECKS:
        away = ((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * SPECK_PX**2)
        found *= 1 - np.float32(SPECK_DARK) * np.exp(-away)
    return found[:, :, None]
