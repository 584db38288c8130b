"""Colour: the ROI's mean colour against a reference, or the share of a colour in it.

CIE L*a*b* of sRGB with white point D65 (IEC 61966-2-1, CIE 15:2004). Delta E:
CIE76 is the distance in L*a*b*; CIEDE2000 as in G. Sharma, W. Wu, E. Dalal, Color
Research and Application 30 (2005) 21-30, with kL = kC = kH = 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
import numpy as np
from pydantic import Field, model_validator

from gonogo.base.errors import StationFileError
from gonogo.rules.marks import outlines
from gonogo.rules.rule import Roi  # noqa: TC001 - pydantic reads it
from gonogo.rules.window import BoundRule, LimitedSection, Window, WorkPx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.marks import Mark

Measure = Literal["delta_e", "share"]
Formula = Literal["ciede2000", "cie76"]
Triple = tuple[float, float, float]
DARKEST_WHITE = 16.0  # grey level below which a white patch says nothing about the light
GREY_MAX = 255
HALF_TURN = 180


class ColourSection(LimitedSection):
    """A colour measure of the ROI.

    `delta_e`: distance of the mean colour to `reference_lab` (L* 0 to 100, a*, b*) by
    `formula`, in dE. `share`: percent of the ROI's pixels whose colour lies inside
    `range_low` .. `range_high` (inclusive) of `space`:

    - hsv: hue in degrees 0 to 360 (steps of 2; low > high runs through 0), saturation
      and value in percent;
    - lab: L* 0 to 100, a* and b* -127 to 127 (steps of about 1).

    `white_roi`: a patch of white background that is always in view; the frame is
    scaled so that the patch gets the grey level `white_level` in every channel, which
    takes out lamp ageing and white balance.
    """

    kind: Literal["colour"]
    """A colour measure of the ROI."""
    measure: Measure
    """Distance of the mean colour to a reference, or the share of pixels inside a range."""
    formula: Formula = "ciede2000"
    """By which the distance is reckoned."""
    reference_lab: Triple | None = None
    """The reference: L* 0 to 100, a*, b*."""
    space: Literal["hsv", "lab"] = "hsv"
    """In which the range is given."""
    range_low: Triple | None = None
    """Lower corner of the range; a hue above the upper one runs through 0."""
    range_high: Triple | None = None
    """Upper corner of the range."""
    white_roi: Roi | None = None
    """A patch of white that is always in view: frames are scaled by it; left out, they are not."""
    white_level: Annotated[int, Field(ge=100, le=255)] = 240
    """Grey level that the patch gets."""
    work_px: WorkPx = 320
    """The ROI is halved until its longer side fits this."""

    @model_validator(mode="after")
    def _complete(self) -> ColourSection:
        if self.measure == "delta_e" and self.reference_lab is None:
            raise ValueError("reference_lab: expected [L*, a*, b*] for 'delta_e', got nothing")
        for key in ("range_low", "range_high"):
            if self.measure == "share" and getattr(self, key) is None:
                raise ValueError(f"{key}: expected three numbers for 'share', got nothing")
        return self

    @property
    def unit(self) -> str:
        """A distance, or a share."""
        return "dE" if self.measure == "delta_e" else "%"

    @property
    def value_range(self) -> tuple[float, float]:
        """No distance is negative, and no share above 100 %."""
        return 0.0, math.inf if self.measure == "delta_e" else 100.0

    @property
    def limited_sides(self) -> tuple[bool, bool]:
        """Nothing is too near to its reference."""
        return self.measure != "delta_e", True


class ColourRule(BoundRule):
    """Measures a colour; nan when the white patch is too dark to scale by."""

    def __init__(self, section: ColourSection, geometry: FrameShape, base: Path) -> None:
        super().__init__(section)
        del base  # no file
        if geometry.channels == 1:
            raise StationFileError(
                f"rule '{section.name}': kind 'colour' needs a colour camera, this view's is grey"
            )
        self._window = Window(section.name, section.roi, geometry, section.work_px)
        self._white = (
            Window(section.name, section.white_roi, geometry, 64) if section.white_roi else None
        )
        self._white_level = section.white_level
        # buffers are made here, once: `measure` runs for every part and allocates no image
        self._scaled = np.empty(self._window.shape, np.float32)
        self._balanced = np.empty(self._window.shape, np.uint8)
        self._of = _MEASURES[section.measure](section, self._window)
        self.unit = section.unit

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """Delta E or share in percent; nan without light."""
        image = self._seen(pixels)
        return math.nan if image is None else self._of.measure(image)

    def marks(self, pixels: NDArray[np.uint8]) -> list[Mark]:
        """Around the pixels whose colour is counted; a distance is of all of the ROI."""
        image = self._seen(pixels)
        return [] if image is None else self._window.on_frame(self._of.marks(image))

    def _seen(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """The ROI at work size, scaled by the white patch; None without light."""
        image = self._window.take(pixels)
        if self._white is not None:
            patch = cv2.mean(self._white.take(pixels))[:3]
            # any channel: a lamp may lose one colour before it goes out
            if min(patch) < DARKEST_WHITE:
                return None
            image = self._balance(image, [self._white_level / level for level in patch])
        return image

    def _balance(self, image: NDArray[np.uint8], gains: list[float]) -> NDArray[np.uint8]:
        """The image with its channels scaled, clipped at white."""
        # in float and back, rounded: in uint8 it would be cut off and run over
        real = np.multiply(image, np.asarray(gains, np.float32), out=self._scaled)
        np.rint(np.minimum(real, GREY_MAX, out=real), out=real)
        np.copyto(self._balanced, real, casting="unsafe")
        return self._balanced


class _Share:
    """Percent of pixels inside a range."""

    def __init__(self, section: ColourSection, window: Window) -> None:
        low, high = _given(section.range_low), _given(section.range_high)
        is_hsv = section.space == "hsv"
        self._conversion = cv2.COLOR_BGR2HSV if is_hsv else cv2.COLOR_BGR2LAB
        self._bounds = _hsv_bounds(low, high) if is_hsv else [_lab_bounds(low, high)]
        self._converted = np.empty(window.shape, np.uint8)
        self._inside = np.empty(window.shape[:2], np.uint8)

    def measure(self, image: NDArray[np.uint8]) -> float:
        cv2.cvtColor(image, self._conversion, dst=self._converted)
        count = 0
        for low, high in self._bounds:
            cv2.inRange(self._converted, low, high, dst=self._inside)
            # two ranges share no hue, so no pixel is counted twice
            count += cv2.countNonZero(self._inside)
        return 100.0 * count / self._inside.size

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        cv2.cvtColor(image, self._conversion, dst=self._converted)
        ranges = [
            np.asarray(cv2.inRange(self._converted, *each), np.uint8) for each in self._bounds
        ]
        return outlines(np.maximum.reduce(ranges))


class _Distance:
    """Delta E of the mean colour."""

    def __init__(self, section: ColourSection, window: Window) -> None:
        self._formula = _FORMULAS[section.formula]
        self._reference = _given(section.reference_lab)
        self._real = np.empty(window.shape, np.float32)
        self._lab = np.empty(window.shape, np.float32)

    def measure(self, image: NDArray[np.uint8]) -> float:
        # OpenCV takes 0 .. 1 for float images, and then keeps L*, a*, b* in their own units
        np.multiply(image, np.float32(1 / 255), out=self._real)
        cv2.cvtColor(self._real, cv2.COLOR_BGR2LAB, dst=self._lab)
        # the mean in L*a*b*, where distances are as they are seen
        lightness, a, b = cv2.mean(self._lab)[:3]
        return self._formula((lightness, a, b), self._reference)

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        del image  # all of it
        return []


def _given(key: Triple | None) -> Triple:
    """A key that the section's validator has seen to: none is missing for its measure."""
    return key or (0.0, 0.0, 0.0)


_MEASURES: dict[Measure, type[_Share | _Distance]] = {"share": _Share, "delta_e": _Distance}


Bounds = tuple["tuple[float, ...]", "tuple[float, ...]"]


def _hsv_bounds(low: Triple, high: Triple) -> list[Bounds]:
    """Bounds in OpenCV's 8-bit HSV (hue/2, 0-255, 0-255); two when the hue runs through 0."""
    # inclusive: what rounds to the very bound is inside
    floor = [math.ceil(v * 2.55 - 1e-9) for v in low[1:]]
    roof = [math.floor(v * 2.55 + 1e-9) for v in high[1:]]
    # OpenCV has hue in steps of 2 degrees
    start, end = math.ceil(low[0] / 2), math.floor(high[0] / 2)
    if start <= end:
        return [((start, *floor), (end, *roof))]
    return [((start, *floor), (GREY_MAX, *roof)), ((0, *floor), (end, *roof))]


def _lab_bounds(low: Triple, high: Triple) -> Bounds:
    """Bounds in OpenCV's 8-bit Lab (L * 2.55, a + 128, b + 128)."""
    floor = (low[0] * 2.55, low[1] + 128, low[2] + 128)
    roof = (high[0] * 2.55, high[1] + 128, high[2] + 128)
    return tuple(math.ceil(v - 1e-9) for v in floor), tuple(math.floor(v + 1e-9) for v in roof)


def cie76(one: Triple, two: Triple) -> float:
    """Distance of two L*a*b* colours by CIE76."""
    return math.dist(one, two)


def ciede2000(one: Triple, two: Triple) -> float:
    """Distance of two L*a*b* colours by CIEDE2000 (equations of Sharma et al. 2005)."""
    # names as in the paper: C, h, L; G turns a* so that greys count less
    mean_c7 = ((math.hypot(*one[1:]) + math.hypot(*two[1:])) / 2) ** 7
    g = 0.5 * (1 - math.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    a1, a2 = one[1] * (1 + g), two[1] * (1 + g)
    c1, c2 = math.hypot(a1, one[2]), math.hypot(a2, two[2])
    h1, h2 = _hue_deg(a1, one[2]), _hue_deg(a2, two[2])
    # a grey has no hue: there is nothing to turn
    turn = 0.0 if c1 * c2 == 0 else _turn_deg(h1, h2)
    big_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    mean_l, mean_c = (one[0] + two[0]) / 2, (c1 + c2) / 2
    # half way along the short turn, also across 0
    mean_h = h1 + h2 if c1 * c2 == 0 else h1 + turn / 2
    light = (two[0] - one[0]) / (1 + 0.015 * (mean_l - 50) ** 2 / math.hypot(20**0.5, mean_l - 50))
    chroma = (c2 - c1) / (1 + 0.045 * mean_c)
    hue = big_h / (1 + 0.015 * mean_c * _hue_weight(mean_h))
    return math.sqrt(light**2 + chroma**2 + hue**2 + _rotation(mean_c, mean_h) * chroma * hue)


def _hue_deg(a: float, b: float) -> float:
    return math.degrees(math.atan2(b, a)) % 360


def _turn_deg(start: float, end: float) -> float:
    """The short way round from one hue to another, -180 to 180."""
    turn = end - start
    return turn if abs(turn) <= HALF_TURN else turn - math.copysign(2 * HALF_TURN, turn)


def _hue_weight(mean_h: float) -> float:
    """T of the standard."""
    terms = ((-0.17, 1, -30.0), (0.24, 2, 0.0), (0.32, 3, 6.0), (-0.20, 4, -63.0))
    return 1 + sum(k * math.cos(math.radians(n * mean_h + shift)) for k, n, shift in terms)


def _rotation(mean_c: float, mean_h: float) -> float:
    """RT of the standard."""
    theta = 30 * math.exp(-((((mean_h % 360) - 275) / 25) ** 2))
    weight = 2 * math.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    return -math.sin(math.radians(2 * theta)) * weight


_FORMULAS: dict[Formula, Callable[[Triple, Triple], float]] = {
    "ciede2000": ciede2000,
    "cie76": cie76,
}
