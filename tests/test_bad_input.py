"""The wrong cable, the wrong file, the second instance: a clear message or a safe verdict."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import ProcessFailed, StationRunning
from gonogo.base.runtime_dir import runtime_dir
from gonogo.commands.cli import main
from gonogo.drivers.cameras.synthetic import render_good
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.engines.card import Card, sha256_of, write_card
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.last_good_file import unmarked
from gonogo.ipc.process_table import ProcessTable
from gonogo.launch.running_station import RunningStation
from gonogo.proving.figures import Tally
from gonogo.proving.rehearse import passed, rehearse, simulator, simulator_plan
from gonogo.tests.engines.tiny import brightest
from gonogo.tests.judged import rehearsed
from gonogo.tests.stations import DIAMETER, free_port, remains_of, small_station, synthetic
from gonogo.tests.test_end_to_end import engine_view

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
GONOGO = Path(sys.executable).with_name("gonogo")
PATIENCE_S = 30


def good_images(folder: Path, count: int) -> None:
    """Good parts as PNG files 00.png ... in `folder`."""
    folder.mkdir()
    section = SyntheticSection.model_validate(synthetic())
    for k, frame in enumerate(render_good(section, count)):
        cv2.imwrite(str(folder / f"{k:02}.png"), frame)


def plain_station_file(folder: Path, port: int) -> Path:
    """The demo station without its engine, quick to start, with a name of its own."""
    text = (ROOT / "stations" / "demo.toml").read_text(encoding="utf-8")
    start, end = text.index("[view.engine]"), text.index("[[view.rule]]")
    text = (text[:start] + text[end:]).replace('name = "demo"', f'name = "t{port}"')
    text = text.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2')
    text = text.replace("port = 15020", f"port = {port}").replace("../var/demo", ".")
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_replay_rejects_just_the_parts_that_show_a_bad_file(tmp_path: Path) -> None:
    """Unreadable, cut off, wrong size, 16 bit: REJECT / FRAME for these, the rest is judged."""
    folder = tmp_path / "good"
    good_images(folder, 8)
    (folder / "01.png").write_bytes(b"this is no image")
    (folder / "02.png").write_bytes((folder / "03.png").read_bytes()[:2000])
    cv2.imwrite(str(folder / "04.png"), np.zeros((60, 80, 3), np.uint8))
    cv2.imwrite(str(folder / "05.png"), np.zeros((120, 160, 3), np.uint16))
    camera = {"driver": "replay", "folder": folder, "width_px": 160, "height_px": 120}
    view = {"name": "top", "camera": camera, "rule": (DIAMETER,)}
    found = rehearsed(small_station(tmp_path, view), 8)
    assert passed(found), found["untimely"] or found
    assert found["verdict_kinds"] == {"accept": 4, "reject": 4}
    assert found["modes"]["SAFE"] == 4
    assert found["worth"]["unreadable"] == [f"good/0{k}.png" for k in (1, 2, 4, 5)]


@pytest.mark.parametrize("flaw", ["text", "cut", "planes", "dynamic"])
def test_a_bad_model_leaves_the_station_on_its_rules(tmp_path: Path, flaw: str) -> None:
    """The engine refuses with a number; the station starts without it, and says so to the PLC."""
    view = engine_view(tmp_path)
    model = tmp_path / "tiny.onnx"
    if flaw == "text":
        model.write_text("no model")
    elif flaw == "cut":
        model.write_bytes(model.read_bytes()[:100])
    else:
        brightest(model, image=(1, 5, 16, 16) if flaw == "planes" else ("n", 3, "h", 16))
    replace_card(model)
    found = rehearsed(small_station(tmp_path, view), 8)
    assert passed(found), found["untimely"] or found
    assert found["modes"] == {"FULL": 0, "RULES_ONLY": 8, "SAFE": 0}


WHOLE = Card(
    name="tiny",
    sha256="",
    method="teach",
    source="a test",
    good_parts=5,
    reject_above=1000.0,
    recheck_above=1000.0,
    good_scores=(),
)


def replace_card(model: Path) -> None:
    """A card that fits the bytes of the model, so that only the model itself is wrong."""
    write_card(model, WHOLE.model_copy(update={"sha256": sha256_of(model)}))


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_check_names_a_port_in_use(tmp_path: Path, taken_port: int) -> None:
    """Server role: who listens there already is found before parts flow."""
    text = plain_station_file(tmp_path, taken_port).read_text(encoding="utf-8")
    path = tmp_path / "server.toml"
    path.write_text(text.replace("modbus-client", "modbus-server"), encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert "GN410" in result.output
    assert "another program listens there" in result.output


def test_rehearse_names_a_port_in_use(tmp_path: Path, taken_port: int) -> None:
    """Client role: the simulated PLC cannot have its port."""
    station = small_station(tmp_path)
    busy = station.model_copy(update={"plc": station.plc.model_copy(update={"port": taken_port})})
    with pytest.raises(ProcessFailed, match="port in use"):
        rehearse(busy, 1)
    assert remains_of(busy) == []


@pytest.mark.parametrize("driver", ["modbus-rtu-server", "modbus-rtu-client"])
def test_rehearse_refuses_a_serial_line_by_name(tmp_path: Path, driver: str) -> None:
    """The simulated PLC speaks Modbus TCP; the message says what can be done instead."""
    path = serial_station_file(tmp_path, driver)
    result = CliRunner().invoke(main, ["rehearse", str(path), "--parts", "3"])
    assert result.exit_code == 1
    assert (
        f"driver '{driver}' cannot be rehearsed: the PLC simulator speaks Modbus TCP"
        in result.output
    )
    assert "Traceback" not in result.output


def test_check_names_a_serial_line_and_its_times(tmp_path: Path) -> None:
    """The device, how it is set, what a poll takes; and here that there is no such device."""
    path = serial_station_file(tmp_path, "modbus-rtu-server")
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert f"PLC: modbus-rtu-server {tmp_path}/ttyX (115200 baud 8E1), unit 1" in result.output
    assert "a poll of 96 + 20 words takes 32.0 ms at 115200 baud" in result.output
    assert "no such device; is the adapter plugged in?" in result.output


def serial_station_file(folder: Path, driver: str) -> Path:
    """A station file whose PLC is on a serial line that does not exist."""
    path = plain_station_file(folder, 1502)
    plc = f'[plc]\ndriver = "{driver}"\ndevice = "{folder}/ttyX"\n\n'
    text = path.read_text(encoding="utf-8")
    start = text.index("[plc]")
    path.write_text(text[:start] + plc + text[text.index("[", start + 1) :], encoding="utf-8")
    return path


def test_a_plc_that_comes_late_finds_a_station_that_waits(tmp_path: Path) -> None:
    """Not there at the start: no permit, no crash; parts are judged once it is there."""
    station = small_station(tmp_path)
    tally = Tally()
    with RunningStation(station) as running:
        reader = JournalReader(running.journal)
        end_s = time.monotonic() + 0.5
        while time.monotonic() < end_s:
            running.wait(0.05)
        with simulator(simulator_plan(station, 5, tmp_path / "plc.jsonl")) as plc:
            while plc.poll() is None:
                running.wait(0.05)
                tally.take(reader)
    assert len(tally.verdicts) == 5


def test_parts_are_judged_while_the_records_cannot_be_written(tmp_path: Path) -> None:
    """A database that cannot be had (here: a folder in its place) costs rows, not parts."""
    station = small_station(tmp_path)
    station.records.path.mkdir()
    found = rehearsed(station, 8)
    assert passed(found), found["untimely"] or found


def test_a_second_instance_is_refused(tmp_path: Path) -> None:
    """Two stations of one name would write into one memory."""
    station = small_station(tmp_path)
    with RunningStation(station), pytest.raises(StationRunning, match="already runs on this box"):
        RunningStation(station).__enter__()
    assert remains_of(station) == []


@pytest.fixture
def heard() -> Iterator[None]:
    """SIGINT is not ignored by children, as it is where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def started(station_file: Path) -> subprocess.Popen[str]:
    """`gonogo run` as a technician starts it."""
    command = [str(GONOGO), "run", str(station_file)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def shared_memory_of(name: str) -> list[Path]:
    """Shared memory that a station of that name has made."""
    return sorted(runtime_dir().glob(f"{name}*"))


def processes_of(name: str) -> list[str]:
    """Processes that were told a station's name by their parent."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if name.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("moment", ["at once", "while it starts", "while it runs"])
def test_ctrl_c_ends_in_order_at_any_moment(tmp_path: Path, moment: str) -> None:
    """No orphan process, no shared memory left, whenever the key is pressed."""
    port = free_port()
    name = f"t{port}"
    process = started(plain_station_file(tmp_path, port))
    try:
        if moment == "while it starts":
            end_s = time.monotonic() + PATIENCE_S
            while not shared_memory_of(name) and time.monotonic() < end_s:
                time.sleep(0.005)
        elif moment == "while it runs" and process.stderr is not None:
            while "plc link state=" not in process.stderr.readline():
                assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.wait()
    assert shared_memory_of(name) == []
    assert processes_of(name) == []


def test_run_names_a_hardware_watchdog_that_is_not_there(tmp_path: Path) -> None:
    """Exit code 2 and what to do, before anything runs: its module may be loaded yet."""
    port = free_port()
    path = plain_station_file(tmp_path, port)
    device = tmp_path / "watchdog0"
    path.write_text(f'{path.read_text()}\n[watchdog]\ndevice = "{device}"\n', encoding="utf-8")
    process = started(path)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert f"GN520: hardware watchdog {device}: there is no such device" in said
    assert shared_memory_of(f"t{port}") == []


def test_run_feeds_the_hardware_watchdog_and_disarms_it_at_an_ordered_end(tmp_path: Path) -> None:
    """Fed while the line lives; the magic close is the last thing it hears."""
    port = free_port()
    path = plain_station_file(tmp_path, port)
    device = tmp_path / "watchdog0"
    os.mkfifo(device)
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    path.write_text(f'{path.read_text()}\n[watchdog]\ndevice = "{device}"\n', encoding="utf-8")
    process = started(path)
    heard, end_s = b"", time.monotonic() + PATIENCE_S
    while len(heard) < 3 and time.monotonic() < end_s:
        with contextlib.suppress(BlockingIOError):
            heard += os.read(reader, 64)
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    heard += os.read(reader, 4096)
    os.close(reader)
    assert process.returncode == 0
    assert set(heard[:-1]) == {0}
    assert heard[-1:] == b"V"


def test_run_adopts_the_line_of_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    """The same line process goes on under the next `gonogo run` of the same station file."""
    port = free_port()
    path = plain_station_file(tmp_path, port)
    first = started(path)
    assert first.stderr is not None
    while "plc link state=" not in first.stderr.readline():
        assert first.poll() is None
    line = ProcessTable.attach(f"t{port}").rows[2]
    pid = line.pid
    first.kill()
    first.communicate()
    second = started(path)
    assert second.stderr is not None
    said = ""
    while "adopted" not in said:
        said = second.stderr.readline()
        assert said, "it ended instead"
    assert line.pid == pid
    assert line.lives
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=PATIENCE_S)
    assert shared_memory_of(f"t{port}") == []
    # what the first had just started, and not yet entered, takes a moment to notice
    end_s = time.monotonic() + PATIENCE_S
    while processes_of(f"t{port}"):
        assert time.monotonic() < end_s, "a process was left behind"
        time.sleep(0.05)


def test_run_starts_with_the_last_good_file_when_its_file_has_become_wrong(tmp_path: Path) -> None:
    """The station runs, the findings are told, and the PLC is warned of its configuration."""
    port = free_port()
    path = plain_station_file(tmp_path, port)
    kept = tmp_path / ".station.toml.last-good"
    first = started(path)
    end_s = time.monotonic() + PATIENCE_S
    while not kept.exists() and time.monotonic() < end_s:
        time.sleep(0.05)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=PATIENCE_S)
    assert unmarked(kept, kept.read_bytes()) == path.read_bytes()
    path.write_text(path.read_text(encoding="utf-8").replace("budget_ms", "budgt_ms", 1))
    second = started(path)
    assert second.stderr is not None
    said: list[str] = []
    while "warning to the PLC" not in "".join(said):
        said.append(second.stderr.readline())
        assert said[-1], f"it ended instead: {said}"
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=PATIENCE_S)
    assert "did you mean 'budget_ms'" in "".join(said)
    assert "starting with the last good one" in "".join(said)
    assert '"text": "warning to the PLC: config"' in said[-1]
