"""How hot the board is by its readings: hysteresis, what is unknown, what slows the chip down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.drivers.board.reading import BoardReading, Counter, Throttle, Zone
from gonogo.drivers.board.section import BoardSection
from gonogo.drivers.board.watch import HOLD_S, SLOWED_S, BoardWatch
from gonogo.ipc.board_health import Heat

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTION = BoardSection(warn_c=80.0, shed_c=90.0, hysteresis_c=5.0)


def at(now_c: float | None, name: str = "gpu") -> BoardReading:
    """One zone."""
    return BoardReading(zones=(Zone(name, now_c),))


def watch(left: Heat = Heat.UNKNOWN, **keys: Any) -> BoardWatch:  # noqa: ANN401 - keys of [board]
    """One that begins at 0 s."""
    return BoardWatch(SECTION.model_copy(update=keys), left, 0.0)


def heats(course: Sequence[float | None], left: Heat = Heat.UNKNOWN) -> list[str]:
    """How hot it is at each reading, one a second."""
    its = watch(left)
    return [its.add(at(now_c), float(now_s)).name for now_s, now_c in enumerate(course)]


def test_watch_has_the_figures_of_the_docs() -> None:
    """docs/board-health.md: a zone that is lost counts for a minute, what slows down for 10 s."""
    assert (HOLD_S, SLOWED_S) == (60.0, 10.0)


def test_watch_crosses_at_the_limit_and_back_only_below_the_hysteresis() -> None:
    """79.9 is cool, 80 is warm; 75 still is, and 74.9 is cool again; the same at 90 and 85."""
    course = (79.9, 80.0, 75.0, 74.9, 79.9, 90.0, 85.0, 84.9, 75.0, 74.9)
    assert heats(course) == [
        "COOL", "WARM", "WARM", "COOL", "COOL", "HOT", "HOT", "WARM", "WARM", "COOL",
    ]  # fmt: skip


def test_watch_does_not_flicker_at_a_limit() -> None:
    """A zone that goes up and down by a degree crosses once."""
    assert set(heats([89.5, 90.5] * 20)[1:]) == {"HOT"}


def test_watch_names_the_zone_and_its_limit() -> None:
    """So that a technician knows where to look."""
    its = watch()
    its.add(at(91.26, "tj-thermal"), 0.0)
    assert its.why == "tj-thermal 91.3 degC, limit 90 degC"


def test_watch_is_as_hot_as_the_hottest_zone() -> None:
    """Each by itself: one that is cool says nothing of the other."""
    its = watch()
    both = BoardReading(zones=(Zone("cpu", 40.0), Zone("gpu", 95.0)))
    assert its.add(both, 0.0) is Heat.HOT
    assert its.add(both._replace(zones=(Zone("cpu", 95.0), Zone("gpu", 40.0))), 1.0) is Heat.HOT
    assert its.why.startswith("cpu")


def test_watch_looks_at_the_zones_that_are_named_alone() -> None:
    """A zone that lies is left out by name."""
    its = watch(zones=("cpu",))
    assert its.add(at(120.0, "liar"), 0.0) is Heat.UNKNOWN
    assert its.add(at(40.0, "cpu"), 1.0) is Heat.COOL


def test_watch_of_nothing_is_unknown() -> None:
    """A virtual machine has no sensors; that is no fault."""
    assert heats([None, None]) == ["UNKNOWN", "UNKNOWN"]


@pytest.mark.parametrize("now_c", [95.0, 85.0, 40.0])
def test_watch_holds_what_it_knew_of_a_zone_and_then_forgets_it(now_c: float) -> None:
    """A sensor that is lost neither sheds for ever nor brings the engine back at once."""
    its = watch()
    known = its.add(at(now_c), 0.0)
    assert its.add(at(None), HOLD_S) is known
    assert its.add(BoardReading(), HOLD_S) is known
    assert its.add(at(None), HOLD_S + 0.1) is Heat.UNKNOWN


def test_watch_goes_on_where_the_process_before_it_was() -> None:
    """Hot stays hot until a zone is cooler by the hysteresis, not until somebody restarts it."""
    assert heats([86.0, 84.9, 86.0], Heat.HOT) == ["HOT", "WARM", "WARM"]
    assert heats([86.0], Heat.COOL) == ["WARM"]
    assert watch(Heat.HOT).heat is Heat.HOT


def test_watch_asks_no_more_of_a_zone_that_comes_later_than_of_any_other() -> None:
    """What the process before has left is over with the first zone that can be read."""
    its = watch(Heat.HOT)
    one = BoardReading(zones=(Zone("cpu", 40.0), Zone("gpu", None)))
    assert its.add(one, 0.0) is Heat.COOL
    assert its.add(one._replace(zones=(Zone("cpu", 40.0), Zone("gpu", 86.0))), 1.0) is Heat.WARM


def test_watch_that_can_read_nothing_after_a_hot_one_holds_that_for_a_minute() -> None:
    """Silence of the sensors is no proof that it is cooler, and none that it is hot."""
    its = watch(Heat.HOT)
    assert its.add(at(None), HOLD_S) is Heat.HOT
    assert its.add(at(None), HOLD_S + 0.1) is Heat.UNKNOWN


def test_watch_warns_while_the_chip_is_slowed_down_and_for_a_while_after() -> None:
    """It comes and goes many times a second."""
    its = watch()
    slowed = at(60.0)._replace(throttles=(Throttle("gpu-throttle-alert", active=True),))
    assert its.add(slowed, 100.0) is Heat.WARM
    assert its.slowed
    assert its.why == "the chip is slowed down: gpu-throttle-alert"
    calm = slowed._replace(throttles=(Throttle("gpu-throttle-alert", active=False),))
    assert its.add(calm, 100.0 + SLOWED_S) is Heat.WARM
    assert its.add(calm, 100.1 + SLOWED_S) is Heat.COOL
    assert not its.slowed


def test_watch_sheds_a_chip_that_is_slowed_down_where_the_file_says_so() -> None:
    """Otherwise the engine's own answers say whether it is too slow."""
    its = watch(when_slowed="shed")
    slowed = at(60.0)._replace(throttles=(Throttle("x", active=True),))
    assert its.add(slowed, 0.0) is Heat.HOT


def test_watch_sees_events_that_were_counted_since_the_last_reading() -> None:
    """What was counted before the station came up is past."""
    its = watch()
    first = at(60.0)._replace(counters=(Counter("over-current events", 27_390),))
    assert its.add(first, 0.0) is Heat.COOL
    assert its.add(first, 1.0) is Heat.COOL
    more = first._replace(counters=(Counter("over-current events", 27_391),))
    assert its.add(more, 2.0) is Heat.WARM
    assert "over-current events" in its.why
    assert its.add(first, 3.0) is Heat.WARM
    assert its.add(first, 2.0 + SLOWED_S + 0.1) is Heat.COOL


@given(st.lists(st.one_of(st.none(), st.floats(-60, 200)), max_size=40))
def test_watch_never_is_cooler_than_its_limits_say(course: list[float | None]) -> None:
    """Whatever comes: at the limit it is hot, and below the hysteresis it is not."""
    its = watch()
    for now_s, now_c in enumerate(course):
        found = its.add(at(now_c), float(now_s))
        if now_c is not None:
            assert (found is Heat.HOT) or now_c < 90.0
            assert (found is not Heat.HOT) or now_c >= 85.0
            assert (found is Heat.COOL) is (found not in {Heat.WARM, Heat.HOT})
