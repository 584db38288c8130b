"""A host's hand in its slot: it takes an order or refuses it, and says what it holds."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BackendError
from gonogo.base.words import FaultBit
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.engines.serving.slot_agent import SlotAgent
from gonogo.ipc.engine_slot import MESSAGE_BYTES, Phase, PlaceLimits, SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.tests.engines.serving.places import OFF, B, section, view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.engines.section import EnginesSection

A = 0
ORDER = SlotOrder(bundles={"bolt": Path("/engines/bolt.gng")})


def agent(station: str, engines: EnginesSection | None, place: int = B) -> SlotAgent:
    """Of a host that has just been started."""
    plan = HostPlan(station=station, place=place, views=(view(),), realtime=OFF, engines=engines)
    return SlotAgent(plan)


@pytest.fixture
def slots(station: str) -> Iterator[EngineSlots]:
    """Both places, empty; A judges."""
    made = EngineSlots.create(station)
    yield made
    made.close()


def test_agent_without_engines_loads_what_its_plan_says(station: str) -> None:
    """It has no slot: nothing is refused, warned of or bounded, and nobody is told."""
    alone = agent(station, None, A)
    assert alone.begin()
    assert (alone.policy, alone.warning) == (None, 0)
    assert isinstance(alone.bounds(()), nullcontext)
    alone.say(Phase.READY)
    alone.refuse("no", 1)
    alone.show({0: PlaceLimits(1.0, 2.0, 3)}, 5, unsigned=True)
    alone.rank_to_unload()


def test_agent_begins_with_an_order_and_forgets_what_was_said_of_the_last(
    station: str, slots: EngineSlots, tmp_path: Path
) -> None:
    """Nothing ordered: it has begun, and there is nothing to load."""
    slot = slots.places[B]
    assert not agent(station, section(tmp_path)).begin()
    slot.order(ORDER)
    slot.show_limits(0, PlaceLimits(1.0, 2.0, 3))
    before = slot.acted
    assert agent(station, section(tmp_path)).begin()
    assert (before, slot.acted) == (False, True)
    assert slot.limits(0) is None


def test_agent_refuses_what_the_host_before_it_died_of(
    station: str, slots: EngineSlots, tmp_path: Path
) -> None:
    """And once refused, the order stays so for every host after it, in the same words."""
    slot = slots.places[B]
    slot.order(ORDER)
    first = agent(station, section(tmp_path))
    assert first.begin()
    first.say(Phase.LOADING)
    for _ in range(2):
        assert not agent(station, section(tmp_path)).begin()
        assert (slot.phase, slot.error) == (Phase.REFUSED, BackendError.code)
        assert "the engine process died while it was LOADING" in slot.message
    slots.switch(B, 0, 0)
    assert agent(station, section(tmp_path)).begin(), "one that judges tries again"


def test_agent_cuts_a_long_refusal_between_two_letters(
    station: str, slots: EngineSlots, tmp_path: Path
) -> None:
    """The slot has room for so many bytes, and a letter may be more than one."""
    agent(station, section(tmp_path)).refuse("x" + "ä" * MESSAGE_BYTES, 7)
    slot = slots.places[B]
    assert slot.message == "x" + "ä" * ((MESSAGE_BYTES - 1) // 2)
    assert slot.error == 7


def test_agent_shows_limits_and_cost(station: str, slots: EngineSlots, tmp_path: Path) -> None:
    """A view without limits of a bundle has none here: the station file says them."""
    limits = PlaceLimits(1.5, 2.5, 77)
    agent(station, section(tmp_path)).show({0: None, 1: limits}, 321, unsigned=True)
    slot = slots.places[B]
    assert (slot.limits(0), slot.limits(1)) == (None, limits)
    assert (slot.load_ms, slot.unsigned) == (321, True)
    assert slot.resident_kb > 0


def test_agent_warns_of_an_unsigned_engine_that_judges(
    station: str, slots: EngineSlots, tmp_path: Path
) -> None:
    """Not of one that waits, unless the station takes them anyway."""
    signed_only = agent(station, section(tmp_path))
    slots.places[B].show_cost(1, 1, unsigned=True)
    assert signed_only.warning == 0
    assert agent(station, section(tmp_path, allow_unsigned=True)).warning == FaultBit.CONFIG
    slots.switch(B, 0, 0)
    assert signed_only.warning == FaultBit.CONFIG


def test_agent_bounds_the_memory_of_one_that_does_not_judge(
    station: str, slots: EngineSlots, tmp_path: Path
) -> None:
    """One that judges may take what there is: without it parts are rejected."""
    waiting = agent(station, section(tmp_path))
    assert not isinstance(waiting.bounds(()), nullcontext)
    slots.switch(B, 0, 0)
    assert isinstance(waiting.bounds(()), nullcontext)


def test_agent_says_at_its_start_that_it_is_not_in_real_time_yet(
    station: str, slots: EngineSlots, tmp_path: Path
) -> None:
    """And in the end that it is not any more; the place that judges goes forward, not behind."""
    slot = slots.places[A]
    slot.realtime = True
    judging = agent(station, section(tmp_path), A)
    judging.rank_to_load()
    assert not slot.realtime
    slot.realtime = True
    judging.rank_to_unload()
    assert not slot.realtime
