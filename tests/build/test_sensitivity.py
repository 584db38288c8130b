"""Which convolutions matter most, by a pass for each."""

from __future__ import annotations

import numpy as np

from gonogo.build.agreement import Scores
from gonogo.build.sensitivity import Shift, ranked, shift

FP32 = Scores(np.array([1.0, 2.0, 3.0]), np.array([4.0]), np.array([9.0]), maps=np.eye(5))


def _moved(by: float) -> Scores:
    return FP32._replace(
        good=FP32.good + by, variants=FP32.variants + by, defaced=FP32.defaced + by
    )


def test_shift_counts_what_changes_the_order_only() -> None:
    """All alike is nothing; one alone is a share of how scores differ."""
    assert shift(FP32, _moved(7.0)) == Shift(0.0, 0.0)
    one = FP32._replace(good=np.array([1.0, 2.0, 8.0]))
    assert shift(FP32, one).scores > 0.1


def test_shift_tells_maps_apart_from_scores() -> None:
    """A map that is another one, with the same score."""
    assert shift(FP32, FP32._replace(maps=np.eye(5)[::-1])).maps > 0.5
    assert (
        shift(FP32._replace(maps=np.zeros((0, 0))), FP32._replace(maps=np.zeros((0, 0)))).maps == 0
    )


def test_shift_of_what_is_no_number_is_the_largest() -> None:
    """So that it is left in float first."""
    assert shift(FP32, FP32._replace(variants=np.array([np.nan]))).scores == np.inf


def test_ranked_has_an_order_by_scores_and_one_by_maps() -> None:
    """Of equals the one nearest to the score comes first; without maps there is one order."""
    shifts = {"a": Shift(0.1, 0.3), "b": Shift(0.2, 0.0), "c": Shift(0.1, 0.0)}
    assert ranked("abc", shifts) == [["b", "c", "a"], ["a", "c", "b"]]
    without = {name: one._replace(maps=0.0) for name, one in shifts.items()}
    assert ranked("abc", without) == [["b", "c", "a"]]
