"""Counts of an encoder of our own, as the link has them of a PLC."""

from __future__ import annotations

import pytest

from gonogo.base.gpio.lines import Edge
from gonogo.plc.transports.gpio_encoder import EncoderCount

U32, HALF = 1 << 32, 1 << 31
A, B = 0, 1
FORWARDS = ((A, True), (B, True), (A, False), (B, False))


class Wheel:
    """An encoder that is turned; `skip` leaves numbers out, as a kernel's buffer does."""

    def __init__(self, *, a_first: bool = True) -> None:
        self.count = EncoderCount(a_first=a_first)
        self.count.begin(False, False)  # noqa: FBT003 - two levels
        self._quarter = 0
        self._sequences = [0, 0]
        self.first = self.count.take()

    def turn(self, edges: int) -> None:
        """So many edges forwards."""
        for _ in range(edges):
            channel, active = FORWARDS[self._quarter % 4]
            self._quarter += 1
            self._sequences[channel] += 1
            self.count.look(channel, Edge(channel, 0, active, self._sequences[channel]))

    def skip(self) -> None:
        """A whole pulse of A that nobody read."""
        self._sequences[A] += 2


def moved(wheel: Wheel) -> int:
    """Since it was opened."""
    return (wheel.count.take() - wheel.first) % U32


@pytest.mark.parametrize("a_first", [True, False])
def test_count_goes_on_with_each_edge(*, a_first: bool) -> None:
    """Backwards where the channels are the other way round."""
    wheel = Wheel(a_first=a_first)
    wheel.turn(10)
    assert moved(wheel) == (10 if a_first else U32 - 10)
    assert moved(wheel) == (10 if a_first else U32 - 10)


def test_count_jumps_by_half_its_range_where_edges_were_lost() -> None:
    """Once, and counts on from there: whoever follows it knows nothing of the way before."""
    wheel = Wheel()
    wheel.turn(4)
    wheel.skip()
    wheel.turn(4)
    lost = moved(wheel)
    assert lost == HALF + 8
    wheel.turn(4)
    assert moved(wheel) == lost + 4


def test_count_jumps_once_however_often_edges_were_lost_between_two_looks() -> None:
    """Two jumps would be none."""
    wheel = Wheel()
    for _ in range(2):
        wheel.skip()
        wheel.turn(4)
    assert moved(wheel) == HALF + 8


def test_count_jumps_where_the_lines_were_opened_anew() -> None:
    """The belt may have moved meanwhile."""
    wheel = Wheel()
    wheel.count.begin(False, False)  # noqa: FBT003 - two levels
    assert moved(wheel) == HALF
