"""What the command says that becomes a supervisor is held until it is known where it is kept."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest

from gonogo.base.log.forms import ConsoleForm
from gonogo.base.log.section import LogSection
from gonogo.launch.begin_log import LINES, Ring, begin_log, said_so_far
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ring() -> Iterator[Ring]:
    """One that listens."""
    made = Ring()
    made.listen()
    yield made
    made.close()
    logging.getLogger().setLevel(logging.WARNING)


@pytest.fixture
def root() -> Iterator[io.StringIO]:
    """What the command line writes to, as a terminal has it."""
    told = logging.StreamHandler(io.StringIO())
    told.setFormatter(ConsoleForm())
    logging.getLogger().addHandler(told)
    yield told.stream
    logging.getLogger().removeHandler(told)


@pytest.mark.usefixtures("ring")
def test_ring_hands_over_what_was_said_before_its_station_was_known(tmp_path: Path) -> None:
    """As lines of JSON that bear the station, the newest of many."""
    for k in range(LINES + 3):
        logging.getLogger("lib").warning("early %d", k)
    station = small_station(tmp_path)
    begin_log(station)
    found = [json.loads(line) for line in said_so_far()]
    assert [each["text"] for each in found] == [f"early {k}" for k in range(3, LINES + 3)]
    assert {(each["process"], each["station"]) for each in found} == {
        ("gonogo", station.station.name)
    }


@pytest.mark.usefixtures("ring")
def test_station_file_decides_on_form_and_level(root: io.StringIO, tmp_path: Path) -> None:
    """Of what the command line itself shows, from there on."""
    logging.getLogger("lib").warning("as a sentence")
    station = small_station(tmp_path)
    wanted = station.model_copy(update={"log": LogSection(form="json", level="error")})
    begin_log(wanted)
    logging.getLogger("lib").warning("nobody wants this")
    logging.getLogger("lib").error("as JSON")
    first, second = root.getvalue().splitlines()
    assert first == "as a sentence"
    assert json.loads(second)["station"] == station.station.name


def test_nothing_was_said_where_nobody_listens() -> None:
    """A station that is started by a rehearsal."""
    assert said_so_far() == ()
