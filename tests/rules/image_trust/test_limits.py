"""The checks: what good pictures draw as limits, and what is said where one is passed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gonogo.rules.image_trust.limits import CHECKS, Noise, Values, draw, findings, reference_of
from gonogo.rules.image_trust.sample import Sampler
from gonogo.tests.rules.image_trust.pictures import GREY, good

MIDDLE = Values(100.0, 2.0, 60.0, 0.0, 0.0, 4.0, 9.0, 7.0)


def spread(field: str, *values: float) -> list[Values]:
    """Good pictures that differ in one of the values alone."""
    return [MIDDLE._replace(**{field: value}) for value in values]


@pytest.mark.parametrize(
    ("check", "good_ones", "limit"),
    [
        ("too dark", spread("light", 90, 100, 100, 105), 80.0),
        ("too dark", spread("light", 99, 100, 101), 92.0),
        ("too bright", spread("light", 90, 100, 100, 105), 120.0),
        ("too bright", spread("light", 99, 100, 101), 108.0),
        ("saturated", spread("saturated_pct", 0, 2, 5), 15.0),
        ("blurred", spread("sharpness_pct", 55, 60, 60, 90), 50.0),
        ("blurred", spread("sharpness_pct", 59, 60, 60), 56.4),
        ("shifted across", spread("across_pct", 0, 1.5, 0.5), 3.0),
        ("shifted across", spread("across_pct", 0, 0.1), 1.0),
        ("shifted along", spread("down_pct", 0, 2.0), 4.0),
        ("torn", spread("seam", 3, 4, 4, 6), 8.0),
        ("torn", spread("seam", 4, 4, 4.1), 4.5),
        ("frozen", spread("repeat", 8, math.inf), 0.5642),
        ("stale in part", spread("stale", 8, math.inf), 0.4231),
    ],
)
def test_limits_leave_good_pictures_twice_their_room_or_a_floor(
    check: str, good_ones: list[Values], limit: float
) -> None:
    """From the middle of the good ones; of copies, a quarter of what noise does."""
    assert draw(good_ones, Noise(2.0, 1.5))[check] == pytest.approx(limit, rel=1e-4)


@pytest.mark.parametrize("name", CHECKS)
def test_limits_are_passed_beyond_them_and_not_at_them(name: str) -> None:
    """On the side of the check, with its value, its limit and what to do; nan is on no side."""
    check = CHECKS[name]
    beyond = 7.0 + (-0.25 if check.side == "least" else 0.25)
    values = [MIDDLE._replace(**{check.at: value}) for value in (7.0, beyond, math.nan)]
    at, passed, unknown = (list(findings(each, {name: 7.0})) for each in values)
    assert at == []
    assert len(unknown) == 1
    (found,) = passed
    assert (found.check, found.value, found.limit) == (name, beyond, 7.0)
    said = f"the frame is {name}: {check.what} {beyond:.4g} {check.unit}, expected at "
    assert str(found) == f"{said}{check.side} 7; {check.remedy}"


def test_limits_that_are_not_there_find_nothing() -> None:
    """A view has the checks that it was given."""
    assert list(findings(Values(*[0.0] * 8), {})) == []


def test_checks_of_copies_are_for_live_cameras_alone() -> None:
    """One that replays files may show a picture again."""
    assert {name for name, each in CHECKS.items() if each.live} == {"frozen", "stale in part"}


def test_findings_come_in_the_order_of_their_limits() -> None:
    """All of them: the first is told to people, and the others count where a check is tried."""
    dark_and_blurred = MIDDLE._replace(light=1.0, sharpness_pct=1.0)
    limits = {"too dark": 50.0, "blurred": 50.0, "torn": 50.0}
    assert [each.check for each in findings(dark_and_blurred, limits)] == ["too dark", "blurred"]


@pytest.mark.parametrize(
    ("light", "at"),
    [
        # level by level of two pictures: the one that varies least for its size
        (((80, 82), (90, 90), (100, 110)), 1),
        (((90, 100, 100), (96, 100, 104), (50, 100, 150)), 1),  # to either side
        # a dark one keeps still whatever the lamp does, and black has no size
        (((0, 0), (19.9, 19.9), (100, 110)), 2),
        (((20, 20), (100, 100.1), (100, 110)), 0),
        # a saturated one may keep still for a while: taken where the others vary far more
        (((200, 216), (252, 252), (100, 150)), 0),
        (((200, 224), (252, 252), (100, 150)), 1),
        (((200, 224), (251.9, 251.9), (251.8, 251.9)), 1),
        # of two that keep as still, the brightest
        (((80, 80), (90, 90), (100, 110)), 1),
    ],
)
def test_reference_takes_the_light_that_varies_least(
    light: tuple[tuple[float, ...], ...], at: int
) -> None:
    """Of the levels, and the mean, that good pictures have."""
    one = Sampler(GREY, 20).take(good(1, GREY))
    samples = [one._replace(light=np.array(each, float)) for each in zip(*light, strict=True)]
    assert reference_of(samples, 20).light_at == at


def test_reference_counts_a_picture_with_few_edges_as_without() -> None:
    """With less than a tenth of the fewest edges of a good one, what is left is chance."""
    sampler = Sampler(GREY, 20)
    samples = [sampler.take(good(k, GREY)).kept()._replace(edges=200 + k) for k in range(3)]
    reference = reference_of(samples, 20)
    assert reference.fewest_edges == 20
    sharp = [reference.values(samples[0]._replace(edges=k)).sharpness_pct for k in (19, 20)]
    assert sharp == [0.0, samples[0].sharpness_pct]
    none = reference._replace(fewest_edges=0)
    few = [none.values(samples[0]._replace(edges=k)).sharpness_pct for k in (0, 1)]
    assert few == [0.0, samples[0].sharpness_pct]


def test_reference_measures_a_shift_to_either_side_alike() -> None:
    """What lies too far left is as wrong as what lies too far right."""
    sampler = Sampler(GREY, 20)
    samples = [sampler.take(good(k, GREY)).kept() for k in range(4)]
    reference = reference_of(samples, 20)
    for by in (-8, 8):
        moved = np.roll(np.roll(good(9, GREY), by, axis=1), by, axis=0)
        values = reference.values(sampler.take(moved))
        assert values.across_pct == pytest.approx(5.0, abs=0.7)
        assert values.down_pct == pytest.approx(6.7, abs=0.9)
