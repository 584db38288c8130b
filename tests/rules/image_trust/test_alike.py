"""Parts that differ as the good ones did, and those that are one like the other."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.rules.image_trust.alike import ALIKE, MOST, differing

SIZE = 24, 40
CALM = 10.0
BEFORE = np.full(SIZE, 100.0)


@pytest.mark.parametrize(("share", "told"), [(1.01 * ALIKE, True), (0.99 * ALIKE, False)])
def test_parts_differ_from_half_of_what_the_good_ones_did(share: float, *, told: bool) -> None:
    """All over the picture."""
    assert (differing(share * BEFORE, BEFORE, CALM) == told).all()


def test_place_where_there_was_no_part_needs_none() -> None:
    """Also in the middle of others that are alike."""
    before = BEFORE.copy()
    before[:, 20:] = 0.99 * CALM
    found = differing(np.zeros(SIZE), before, CALM)
    assert found[:, 20:].all()
    assert not found[:, :20].any()


@pytest.mark.parametrize(("few", "told"), [(MOST - 0.2, True), (MOST + 0.2, False)])
def test_place_that_few_parts_reached_goes_by_its_surroundings(few: float, *, told: bool) -> None:
    """A share of the places has seen no part by chance."""
    now = np.where(np.random.default_rng(2).random(SIZE) < few, 0.0, 100.0)
    found = differing(now, BEFORE, CALM)
    assert found.mean() > 0.9 if told else found.mean() < 0.1


def test_part_in_a_fixture_is_alike_beside_a_belt_that_is_not() -> None:
    """A region goes by itself: the other half of the picture has no say."""
    now = BEFORE.copy()
    now[:, :20] = 0.0
    found = differing(now, BEFORE, CALM)
    assert not found[:, :15].any()
    assert found[:, 25:].all()
