"""Two channels, a quarter of a pulse apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.gpio.lines import Edge
from gonogo.base.gpio.quadrature import A, B, Quadrature

# the levels of A and B, quarter by quarter, while A goes first
QUARTERS = ((False, False), (True, False), (True, True), (False, True))


class Wheel:
    """Turns, and says its edges; some of them get lost on the way."""

    def __init__(self, *, a_first: bool = True) -> None:
        self.encoder = Quadrature(a_first=a_first)
        self.encoder.begin(*QUARTERS[0])
        self.quarter = 0
        self._numbers = [0, 0]

    def turn(self, way: int, *, heard: bool = True) -> bool:
        """One edge forwards (1) or backwards (-1): what the encoder says of it."""
        before, self.quarter = QUARTERS[self.quarter % 4], self.quarter + way
        after = QUARTERS[self.quarter % 4]
        channel = A if before[A] is not after[A] else B
        self._numbers[channel] += 1
        edge = Edge(channel, 0, after[channel], self._numbers[channel])
        return self.encoder.look(channel, edge) if heard else False


@given(st.lists(st.sampled_from([1, -1]), max_size=200))
def test_quadrature_is_where_the_wheel_is(ways: list[int]) -> None:
    """Whatever way it turns, to the edge."""
    wheel = Wheel()
    assert all([wheel.turn(way) for way in ways])  # noqa: C419 - all of them
    assert wheel.encoder.position == sum(ways)
    assert wheel.encoder.lost == 0


def test_quadrature_with_b_first_counts_the_other_way() -> None:
    """The channels are exchanged, or the wheel is on the other side of the belt."""
    wheel = Wheel(a_first=False)
    for _ in range(7):
        wheel.turn(1)
    assert wheel.encoder.position == -7


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 9])
def test_quadrature_says_that_edges_were_lost(lost: int) -> None:
    """At the next edges, by the numbers: not where it is by then."""
    wheel = Wheel()
    wheel.turn(1)
    for _ in range(lost):
        wheel.turn(1, heard=False)
    said = [wheel.turn(1) for _ in range(4)]
    assert not all(said)
    assert wheel.encoder.lost == lost
    assert all([wheel.turn(1) for _ in range(8)])  # noqa: C419 - all of them


def test_quadrature_says_that_edges_were_merged() -> None:
    """Two of a channel that say the same, without a number left out."""
    encoder = Quadrature(a_first=True)
    encoder.begin(False, False)  # noqa: FBT003 - two levels
    assert encoder.look(A, Edge(A, 0, active=True, sequence=1))
    assert not encoder.look(A, Edge(A, 0, active=True, sequence=2))
    assert (encoder.position, encoder.lost) == (1, 1)


def test_quadrature_keeps_its_place_when_the_lines_are_opened_anew() -> None:
    """And takes the levels and numbers as they are then."""
    encoder = Quadrature(a_first=True)
    encoder.begin(False, False)  # noqa: FBT003 - two levels
    encoder.look(A, Edge(A, 0, active=True, sequence=1))
    encoder.begin(True, True)  # noqa: FBT003 - two levels
    assert encoder.look(A, Edge(A, 0, active=False, sequence=1))
    assert encoder.position == 2
