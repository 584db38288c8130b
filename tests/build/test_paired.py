"""The exact test of pairs: against others who compute it, against tables, and at its ends."""

from __future__ import annotations

import pytest

from gonogo.build.paired import Answer, Pairs, chance

COUNTS = [(0, 1), (3, 8), (5, 5), (0, 6), (1, 20), (42, 19), (150, 203), (1, 900)]


@pytest.mark.parametrize("pair", COUNTS)
@pytest.mark.parametrize("share", [0.5, 0.1, 0.93])
def test_chance_is_that_of_scipy(pair: tuple[int, int], share: float) -> None:
    """Its two-sided binomial test, with even and uneven odds, in the deep end too."""
    stats = pytest.importorskip("scipy.stats")
    first, second = pair
    found = chance(first, first + second, share)
    expected = stats.binomtest(first, first + second, share).pvalue
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("pair", COUNTS)
def test_pairs_are_tested_as_statsmodels_does(pair: tuple[int, int]) -> None:
    """Its exact McNemar test of a table of two by two."""
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    first, second = pair
    expected = tables.mcnemar([[11, first], [second, 7]], exact=True).pvalue
    assert Pairs(first, second).p == pytest.approx(expected, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1), (0, 5, 0.0625), (0, 6, 0.03125), (1, 7, 0.0703125), (1, 8, 0.0390625), (3, 3, 1),
     (2, 10, 0.0385742), (5, 14, 0.0635681)],
)  # fmt: skip
def test_pairs_have_the_chance_of_the_sign_test(first: int, second: int, p: float) -> None:
    """As tables of the binomial distribution print it, twice the lesser tail."""
    assert Pairs(first, second).p == pytest.approx(p, abs=5e-7)
    assert Pairs(second, first).p == pytest.approx(p, abs=5e-7)


def test_pairs_answer_only_where_chance_does_not() -> None:
    """Six to none is an answer, five to none is not; and either side is named for itself."""
    assert Pairs(6, 0).answer is Answer.BETTER
    assert Pairs(0, 6).answer is Answer.WORSE
    assert Pairs(5, 0).answer is Pairs(0, 0).answer is Pairs(40, 41).answer is Answer.UNKNOWN


def test_pairs_count_by_what_was_to_be_expected() -> None:
    """Twelve to four is nothing where three of four were expected of the first."""
    assert Pairs(15, 4).answer is Answer.BETTER
    assert Pairs(15, 4, 0.75).answer is Answer.UNKNOWN
    # one in a hundred was expected, and came ten times
    assert Pairs(10, 20, 0.01).answer is Answer.BETTER
    assert Pairs(0, 20, 0.5).answer is Answer.WORSE


@pytest.mark.parametrize(
    ("pairs", "needed"),
    [(Pairs(0, 0), 6), (Pairs(2, 0), 6), (Pairs(6, 0), 6), (Pairs(0, 0, 0.01), 1),
     (Pairs(0, 0, 0.9), 2), (Pairs(5, 5), None)],
)  # fmt: skip
def test_pairs_say_how_many_would_do(pairs: Pairs, needed: int | None) -> None:
    """If they go on as they fell; of two that seem as good no number would."""
    assert pairs.needed == needed


@pytest.mark.parametrize("pairs", [Pairs(7, 3), Pairs(2, 9), Pairs(30, 19), Pairs(3, 1, 0.4)])
def test_pairs_that_are_needed_would_do(pairs: Pairs) -> None:
    """As many, split as those that were seen, give an answer; one less gives none."""
    part, count = pairs.first / (pairs.first + pairs.second), pairs.needed
    assert count is not None
    assert chance(round(part * count), count, pairs.share) < 0.05
    assert chance(round(part * (count - 1)), count - 1, pairs.share) >= 0.05


def test_chance_of_what_cannot_be_is_none() -> None:
    """Where no case of a side can be seen at all."""
    assert chance(0, 3, 0.0) == chance(3, 3, 1.0) == 1
    assert chance(1, 3, 0.0) == chance(2, 3, 1.0) == 0
