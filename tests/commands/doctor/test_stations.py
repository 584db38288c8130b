"""Stations that run already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.commands.board.box import Box
from gonogo.commands.doctor import stations
from gonogo.commands.doctor.finding import Fine, Ill, Scene
from gonogo.commands.doctor.stations import SUPERVISOR, own_supervisor, running
from gonogo.launch.running_station import RunningStation
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


def test_station_that_runs_is_known_by_its_records(tmp_path: Path) -> None:
    """The same file is no fault, another one of that name is; and it runs on."""
    made = small_station(tmp_path / "a")
    with RunningStation(made) as station:
        own = own_supervisor(Box(), made)
        assert own is not None
        assert (own.station, own.uid) == (station.name, os.geteuid())
        found = [each for each in stations.look(Scene(Box(), made), own) if each.area]
        assert all(isinstance(each, Fine) for each in found)
        assert any(each.what.endswith("by this file") for each in found)

        records = made.records.model_copy(update={"path": tmp_path / "b" / "records.sqlite"})
        other = made.model_copy(update={"records": records})
        assert own_supervisor(Box(), other) is None
        looked = stations.look(Scene(Box(), other), None)
        (ill,) = (each for each in looked if isinstance(each, Ill))
        assert ill.stops
        assert ill.commands == (f"kill -TERM {own.pid}",)
        assert station.supervisor.poll() is None
    assert own_supervisor(Box(), made) is None


def test_supervisor_is_known_by_its_command_line(tmp_path: Path) -> None:
    """Of any user; what only looks like one is none."""
    trees.write(
        tmp_path,
        {
            "proc/71/cmdline": f"/opt/python\0-I\0-m\0{SUPERVISOR}\0005\0bolts\0",
            "proc/72/cmdline": f"vi\0{SUPERVISOR}\0",
            "proc/73/cmdline": "",
        },
    )
    (found,) = running(boxes.pc(tmp_path))
    assert (found.pid, found.station) == (71, "bolts")
