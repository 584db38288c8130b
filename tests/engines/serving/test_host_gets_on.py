"""A load that takes minutes is not taken for one that hangs, while it says how far it is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from gonogo.engines.backends import progress
from gonogo.engines.serving.host import getting_on
from gonogo.engines.serving.shared_host import Crew, Member
from gonogo.ipc.engine_slots import EngineSlots, HostSlots

if TYPE_CHECKING:
    import pytest


class Counting:
    """A process of which only that it gets on is of interest."""

    stop: Any = None

    def __init__(self) -> None:
        self.times = 0

    def busy(self) -> None:
        """Once more."""
        self.times += 1

    def beat(self) -> None:
        """It is not up."""
        raise AssertionError

    def warn(self, bits: int) -> None:
        """Nobody is warned."""
        raise AssertionError(bits)


def test_host_gets_on_with_each_word_of_a_load(caplog: pytest.LogCaptureFixture) -> None:
    """And the log has it."""
    caplog.set_level(logging.INFO)
    process = Counting()
    with progress.told_to(getting_on(process)):
        progress.say("building the plan: 10 %")
        progress.say("building the plan: 20 %")
    progress.say("of another load")
    assert process.times == 2
    assert caplog.messages[:2] == ["building the plan: 10 %", "building the plan: 20 %"]


def test_place_that_does_not_judge_gets_on_for_itself_alone(station: str) -> None:
    """In one process for both: what holds the other's start up must show."""
    made, process = EngineSlots.create(station), Counting()
    crew, slots = Crew(process), HostSlots.attach(station)
    made.switch(0, 0, 0)
    for place in (0, 1):
        Member(crew, place, slots).busy()
    assert process.times == 1
