"""How like two lists of scores are."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.reference.likeness import likeness

TOOL = np.linspace(0.1, 0.9, 20)


def test_likeness_of_the_same_scores() -> None:
    """Nothing differs."""
    found = likeness(TOOL, TOOL.copy())
    assert found == pytest.approx((1, 0, 0, 0))
    assert found.agrees


@pytest.mark.parametrize(
    ("ours", "why"),
    [
        (TOOL * 100, "another unit"),
        (TOOL + 0.1, "moved by more than a few per cent of the range"),
        (1 - TOOL, "the other way round"),
        (TOOL * np.tile([1, 0.5], 10), "other ranks"),
        (np.full(20, 0.5), "all the same"),
        (np.where(TOOL > 0.5, np.nan, TOOL), "no numbers"),
        (np.where(TOOL > 0.5, np.inf, TOOL), "no numbers"),
    ],
)
def test_likeness_of_other_scores_is_none(ours: np.ndarray, why: str) -> None:
    """Whatever is otherwise, it does not agree."""
    assert not likeness(TOOL, ours).agrees, why


def test_likeness_knows_another_unit_from_another_score() -> None:
    """On a straight line nothing is bent; of a curve the ranks alone are the same."""
    assert likeness(TOOL, 300 * TOOL - 7).bent == pytest.approx(0, abs=1e-9)
    assert likeness(TOOL, 300 * TOOL - 7).spearman == pytest.approx(1)
    assert likeness(TOOL, TOOL**6).bent > 0.05


def test_likeness_sorts_the_same_scores_before_the_same_ranks() -> None:
    """Then ranks, then what is less bent."""
    same, moved, bent, other = (
        likeness(TOOL, ours) for ours in (TOOL + 0.01, TOOL * 100, TOOL**6, np.sin(40 * TOOL))
    )
    assert same.distance < moved.distance < bent.distance < other.distance
