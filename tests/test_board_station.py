"""A station on a box that gets too hot while it judges: the engine rests, and comes back."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.base.words import FaultBit, Mode
from gonogo.commands.cli import main
from gonogo.drivers.board.process import ASKED
from gonogo.ipc.board_health import BoardView, Heat
from gonogo.ipc.fault_table import FaultBoard
from gonogo.launch.running_station import RunningStation
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.tests.judged import Watched
from gonogo.tests.stations import (
    DIAMETER,
    remains_of,
    small_station,
    synthetic,
    tiny_engine,
    told,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MANY = 10_000


def test_station_lets_its_engine_rest_while_its_box_is_too_hot(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Through the death of the process that watches, too; cooler, the engine judges again."""
    view = {
        "name": "top",
        "camera": synthetic(),
        "engine": {"model": tiny_engine(tmp_path / "top.onnx"), "backend": "onnxruntime"},
        "rule": (DIAMETER,),
    }
    board = {"every_s": 0.1, "zones": (ASKED,), "jetson_stats": "never"}
    station, journal = small_station(tmp_path, view, board=board), tmp_path / "plc.jsonl"
    name = station.station.name
    with simulator(simulator_plan(station, MANY, journal)), RunningStation(station) as running:
        watched, heart = Watched(running), running.heartbeat
        box, faults = BoardView.attach(name), FaultBoard.attach(name)
        watched.until("never FULL", lambda: heart.mode is Mode.FULL and heart.cycles > 3)
        faults.set("board-hot", None, 120.0)
        watched.until("never shed", lambda: heart.mode is Mode.RULES_ONLY)
        watched.until("PLC not warned", lambda: bool(heart.faults & FaultBit.TEMPERATURE))
        shed = heart.cycles
        watched.until("no more parts", lambda: heart.cycles > shed + 3)
        shown = CliRunner().invoke(main, ["status", "--station", name]).output
        assert "box: TOO HOT for the engine, which rests, asked for 120.0 degC" in shown
        (number,) = running.rows["board"]
        row = running.beats.rows[number]
        os.kill(row.pid, signal.SIGKILL)
        watched.until("not started again", lambda: row.starts > 1)
        said_ns = box.said_ns
        watched.until("says nothing", lambda: box.said_ns > said_ns)
        assert (box.heat, heart.mode) == (Heat.HOT, Mode.RULES_ONLY)
        faults.clear()
        watched.until("never FULL again", lambda: heart.mode is Mode.FULL)
        watched.until("PLC warned on", lambda: not heart.faults & FaultBit.TEMPERATURE)
        for memory in (box, faults):
            memory.close()
    said = told(capfd.readouterr().err)
    hot = "GN241: asked for 120.0 degC, limit 95 degC: the engine rests, the rules judge"
    assert ("board", hot) in said
    modes = [entry.mode for _, entry in sorted(watched.tally.verdicts.items())]
    assert Mode.SAFE not in modes
    first, last = modes.index(Mode.FULL), modes.index(Mode.RULES_ONLY, modes.index(Mode.FULL))
    assert first < last
    serials = sorted(watched.tally.verdicts)
    assert serials == list(range(serials[0], serials[-1] + 1))
    found = judge(journal)
    assert not [part for part in found.rows if part.records > 1]
    assert remains_of(station) == []
