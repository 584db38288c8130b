"""Which sets of convolutions are tried, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.build.plans import Verdict, _sizes, expected, plans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMES = [f"c{k:02}" for k in range(20)]


def run(
    does: Callable[[frozenset[str]], bool],
    names: Sequence[str] = NAMES,
    orders: Sequence[Sequence[str]] = (),
) -> list[frozenset[str]]:
    """All sets that are tried where those will do of which `does` says so."""
    asked: list[frozenset[str]] = []
    sets = plans(names, lambda: orders or [names])
    try:
        floats = next(sets)
        while True:
            asked.append(floats)
            good = does(floats)
            # the head alone brings it nearer
            bad = 2.0 if NAMES[-1] in floats else 3.0
            floats = sets.send(Verdict(0.5 if good else bad, good, good))
    except StopIteration:
        return asked


def test_plans_begin_with_nothing_in_float() -> None:
    """And end there where that will do; a single convolution has no other set."""
    assert run(lambda _floats: True) == [frozenset()]
    assert run(lambda _floats: False, ["only"]) == [frozenset()]


def test_plans_try_the_head_before_they_measure() -> None:
    """It is the usual culprit, and costs one attempt."""
    assert run(lambda floats: NAMES[-1] in floats) == [frozenset(), frozenset(NAMES[-1:])]


def test_plans_try_the_first_one_before_they_measure() -> None:
    """Nearest to the pixels; alone, and with the better tail."""
    wanted = {NAMES[0], NAMES[-1]}
    asked = run(lambda floats: wanted <= floats)
    assert asked[-1] == wanted
    assert asked[-2] == {NAMES[0]}


def test_plans_find_the_one_that_matters() -> None:
    """First in the order, wherever in the graph it stands."""
    culprit = NAMES[7]
    asked = run(lambda floats: culprit in floats, orders=[[culprit, *NAMES[:7], *NAMES[8:]]])
    assert asked[-1] == {culprit}
    assert len(asked) == 6


def test_plans_come_down_to_the_smallest_set_of_an_order() -> None:
    """Between the last size that failed and the first that did."""
    order = NAMES[::2] + NAMES[1::2]
    wanted = set(order[:11])
    asked = run(lambda floats: wanted <= floats, orders=[order])
    assert set(asked[-1]) == wanted or wanted in [set(floats) for floats in asked]
    assert min(len(floats) for floats in asked if wanted <= floats) == 11
    assert len(asked) <= expected(NAMES)


def test_plans_try_head_and_front_in_one_piece_as_well() -> None:
    """Where the order is of no help."""
    wanted = {*NAMES[:5], NAMES[-1]}
    asked = run(lambda floats: wanted <= floats, orders=[NAMES[6:] + NAMES[:6]])
    assert any(floats == wanted for floats in asked)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 20])
def test_plans_never_leave_all_in_float(count: int) -> None:
    """Nothing would be left of INT8; and they come to an end."""
    asked = run(lambda _floats: False, NAMES[:count])
    assert all(len(floats) < count for floats in asked)
    assert len(asked) <= expected(NAMES[:count])


def test_sizes_grow_by_a_half_and_a_third() -> None:
    """So that few are tried of many."""
    assert _sizes(20) == [1, 2, 3, 4, 6, 8, 12, 16, 19]
    assert _sizes(2) == [1]
