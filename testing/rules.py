"""What every rule promises: inherit `RuleContract`, and bring a frame that the rule can measure.

    from gonogo.testing.rules import RuleContract

    class TestMyRule(RuleContract):
        @pytest.fixture
        def section(self):
            return MySection(kind="my-rule", name="r", low=1.0, high=5.0, ...)

        @pytest.fixture
        def frame(self, geometry):
            return ...                          # uint8, as geometry.shape says

Rules are opened through the catalogue, as the line opens them: install your package first.
"""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import RuleResult, Status
from gonogo.rules.rule import Roi
from gonogo.rules.ruleset import RULES, open_gauge
from gonogo.testing.memory import assert_keeps_nothing
from gonogo.testing.sections import SectionContract

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.rules.window import BoundRule, LimitedSection

LEVELS = (0, 128, 255)  # black, blank and saturated frames


class RuleContract(SectionContract):
    """One rule, opened from `section` for frames of `geometry`; `frame` is one that it measures.

    One test for each promise: what is wrong has a name.
    """

    catalogue: ClassVar = RULES

    @pytest.fixture
    def section(self) -> LimitedSection:
        """How the rule is opened; with a limit at least."""
        pytest.fail("give this class a fixture `section`: a [[view.rule]] of a station file")

    @pytest.fixture
    def geometry(self) -> FrameShape:
        """The frames of the view."""
        return FrameShape(96, 128, 3)

    @pytest.fixture
    def base(self, tmp_path: Path) -> Path:
        """The folder that relative files start at."""
        return tmp_path

    @pytest.fixture
    def frame(self, geometry: FrameShape) -> NDArray[np.uint8]:
        """A frame that the rule can measure."""
        pytest.fail(f"give this class a fixture `frame`: uint8 of {geometry.shape}")

    @pytest.fixture
    def rule(self, section: LimitedSection, geometry: FrameShape, base: Path) -> BoundRule:
        """An open rule."""
        return self.open(section, geometry, base)

    @pytest.fixture
    def others(self, geometry: FrameShape) -> list[NDArray[np.uint8]]:
        """Frames of something else: noise, black, blank, saturated."""
        noise = np.random.default_rng(1).integers(0, 256, geometry.shape, np.uint8)
        return [noise, *(np.full(geometry.shape, level, np.uint8) for level in LEVELS)]

    def open(self, section: LimitedSection, geometry: FrameShape, base: Path) -> BoundRule:
        """Open a rule, whose limits may not be learnt yet, as the line does."""
        return open_gauge(section, geometry, base)

    def test_section_refuses_crossed_limits(self, section: LimitedSection) -> None:
        """A low limit above the high one would reject every part."""
        with pytest.raises(ValidationError, match=r"low: expected at most high \(1\), got 2"):
            type(section).model_validate(section.model_dump() | {"low": 2.0, "high": 1.0})

    def test_rule_says_its_name_unit_and_limits(
        self, rule: BoundRule, section: LimitedSection
    ) -> None:
        """As its section has them: records and messages stand on it."""
        assert rule.name == section.name
        assert rule.unit == section.unit != ""
        assert rule.low == (-math.inf if section.low is None else section.low)
        assert rule.high == (math.inf if section.high is None else section.high)

    def test_rule_measures_the_same_frame_the_same(
        self,
        rule: BoundRule,
        frame: NDArray[np.uint8],
        others: list[NDArray[np.uint8]],
    ) -> None:
        """To the bit, whatever came in between: no buffer holds anything over."""
        first = rule.check(frame)
        assert math.isfinite(first.value)
        for other in others:
            rule.check(other)
            assert rule.check(frame) == first

    def test_rule_measures_the_same_when_it_is_opened_anew(
        self, section: LimitedSection, geometry: FrameShape, base: Path, frame: NDArray[np.uint8]
    ) -> None:
        """A line that takes over judges as the one before."""
        one, two = (self.open(section, geometry, base) for _ in range(2))
        one.check(frame)
        assert one.check(frame) == two.check(frame)

    def test_rule_judges_by_its_limits(
        self, section: LimitedSection, geometry: FrameShape, base: Path, frame: NDArray[np.uint8]
    ) -> None:
        """Limits are inclusive, and what is measured does not depend on them."""
        # as `gonogo limits` opens it, to propose them
        unlearnt = section.model_copy(update={"low": None, "high": None})
        value = self.open(unlearnt, geometry, base).measure(frame)
        for low, high, expected in (
            (value, value, Status.PASS),
            # the least that is above it: limits are compared, not rounded
            (math.nextafter(value, math.inf), None, Status.FAIL),
            (None, math.nextafter(value, -math.inf), Status.FAIL),
        ):
            limited = section.model_copy(update={"low": low, "high": high})
            result = self.open(limited, geometry, base).check(frame)
            assert (result.status, result.value) == (expected, value)

    def test_rule_answers_to_any_frame(
        self, rule: BoundRule, others: list[NDArray[np.uint8]]
    ) -> None:
        """What cannot be measured is CANNOT_TELL with nan, never an error and never inf."""
        for other in others:
            result = rule.check(other)
            assert isinstance(result, RuleResult)
            assert not math.isinf(result.value)
            assert (result.status is Status.CANNOT_TELL) == math.isnan(result.value)
            assert (result.low, result.high) == (rule.low, rule.high)

    def test_rule_does_not_write_the_frame(self, rule: BoundRule, frame: NDArray[np.uint8]) -> None:
        """It belongs to the ring, and the engine reads it, too."""
        before = frame.copy()
        rule.check(frame)
        np.testing.assert_array_equal(frame, before)
        # again, on one that cannot be written: an error would be a scribble that came out even
        frame.setflags(write=False)
        rule.check(frame)

    def test_rule_keeps_no_hold_of_the_pixels(
        self, rule: BoundRule, frame: NDArray[np.uint8]
    ) -> None:
        """After check the array belongs to the caller alone, so that a ring can be unmapped."""
        pixels = frame.copy()
        rule.check(pixels)
        watch = weakref.ref(pixels)
        del pixels
        assert watch() is None

    def test_rule_looks_inside_its_roi_alone(
        self,
        rule: BoundRule,
        section: LimitedSection,
        geometry: FrameShape,
        frame: NDArray[np.uint8],
    ) -> None:
        """What is beside it does not change what is measured."""
        if section.roi is None:
            pytest.skip("it looks at the whole frame: give its section a roi")
        roi, changed = section.roi, np.full(geometry.shape, 255, np.uint8)
        inside = np.s_[roi.y_px : roi.y_px + roi.height_px, roi.x_px : roi.x_px + roi.width_px]
        changed[inside] = frame[inside]
        assert rule.check(changed) == rule.check(frame)

    def test_rule_refuses_a_roi_outside_the_frame(
        self, section: LimitedSection, geometry: FrameShape, base: Path
    ) -> None:
        """Found when the station starts, not at the first part."""
        beyond = Roi(x_px=geometry.width_px - 1, width_px=20, height_px=20)
        with pytest.raises(StationFileError):
            self.open(section.model_copy(update={"roi": beyond}), geometry, base)

    def test_rule_keeps_nothing_of_a_part(self, rule: BoundRule, frame: NDArray[np.uint8]) -> None:
        """In steady state a hundred frames leave no memory behind."""
        assert_keeps_nothing(lambda: rule.check(frame))
