"""Colour rules against published CIEDE2000 values and a slow reference."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Status
from gonogo.rules.colour import ColourRule, ColourSection, Triple, cie76, ciede2000
from gonogo.tests.rules import reference

SHAPE = FrameShape(40, 60, 3)
LAB = st.tuples(st.floats(0, 100), st.floats(-100, 100), st.floats(-100, 100))

# pairs of G. Sharma, W. Wu, E. Dalal, 2005, table 1
SHARMA: list[tuple[Triple, Triple, float]] = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (61.0, -5.0, 29.0), 22.8977),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


def rule(**keys: object) -> ColourRule:
    """A colour rule named 'c' with a wide high limit."""
    section = ColourSection.model_validate({"kind": "colour", "name": "c", "high": 1e9, **keys})
    return ColourRule(section, SHAPE, Path())


def share(**keys: object) -> ColourRule:
    """A rule of the share of a colour."""
    return rule(measure="share", **keys)


def random_frame(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A frame of random colours."""
    return np.random.default_rng(seed).integers(0, 256, SHAPE.shape, np.uint8)


@pytest.mark.parametrize(("one", "two", "expected"), SHARMA)
def test_ciede2000_gives_the_published_values(one: Triple, two: Triple, expected: float) -> None:
    """The implementation gives the values of the paper that tests implementations."""
    assert ciede2000(one, two) == pytest.approx(expected, abs=5e-5)


@given(LAB, LAB)
def test_delta_e_is_symmetric_and_zero_only_for_the_same(one: Triple, two: Triple) -> None:
    """Both formulae are distances."""
    for formula in (cie76, ciede2000):
        assert formula(one, one) == 0
        assert formula(one, two) == pytest.approx(formula(two, one), abs=1e-6)
        assert formula(one, two) >= 0


@pytest.mark.parametrize("seed", range(4))
def test_colour_delta_e_matches_the_reference(seed: int) -> None:
    """Delta E is the distance of the mean L*a*b* of the pixels."""
    frame = random_frame(seed)
    lightness, a, b = reference.lab(frame).reshape(-1, 3).mean(0)
    wanted = (50.0, 20.0, -10.0)
    value = rule(measure="delta_e", formula="cie76", reference_lab=wanted).measure(frame)
    assert value == pytest.approx(cie76((lightness, a, b), wanted), abs=0.3)


def test_colour_delta_e_of_its_own_colour_is_zero() -> None:
    """A part of the reference colour measures about 0, another colour does not."""
    frame = np.full(SHAPE.shape, (30, 90, 200), np.uint8)
    own = tuple(map(float, reference.lab(frame[0, 0])))
    near = rule(measure="delta_e", reference_lab=own)
    assert near.measure(frame) < 0.3
    assert near.measure(frame[..., ::-1].copy()) > 20
    assert near.unit == "dE"


@pytest.mark.parametrize(
    ("low", "high"), [((100, 20, 20), (200, 100, 100)), ((330, 0, 10), (30, 80, 90))]
)
@pytest.mark.parametrize("seed", range(2))
def test_colour_share_matches_the_reference(seed: int, low: Triple, high: Triple) -> None:
    """The share in HSV is that of the pixels, but for the rounding to 8 bits."""
    frame = random_frame(seed)

    def inside(pixel: tuple[int, int, int], slack: float) -> bool:
        hue, saturation, value = reference.hsv(pixel)
        turn, width = (hue - low[0] + slack * 2) % 360, (high[0] - low[0]) % 360 + slack * 4
        return (
            turn <= width
            and low[1] - slack <= saturation <= high[1] + slack
            and low[2] - slack <= value <= high[2] + slack
        )

    pixels = [tuple(map(int, p)) for p in frame.reshape(-1, 3)]
    least, most = (
        100 * sum(inside(p, slack) for p in pixels) / len(pixels)  # type: ignore[arg-type]
        for slack in (-0.6, 0.6)
    )
    value = share(range_low=low, range_high=high).measure(frame)
    assert least <= value <= most
    assert value > 1


def test_colour_share_of_red_runs_through_zero() -> None:
    """Red lies on both sides of hue 0: a quarter of the ROI is red, whatever side."""
    for red in ((0, 20, 200), (20, 0, 200)):
        frame = np.full(SHAPE.shape, 255, np.uint8)
        frame[:20, :30] = red
        assert share(range_low=(340, 50, 30), range_high=(20, 100, 100)).measure(frame) == 25


def test_colour_share_in_lab_tells_green_from_white() -> None:
    """A range in L*a*b* picks the colour that lies in it."""
    frame = np.full(SHAPE.shape, 255, np.uint8)
    frame[:, :30] = (60, 200, 60)
    lab = {"space": "lab", "range_low": (20, -90, 20), "range_high": (90, -30, 90)}
    assert share(**lab).measure(frame) == 50


def test_colour_white_patch_takes_out_the_white_balance() -> None:
    """With a white patch in view, a tinted and dimmer light changes nothing."""
    frame = np.full(SHAPE.shape, 240, np.uint8)
    frame[:, 30:] = (40, 120, 200)
    own = tuple(map(float, reference.lab(np.array((40, 120, 200), np.uint8))))
    keys: dict[str, object] = {
        "measure": "delta_e",
        "reference_lab": own,
        "roi": {"x_px": 30, "width_px": 30, "height_px": 40},
    }
    tinted = (frame * np.array([0.6, 0.8, 0.9])).round().astype(np.uint8)
    assert rule(**keys).measure(tinted) > 5
    patch = {"width_px": 20, "height_px": 20}
    assert rule(**keys, white_roi=patch).measure(tinted) < 1
    assert rule(**keys, white_roi=patch).measure(frame) < 0.5


def test_colour_cannot_tell_in_the_dark() -> None:
    """When the white patch is black, the lamp is off and no colour can be told."""
    patch = {"width_px": 20, "height_px": 20}
    dark = share(range_low=(0, 0, 0), range_high=(360, 100, 45), white_roi=patch)
    check = dark.check(np.full(SHAPE.shape, 3, np.uint8))
    assert check.status is Status.CANNOT_TELL


def test_colour_refuses_a_grey_camera() -> None:
    """A colour rule on a grey camera is found at start."""
    section = ColourSection(kind="colour", name="c", measure="delta_e", reference_lab=(1, 2, 3))
    with pytest.raises(StationFileError, match="'c': kind 'colour' needs a colour camera"):
        ColourRule(section, FrameShape(40, 60, 1), Path())


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"measure": "delta_e"}, "reference_lab: expected"),
        ({"measure": "share", "range_low": (0, 0, 0)}, "range_high: expected three numbers"),
    ],
)
def test_colour_section_names_the_missing_key(keys: dict[str, object], message: str) -> None:
    """A measure without what it measures against is refused."""
    with pytest.raises(ValidationError, match=message):
        rule(**keys)


def test_colour_share_has_no_nan() -> None:
    """A share is a number for every frame."""
    every = share(range_low=(0, 0, 0), range_high=(360, 100, 100))
    assert math.isclose(every.measure(random_frame(9)), 100)
