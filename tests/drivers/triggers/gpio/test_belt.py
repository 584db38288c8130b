"""Where the belt is, how fast, and which edges of the eye are parts."""

from __future__ import annotations

import pytest

from gonogo.drivers.triggers.gpio.belt import KEPT, BeltPlace, Ways

MS = 1_000_000
WAYS = Ways(mm_per_edge=0.5, same_mm=50, within_mm=0, slowest_mm_s=50, fastest_mm_s=250)


class Belt:
    """Moves by millimetres at a speed."""

    def __init__(self, ways: Ways = WAYS) -> None:
        self.place = BeltPlace(ways)
        self.at_ns = 0
        self._edges = 0

    def run(self, way_mm: float, speed_mm_s: float = 200.0) -> int:
        """How many parts were overdue on the way."""
        overdue = 0
        for _ in range(round(abs(way_mm) / WAYS.mm_per_edge)):
            self.at_ns += round(WAYS.mm_per_edge / speed_mm_s * 1e9)
            self._edges += 1 if way_mm > 0 else -1
            overdue += self.place.move(self._edges, self.at_ns)
        return overdue


def test_belt_that_moves_on_brings_new_parts() -> None:
    """The first one wherever the belt is, the next a part's length behind it."""
    belt = Belt()
    assert belt.place.is_new()
    belt.run(50)
    assert belt.place.is_new()
    assert belt.place.returned == 0


def test_belt_knows_a_part_by_its_length() -> None:
    """A hole in it, or an eye that sways while the belt stands, is no new one."""
    belt = Belt()
    assert belt.place.is_new()
    assert not belt.place.is_new()
    belt.run(49)
    assert not belt.place.is_new()
    assert belt.place.returned == 2


def test_belt_that_runs_backwards_brings_back_what_has_been_here() -> None:
    """Neither on its way back, nor forwards again, before belt comes that nobody has seen."""
    belt = Belt()
    belt.run(300)
    assert belt.place.is_new()
    belt.run(120)
    belt.run(-100)
    assert not belt.place.is_new()
    belt.run(-200)
    assert not belt.place.is_new()
    belt.run(290)
    assert not belt.place.is_new()
    belt.run(10)
    assert belt.place.is_new()
    assert belt.place.returned == 3


def test_belt_that_settles_after_a_stop_has_not_run_backwards() -> None:
    """By a pulse, as the drive lets go."""
    belt = Belt()
    belt.run(100)
    belt.run(-2)
    assert belt.place.is_new()


def test_belt_counts_each_part_that_should_have_come() -> None:
    """From the first part on: before it the belt may be empty."""
    belt = Belt(WAYS._replace(within_mm=120))
    assert belt.run(500) == 0
    assert belt.place.is_new()
    assert belt.run(119) == 0
    assert belt.run(1) == 1
    assert belt.run(120) == 1
    assert belt.place.is_new()
    assert belt.run(119) == 0
    assert belt.place.overdue == 2


def test_belt_that_may_have_moved_unseen_takes_the_next_part_for_a_new_one() -> None:
    """Where the one before was by its count, and where it has been before."""
    belt = Belt()
    belt.run(100)
    assert belt.place.is_new()
    belt.place.forget()
    assert belt.place.is_new()
    belt.run(-100)
    belt.place.forget()
    assert belt.place.is_new()
    belt.run(49)
    assert not belt.place.is_new()


def test_belt_that_may_have_moved_unseen_waits_for_its_part_from_there() -> None:
    """One that was waited for may have passed; before the first one nobody is."""
    belt = Belt(WAYS._replace(within_mm=120))
    belt.place.forget()
    assert belt.run(500) == 0
    assert belt.place.is_new()
    belt.run(119)
    belt.place.forget()
    assert belt.run(119) == 0
    assert belt.run(1) == 1


def test_belt_that_may_have_moved_unseen_has_the_speed_of_its_edges_since() -> None:
    """Time passed without any of it being known."""
    belt = Belt()
    belt.run(100)
    belt.at_ns += 10_000 * MS
    belt.place.forget()
    assert belt.place.speed_mm_s(belt.at_ns) == 0
    belt.run(5)
    assert belt.place.speed_mm_s(belt.at_ns) == pytest.approx(200)


def test_belt_without_such_a_distance_misses_nobody() -> None:
    """Gaps are no fault then."""
    belt = Belt()
    belt.place.is_new()
    assert belt.run(5000) == 0


@pytest.mark.parametrize(
    ("speed_mm_s", "expected"), [(40, False), (60, True), (240, True), (260, False)]
)
def test_belt_is_held_to_its_speeds(speed_mm_s: float, expected: bool) -> None:  # noqa: FBT001 - a table
    """Over the last edges, whatever it ran before."""
    belt = Belt()
    belt.run(100, 150)
    belt.run(KEPT * WAYS.mm_per_edge, speed_mm_s)
    assert belt.place.speed_mm_s(belt.at_ns) == pytest.approx(speed_mm_s)
    assert belt.place.in_limits(belt.at_ns) is expected


def test_belt_has_the_mean_speed_of_its_last_edges() -> None:
    """Of 32 edges, and 31 ways between them: 15 at 100 mm/s, 16 at 200."""
    belt = Belt()
    belt.run(100, 50)
    belt.run(KEPT / 2 * WAYS.mm_per_edge, 100)
    belt.run(KEPT / 2 * WAYS.mm_per_edge, 200)
    assert belt.place.speed_mm_s(belt.at_ns) == pytest.approx(31 * 0.5 / 0.115)
    # an eye whose stamp is older than the last edge that was read: no shorter time for that way
    assert belt.place.speed_mm_s(belt.at_ns - 50 * MS) == pytest.approx(31 * 0.5 / 0.115)


def test_belt_that_stands_is_slow() -> None:
    """Time without edges counts, too."""
    belt = Belt()
    belt.run(100)
    assert belt.place.in_limits(belt.at_ns)
    assert not belt.place.in_limits(belt.at_ns + 2000 * MS)


def test_belt_of_which_nothing_is_known_stands() -> None:
    """One edge is no way."""
    belt = Belt()
    assert belt.place.speed_mm_s(7) == 0
    belt.run(WAYS.mm_per_edge)
    assert belt.place.speed_mm_s(7) == 0
