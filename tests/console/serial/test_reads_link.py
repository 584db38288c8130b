"""`plc probe` and `io` of a running station: read, and the PLC is asked nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import SegmentError
from gonogo.console.serial.reads_link import facts_of, io, plc_probe
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.tests.console.serial.ran import at, facts, linked
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.serial.told import Told


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station that answers, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Told:
    """It was asked nothing yet."""
    standing.asked.clear()
    return standing


def test_plc_probe_says_what_is_known_and_where_the_whole_is(told: Told) -> None:
    """Nobody is asked; the command that wants the station stopped is named."""
    linked(told, facts())
    answer = plc_probe(at(told), ())
    assert any("4711: the PLC follows it" in line for line in answer.lines)
    assert "gonogo plc probe STATION" in answer.lines[-1]
    assert answer.value["res_seq"] == 5
    assert told.asked == []


def test_io_shows_every_level_within_a_row_of_a_terminal(told: Told) -> None:
    """In and out, and what of it nobody reads."""
    linked(told, facts())
    answer = io(at(told), ())
    assert len(answer.value) == 29
    assert answer.value[0]["name"] == "enable"
    assert answer.value[0]["on"] is True
    assert max(map(len, answer.lines[:29])) < 80
    assert "GPIO" in answer.lines[-1]


def test_facts_of_a_station_whose_line_has_not_begun() -> None:
    """Nothing is guessed."""
    with scratch_station() as name:
        Heartbeat.create(name).close()
        with pytest.raises(SegmentError, match="not told of a link"):
            facts_of(name)
