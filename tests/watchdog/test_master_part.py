"""Requests for master parts as the supervisor takes them, or does not."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import MasterPartRefused
from gonogo.base.words import MasterPart
from gonogo.ipc.master_part import MasterPartMemory, Phase
from gonogo.tests.table import row, supervised, turn_until
from gonogo.watchdog.master_part import MasterPartRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Do = Callable[[dict[str, Any]], dict[str, Any]]


class Desk:
    """What can be asked for, and the memory behind it."""

    def __init__(self, requests: MasterPartRequests, memory: MasterPartMemory) -> None:
        self.memory = memory
        self._table = requests.table

    def ask(self, part: object) -> int:
        """The number of the request."""
        number: int = self._table["master-part"]({"part": part})["number"]
        return number

    def take_back(self) -> None:
        """What was asked for last."""
        self._table["master-part-back"]({})


@contextmanager
def desk(station: str, *, up: bool = True) -> Iterator[Desk]:
    """Of a station with one row that it lives and dies with."""
    with supervised(station, row("line", "obey", station, required=True)) as supervisor:
        if up:
            turn_until(supervisor, lambda: supervisor.was_up)
        memory = MasterPartMemory.attach(station)
        yield Desk(MasterPartRequests(supervisor.rows, memory), memory)
        memory.close()


def test_request_is_handed_over_with_a_number_of_its_own(station: str) -> None:
    """One after the other, once each has its answer."""
    with desk(station) as at:
        first = at.ask("bad")
        assert at.memory.request == (first, MasterPart.BAD, Phase.NEW, 0)
        at.memory.say(first, Phase.RIGHT)
        assert at.ask("good") == first + 1


def test_second_request_is_refused_by_the_name_of_the_first(station: str) -> None:
    """Nobody's part is taken for another's; a request that was taken back still waits."""
    with desk(station) as at:
        at.ask("bad")
        with pytest.raises(MasterPartRefused, match="known bad part is waited for already"):
            at.ask("good")
        at.take_back()
        assert at.memory.taken_back == 1
        with pytest.raises(MasterPartRefused, match="known bad part is waited for already"):
            at.ask("good")
        at.memory.say(1, Phase.TAKEN_BACK)
        at.ask("good")


def test_request_is_refused_while_the_line_is_down(station: str) -> None:
    """Nobody would take it up; it would wait for the next one."""
    with (
        desk(station, up=False) as at,
        pytest.raises(MasterPartRefused, match=r"does not run at this moment \(line\)"),
    ):
        at.ask("bad")


@pytest.mark.parametrize("part", ["none", "GOOD", None, 1, ["bad"]])
def test_request_for_no_known_part_is_refused(station: str, part: object) -> None:
    """Whatever comes over the socket."""
    with desk(station) as at, pytest.raises(MasterPartRefused, match="expected 'good' or 'bad'"):
        at.ask(part)


def test_nothing_is_taken_back_that_nobody_waits_for(station: str) -> None:
    """It has its answer, or was never asked for."""
    with desk(station) as at, pytest.raises(MasterPartRefused, match="nothing to take back"):
        at.take_back()
