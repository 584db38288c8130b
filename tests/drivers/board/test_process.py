"""The process that watches the board: what it says, to whom, and how often."""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit
from gonogo.drivers.board.jetson_stats import JetsonStats
from gonogo.drivers.board.process import ASKED, BoardPlan, Sources, first_look
from gonogo.drivers.board.reading import BoardReading, Rail, Zone
from gonogo.drivers.board.section import BoardSection
from gonogo.ipc.board_health import BoardView, Heat, make_board_health
from gonogo.ipc.chip_health import ChipView, ChipWriter, make_chip_health
from gonogo.ipc.fault_table import FaultBoard
from gonogo.tests.drivers.board.trees import THERMAL, orin, refuses, write
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from pathlib import Path

GPU = f"{THERMAL}/thermal_zone1/temp"


@pytest.fixture
def plan(station: str, tmp_path: Path) -> BoardPlan:
    """A Jetson that is looked at as often as may be."""
    make_board_health(station)
    make_chip_health(station)
    board = BoardSection(every_s=0.1, jetson_stats="never")
    return BoardPlan(station=station, board=board, root=orin(tmp_path))


def row_of(plan: BoardPlan) -> RowPlan:
    """As the table has it."""
    return RowPlan(
        name="board",
        module="gonogo.drivers.board.process",
        argument=plan.model_dump_json(),
        limit_ms=PATIENT_MS,
    )


def sources_of(plan: BoardPlan, faults: FaultBoard) -> Sources:
    """Without jetson-stats."""
    chips = [ChipView.attach(plan.station, place) for place in (0, 1)]
    return Sources(plan, chips, faults, JetsonStats(lambda: None))


def test_process_tells_of_a_hot_zone_once_and_that_it_is_cool_again(
    plan: BoardPlan, caplog: pytest.LogCaptureFixture
) -> None:
    """To the log with its number, to the line in shared memory, to the PLC by its row."""
    caplog.set_level(logging.INFO)
    view = BoardView.attach(plan.station)
    with supervised(plan.station, row_of(plan)) as supervisor:
        row = supervisor.beats.rows[1]
        turn_until(supervisor, lambda: view.heat is Heat.COOL)
        assert (view.zone, view.hottest_c, row.warning) == ("gpu-thermal", 52.312, 0)
        assert view.power_w == pytest.approx(9.25)
        write(plan.root, {GPU: 97_000})
        turn_until(supervisor, lambda: view.heat is Heat.WARM)
        write(plan.root, {GPU: 101_000})
        turn_until(supervisor, lambda: view.heat is Heat.HOT)
        turn_until(supervisor, lambda: row.warning == FaultBit.TEMPERATURE)
        said_ns = view.said_ns
        turn_until(supervisor, lambda: view.said_ns > said_ns)
        write(plan.root, {GPU: 60_000})
        turn_until(supervisor, lambda: view.heat is Heat.COOL)
        turn_until(supervisor, lambda: "board: the board is cool" in caplog.text)
    told = [said.removeprefix("board: ") for said in caplog.messages if "thermal" in said]
    assert told == [
        "GN240: gpu-thermal 97.0 degC, limit 94 degC: parts are judged as ever",
        "GN241: gpu-thermal 101.0 degC, limit 99.5 degC: the engine rests, the rules judge",
        "the board is cool: gpu-thermal 60.0 degC",
    ]


def test_process_that_was_killed_goes_on_where_it_was(plan: BoardPlan) -> None:
    """Hot is hot until it is cooler by the hysteresis, whoever looks."""
    view = BoardView.attach(plan.station)
    write(plan.root, {GPU: 101_000})
    with supervised(plan.station, row_of(plan)) as supervisor:
        turn_until(supervisor, lambda: view.heat is Heat.HOT)
        write(plan.root, {GPU: 96_000})  # between the two: a process that began anew would warn
        os.kill(supervisor.beats.rows[1].pid, signal.SIGKILL)
        turn_until(supervisor, lambda: supervisor.beats.rows[1].starts > 1)
        said_ns = view.said_ns
        turn_until(supervisor, lambda: view.said_ns > said_ns and view.hottest_c == 96.0)
        assert view.heat is Heat.HOT


def test_process_of_a_board_that_says_nothing_is_unknown(
    plan: BoardPlan, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It beats and says so; that is no warning to the PLC."""
    caplog.set_level(logging.INFO)
    (tmp_path / "nothing").mkdir()
    bare = plan.model_copy(update={"root": tmp_path / "nothing"})
    view = BoardView.attach(plan.station)
    with supervised(plan.station, row_of(bare)) as supervisor:
        turn_until(supervisor, lambda: bool(view.said_ns))
        assert (view.heat, view.zone, view.hottest_c) == (Heat.UNKNOWN, "", None)
        turn_until(supervisor, lambda: supervisor.beats.rows[1].count > 1)
        assert supervisor.beats.rows[1].warning == 0
        turn_until(supervisor, lambda: "this box says no temperature" in caplog.text)


def test_sources_show_a_fault_as_a_zone_and_then_once_as_a_cool_one(plan: BoardPlan) -> None:
    """So that what was shown is over at once, and not held as a zone that is lost."""
    faults = FaultBoard.create(plan.station)
    sources = sources_of(plan, faults)
    plain = sources.read(0.0)
    assert ASKED not in {zone.name for zone in plain.zones}
    faults.set("board-hot", None, 111.0)
    assert sources.read(1.0).zones[-1] == Zone(ASKED, 111.0)
    assert faults.counts("board-hot") == (1, 1)
    faults.clear()
    assert sources.read(2.0).zones[-1] == Zone(ASKED, 20.0)
    assert sources.read(3.0) == plain


def test_sources_have_the_chips_of_engines(plan: BoardPlan) -> None:
    """Temperature, throttling and power, each where the chip says it; nothing of one that does not.

    A chip alone knows them, and only the process that has it open may ask.
    """
    sources = sources_of(plan, FaultBoard.create(plan.station))
    plain = sources.read(0.0)
    chip = ChipWriter.attach(plan.station, 1)
    chip.say(temperature_c=88.0, throttled=True, power_w=2.5)
    found = sources.read(1.0)
    assert found.zones == (*plain.zones, Zone("chip B", 88.0))
    assert found.throttled == ("chip B",)
    assert found.rails[-1] == Rail("chip B", None, None, 2.5)
    chip.say(temperature_c=60.0)
    found = sources.read(2.0)
    assert found == plain._replace(zones=(*plain.zones, Zone("chip B", 60.0)))


def test_sources_go_on_where_a_sensor_fails(plan: BoardPlan) -> None:
    """It is unknown, the others are as they were."""
    sources = sources_of(plan, FaultBoard.create(plan.station))
    refuses(plan.root / GPU)
    zones = {zone.name: zone.temperature_c for zone in sources.read(0.0).zones}
    assert (zones["gpu-thermal"], zones["cpu-thermal"]) == (None, 49.968)


def test_first_look_names_zones_that_are_not_there(caplog: pytest.LogCaptureFixture) -> None:
    """With those that are; the chip of an engine may come later."""
    reading = BoardReading(zones=(Zone("cpu", 40.0), Zone("gpu", None)))
    first_look(reading, BoardSection(zones=("cpu", "gpu", "cpu2", "chip A", ASKED)))
    (said,) = caplog.messages
    assert said.startswith("GN243: [board] zones: 'cpu2' is not there")
    assert "expected one of: cpu, gpu" in said
