"""Limits learnt from good parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import StationFileError
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.limits import propose, propose_for, student_t
from gonogo.rules.presence_section import PresenceSection

WIDTH = DimensionSection(kind="dimension", name="w", measure="width")
METAL = PresenceSection(kind="presence", name="m", method="intensity", window_px=8)
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=60)


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [(0.975, 4, 2.776), (0.995, 10, 3.169), (0.9995, 13, 4.221), (0.9995, 29, 3.659)],
)
def test_student_t_gives_the_tabled_quantiles(
    probability: float, freedom: int, expected: float
) -> None:
    """The quantiles are those of any table of Student's t."""
    assert student_t(probability, freedom) == pytest.approx(expected, abs=6e-4)


def test_propose_rejects_good_parts_as_often_as_asked() -> None:
    """Over many draws, the share of new good parts outside is the one asked for."""
    rng = np.random.default_rng(5)
    outside = []
    for _ in range(400):
        found = propose(list(rng.normal(100, 1, 20)), parts=50)
        new = rng.normal(100, 1, 40)
        outside.append(np.mean((new < found.low) | (new > found.high)))
    assert 0.010 < float(np.mean(outside)) <= 0.023


@given(VALUES)
def test_propose_never_rejects_what_it_was_learnt_from(values: list[float]) -> None:
    """Every good part lies inside its own limits, in order around the centre."""
    found = propose(values)
    assert found.low <= min(values) <= max(values) <= found.high
    assert found.low <= found.centre <= found.high


@given(VALUES, st.floats(-1000, 1000), st.floats(0.01, 100))
def test_propose_for_contrast_stays_above_black(
    values: list[float], shift: float, scale: float
) -> None:
    """The low limit of a contrast is above -100 %, as no contrast can be lower."""
    ratios = [abs(v) % 300 - 90 + shift % 1 * scale % 5 for v in values]
    found = propose_for(METAL, ratios)
    assert -100 <= found.low <= min(ratios) + 1e-6
    assert found.high >= max(ratios) - 1e-6


def test_propose_gives_equal_parts_some_room() -> None:
    """Parts that all measure the same get at least the resolution as room."""
    found = propose([250.0] * 10, "px")
    assert found.low < 249
    assert found.high > 251
    assert propose([0.0] * 30, "%").high == pytest.approx(0.067, abs=0.001)


def test_propose_names_the_suspects() -> None:
    """A value far from all others is named, so that its image can be looked at."""
    values = [10.0, 10.1, 9.9, 10.05, 9.95, 14.0, 10.02]
    assert propose(values).suspects == (5,)


def test_propose_counts_parts_that_could_not_be_measured() -> None:
    """Blind parts are counted, and too few measured ones are refused."""
    found = propose([1.0, 2.0, math.nan, 1.5, 1.2, 1.1])
    assert (found.measured, found.unmeasured) == (5, 1)
    with pytest.raises(StationFileError, match=r"at least 5 good parts .* got 4 of 6"):
        propose([1.0, 2.0, math.nan, 1.5, 1.2, math.nan])


def test_propose_for_never_proposes_the_impossible() -> None:
    """No negative distance, none too near to its reference, no part of an object, no 101 %."""
    tone = ColourSection(kind="colour", name="t", measure="delta_e", reference_lab=(50.0, 0.0, 0.0))
    assert propose_for(tone, [0.5, 0.1, 0.9, 0.4, 3.0]).low == -math.inf
    assert propose_for(tone, [5.0, 5.1, 5.2, 5.0, 5.1]).low == -math.inf
    holes = PresenceSection(kind="presence", name="h", method="blobs")
    assert propose_for(holes, [6.0] * 8)[:2] == (6, 6)
    varied = propose_for(holes, [6.0, 7.0, 6.0, 8.0, 7.0, 6.0])
    assert (varied.low % 1, varied.high % 1) == (0, 0)
    whole = DimensionSection(kind="dimension", name="s", measure="solidity")
    assert propose_for(whole, [99.0, 99.5, 98.0, 99.9, 99.2]).high == math.inf
    assert propose_for(WIDTH, [3.0, 40.0, 90.0, 10.0, 60.0]).low == -math.inf


def test_propose_for_rounds_outwards_and_not_past_what_can_be() -> None:
    """A limit is as fine as a tenth of the spread, and a low one near the bound stays one."""
    found = propose_for(WIDTH, [410.21, 412.77, 409.13, 411.02, 410.9])
    assert found.low == round(found.low, 1) < 409.13
    assert found.high == round(found.high, 1) > 412.77
    share = ColourSection(
        kind="colour", name="s", measure="share", range_low=(0, 0, 0), range_high=(9, 9, 9)
    )
    values = [8.0, 14.0, 9.0, 12.0, 10.0, 11.0, 10.0, 9.5, 10.5, 11.5]
    assert 0 < propose_for(share, values).low < 8.0
