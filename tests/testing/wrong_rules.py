"""Rules that break what every rule promises, one promise each."""

# (a method that does less than it should leaves arguments unused)

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pytest

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import RuleResult, Status
from gonogo.rules.rule import Roi
from gonogo.rules.window import BoundRule, LimitedSection, place
from gonogo.testing.rules import RuleContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

HERE = "gonogo.tests.testing.wrong_rules"
SHAPE = FrameShape(40, 60, 3)
opened = itertools.count(1)


class GreySection(LimitedSection):
    """The mean grey level."""

    kind: Literal["grey"]
    says: str = "level"

    @property
    def unit(self) -> str:
        """Levels."""
        return self.says


class Crossed(GreySection):
    """Does not look at its limits."""

    def _limits_in_order(self) -> Crossed:  # type: ignore[override]  # that is what is wrong
        return self


class Grey(BoundRule):
    """As it should be."""

    unit = "level"

    def __init__(self, section: GreySection, geometry: FrameShape, _base: Path) -> None:
        super().__init__(section)
        roi = self.placed(section, geometry)
        rows = slice(roi.y_px, roi.y_px + roi.height_px)
        self.area = rows, slice(roi.x_px, roi.x_px + roi.width_px)

    def placed(self, section: GreySection, geometry: FrameShape) -> Roi:
        """Where it looks, inside the frame."""
        return place(section.name, section.roi, geometry)

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """The mean; of an even frame there is none."""
        window = pixels[self.area]
        return float(window.mean()) if window.min() != window.max() else math.nan


class Drifting(Grey):
    """Remembers the frame before."""

    last = 0.0

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """A mean over time."""
        value = super().measure(pixels)
        self.last, value = value, value + self.last
        return value


class Moody(Grey):
    """Measures otherwise each time it is opened."""

    def __init__(self, section: GreySection, geometry: FrameShape, base: Path) -> None:
        super().__init__(section, geometry, base)
        self.mood = next(opened)

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """By its mood."""
        return super().measure(pixels) + self.mood


class Exclusive(Grey):
    """Its limits are not inclusive."""

    def check(self, pixels: NDArray[np.uint8]) -> RuleResult:
        """A part at the limit fails."""
        found = super().check(pixels)
        at_limit = found.value in {self.low, self.high}
        return found._replace(status=Status.FAIL) if at_limit else found


class Raising(Grey):
    """Raises where it cannot measure."""

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """Or an error."""
        value = super().measure(pixels)
        if math.isnan(value):
            raise ValueError("nothing to see")
        return value


class Certain(Grey):
    """Knows everything."""

    def check(self, pixels: NDArray[np.uint8]) -> RuleResult:
        """What it cannot measure passes."""
        return super().check(pixels)._replace(status=Status.PASS)


class Scribbling(Grey):
    """Works in the frame itself."""

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """And leaves it changed."""
        value = super().measure(pixels)
        pixels[0, 0] ^= 1
        return value


class Clinging(Grey):
    """Keeps the frame."""

    kept: object = None

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """For later."""
        self.kept = pixels
        return super().measure(pixels)


class Sweeping(Grey):
    """Looks at the whole frame, whatever its roi is."""

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """Everywhere."""
        self.area = slice(None), slice(None)
        return super().measure(pixels)


class Trusting(Grey):
    """Takes any roi."""

    def placed(self, section: GreySection, geometry: FrameShape) -> Roi:
        """As it is said."""
        return section.roi or super().placed(section, geometry)


class Hoarding(Grey):
    """Keeps a history."""

    def __init__(self, section: GreySection, geometry: FrameShape, base: Path) -> None:
        super().__init__(section, geometry, base)
        self.history: list[bytes] = []

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """And more of it each time."""
        self.history.append(pixels.tobytes())
        return super().measure(pixels)


GREYS = Catalogue(
    "rule kind", "gonogo.tests.none", {"grey": Entry(f"{HERE}:GreySection", f"{HERE}:Grey")}, "kind"
)
ROI = Roi(x_px=10, y_px=10, width_px=20, height_px=20)


class RightGrey(RuleContract):
    """Passes."""

    catalogue: ClassVar = GREYS
    section_type: ClassVar[type[GreySection]] = GreySection
    opens: ClassVar[Callable[..., Any]] = Grey
    says: ClassVar[str] = "level"

    @pytest.fixture
    def section(self) -> LimitedSection:
        """In a corner of the frame."""
        return self.section_type(kind="grey", name="g", low=1, high=900, roi=ROI, says=self.says)

    @pytest.fixture
    def geometry(self) -> FrameShape:
        """Small."""
        return SHAPE

    @pytest.fixture
    def frame(self) -> NDArray[np.uint8]:
        """Brighter to the right."""
        row = np.arange(SHAPE.width_px, dtype=np.uint8)[None, :, None]
        return np.ascontiguousarray(np.broadcast_to(row, SHAPE.shape))

    def open(self, section: LimitedSection, geometry: FrameShape, base: Path) -> Any:  # noqa: ANN401 - any of these
        """Without the catalogue: not every one of them stands in it."""
        return type(self).opens(section, geometry, base)


class WrongUnit(RightGrey):
    """It says another unit than it measures in."""

    says: ClassVar = "mm"
    fails = frozenset({"test_rule_says_its_name_unit_and_limits"})


class WrongCrossed(RightGrey):
    """Rejects every part."""

    section_type: ClassVar = Crossed
    fails = frozenset({"test_section_refuses_crossed_limits"})


class WrongDrifting(RightGrey):
    """A part is judged by the one before."""

    opens: ClassVar = Drifting
    fails = frozenset({"test_rule_measures_the_same_frame_the_same"})


class WrongMoody(RightGrey):
    """Limits that were learnt hold until the next start."""

    opens: ClassVar = Moody
    fails = frozenset({"test_rule_measures_the_same_when_it_is_opened_anew"})


class WrongExclusive(RightGrey):
    """A part at the limit is rejected."""

    opens: ClassVar = Exclusive
    fails = frozenset({"test_rule_judges_by_its_limits"})


class WrongRaising(RightGrey):
    """An empty belt is an error."""

    opens: ClassVar = Raising
    fails = frozenset({"test_rule_answers_to_any_frame"})


class WrongCertain(RightGrey):
    """An empty belt is a good part."""

    opens: ClassVar = Certain
    fails = frozenset({"test_rule_answers_to_any_frame"})


class WrongScribbling(RightGrey):
    """The engine sees what the rule left."""

    opens: ClassVar = Scribbling
    fails = frozenset({"test_rule_does_not_write_the_frame"})


class WrongClinging(RightGrey):
    """The ring cannot be unmapped."""

    opens: ClassVar = Clinging
    fails = frozenset({"test_rule_keeps_no_hold_of_the_pixels"})


class WrongSweeping(RightGrey):
    """What lies beside the part decides."""

    opens: ClassVar = Sweeping
    fails = frozenset({"test_rule_looks_inside_its_roi_alone"})


class WrongTrusting(RightGrey):
    """Half of the roi is not there, and nobody is told."""

    opens: ClassVar = Trusting
    fails = frozenset({"test_rule_refuses_a_roi_outside_the_frame"})


class WrongHoarding(RightGrey):
    """The line grows with every part."""

    opens: ClassVar = Hoarding
    fails = frozenset({"test_rule_keeps_nothing_of_a_part"})
