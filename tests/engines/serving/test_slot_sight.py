"""What a host sees of its slot, and of the other one nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.engines.serving.slot_sight import SlotSight
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.ipc.engine_slots import EngineSlots

if TYPE_CHECKING:
    from collections.abc import Iterator

A, B = range(2)
ORDER = SlotOrder(bundles={"bolt": Path("/engines/bolt.gng")})


@pytest.fixture
def slots(station: str) -> Iterator[EngineSlots]:
    """Both places of a station, empty; A judges."""
    made = EngineSlots.create(station)
    yield made
    made.close()


def test_sight_without_slots_judges_always_and_is_never_changed() -> None:
    """A station without `[engines]`: what it holds, its plan says."""
    sight = SlotSight(None, A)
    assert (sight.judges, sight.ordered) == (True, True)
    assert (sight.raised, sight.changed, sight.unsigned) == (False, False, False)
    assert (sight.load, sight.phase, dict(sight.bundles)) == (0, Phase.EMPTY, {})


def test_sight_follows_which_place_judges(slots: EngineSlots) -> None:
    """The line says it, at any time."""
    sights = SlotSight(slots, A), SlotSight(slots, B)
    assert [each.judges for each in sights] == [True, False]
    slots.switch(B, 0, 0)
    assert [each.judges for each in sights] == [False, True]


def test_sight_notices_an_order_after_the_one_that_it_began_with(slots: EngineSlots) -> None:
    """Also for nothing; one for the other place is none of its business."""
    sight = SlotSight(slots, B)
    assert (sight.ordered, dict(sight.bundles)) == (False, {})
    slots.places[A].order(ORDER)
    assert not sight.changed
    slots.places[B].order(ORDER)
    assert (sight.changed, sight.ordered, sight.bundles) == (True, True, ORDER.bundles)
    again = SlotSight(slots, B)
    assert (again.changed, again.load) == (False, sight.load + 1)
    slots.places[B].order(None)
    assert (again.changed, again.ordered, dict(again.bundles)) == (True, False, {})


def test_sight_has_what_host_and_loader_say_of_the_slot(slots: EngineSlots) -> None:
    """The phase of the last order alone, whether it is raised, whether nobody has signed."""
    slot, sight = slots.places[B], SlotSight(slots, B)
    slot.begin(sight.load)
    slot.say(Phase.TESTING)
    slot.raised = True
    slot.show_cost(1000, 5, unsigned=True)
    assert (sight.phase, sight.raised, sight.unsigned) == (Phase.TESTING, True, True)
    slot.order(ORDER)
    assert sight.phase is Phase.EMPTY, "what was said of the order before is not of this one"
