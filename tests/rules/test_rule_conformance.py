"""What every rule promises, over each kind, and each method of it that works differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.presence_section import PresenceSection
from gonogo.rules.ruleset import RULES
from gonogo.testing.rules import RuleContract
from gonogo.tests.rules.codes import drawn, library
from gonogo.tests.rules.optics import calibration

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.rules.window import BoundRule, LimitedSection

SHAPE = FrameShape(96, 128, 3)
ROI = {"x_px": 8, "y_px": 4, "width_px": 100, "height_px": 88}
CASES: dict[str, dict[str, Any]] = {
    "width": {"kind": "dimension", "measure": "width"},
    "angle": {"kind": "dimension", "measure": "angle", "mm_per_px": 0.1},
    "lens": {"kind": "dimension", "measure": "angle", "name": "lens"},
    "halved": {"kind": "dimension", "measure": "area", "work_px": 32},
    "delta-e": {"kind": "colour", "measure": "delta_e", "reference_lab": [30, 5, -5]},
    "share": {
        "kind": "colour",
        "measure": "share",
        "range_low": [0, 0, 0],
        "range_high": [359, 100, 50],
    },
    "intensity": {"kind": "presence", "method": "intensity", "window_px": 8},
    "blobs": {"kind": "presence", "method": "blobs", "area_max_px": 5000},
    "template": {"kind": "presence", "method": "template", "image": "t.png"},
    "code": {
        "kind": "code",
        "symbology": ["qr"],
        "matches": "SN-[0-9]{1,6}",
        "low": 1,
        "high": 1,
        "time_ms": 10_000,
    },
    "golden": {"kind": "presence", "method": "golden", "image": "g.png", "search_px": 4},
}


def part() -> NDArray[np.uint8]:
    """A dark, turned part on a light ground with some noise."""
    frame = np.random.default_rng(7).integers(210, 220, SHAPE.shape, np.uint8)
    box = cv2.boxPoints(((58.0, 48.0), (50.0, 24.0), 20.0)).astype(np.int32)
    return np.asarray(cv2.fillPoly(frame, [box], (70, 50, 60)), np.uint8)


def coded() -> NDArray[np.uint8]:
    """The same with a label."""
    frame, label = part(), drawn("qr", "SN-0042", module_px=3)
    rows, columns = label.shape
    frame[8 : 8 + rows, 12 : 12 + columns] = label[..., None]
    return frame


def learnt(case: str, folder: Path) -> None:
    """The image that a rule would have learnt."""
    grey = part()[..., 1]
    if case == "template":
        image = grey[30:60, 40:70, None].repeat(3, axis=2)
    else:
        image = np.stack([grey - 20, grey, grey + 20], axis=2)[8:88, 12:104]
    cv2.imwrite(str(folder / CASES[case]["image"]), image)


@pytest.mark.parametrize("case", CASES)
class TestRule(RuleContract):
    """Each with wide limits, in a region of the frame."""

    @pytest.fixture
    def geometry(self) -> FrameShape:
        """Of the part's frame."""
        return SHAPE

    @pytest.fixture
    def frame(self, case: str) -> NDArray[np.uint8]:
        """The part, or one with a code."""
        return coded() if case == "code" else part()

    @pytest.fixture
    def section(self, case: str, base: Path) -> LimitedSection:
        """As a station file says it; its image is learnt."""
        if case == "code":
            library()
        said = {"name": "r", "low": -1e6, "high": 1e6, "roi": ROI, **CASES[case]}
        section = RULES.section_of(said["kind"]).model_validate(said)
        if isinstance(section, PresenceSection) and section.learnt is not None:
            learnt(case, base)
            section.learnt.adopt(SHAPE, base)
        made: LimitedSection = section  # type: ignore[assignment]  # the catalogue is of rules
        return made

    def open(self, section: LimitedSection, geometry: FrameShape, base: Path) -> BoundRule:
        """In a view whose lens is known, where its name says so."""
        seen = section.calibrated(calibration()) if section.name == "lens" else section
        return super().open(seen, geometry, base)


def test_each_kind_of_rule_is_held_against_the_contract() -> None:
    """A further one in the catalogue needs a case here."""
    assert {case["kind"] for case in CASES.values()} == set(RULES.names)
