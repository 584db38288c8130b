"""The station files of stations/ that need no data set: checked against what stands for their PLC.

The parts of each are drawn by the station. Where a wire cannot be rehearsed, what it judges by is
tried over Modbus TCP instead.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.check import as_json
from gonogo.commands.cli import main
from gonogo.config.station import load_station
from gonogo.tests.judged import rehearsed
from gonogo.tests.plc.s7_peers import S7Plc
from gonogo.tests.serial_lines import Cable
from gonogo.tests.softplc import SoftPlc
from gonogo.tests.stations import free_port, tiny_engine

STATIONS = Path(__file__).parents[1] / "stations"
PARTS = 12
# said of a box that others use, not of the file
OF_TIME = ("station.budget_ms: expected at least", "station.pitch_mm: a part comes every")


def copied(name: str, folder: Path, *changes: tuple[str, str]) -> Path:
    """The example with other addresses, and fewer parts to draw."""
    text = (STATIONS / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in (("../var", str(folder)), *changes):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / f"{name}.toml"
    path.write_text(text.replace('driver = "synthetic"', 'pool = 8\ndriver = "synthetic"'))
    return path


def findings(path: Path) -> list[str]:
    """What `gonogo check` finds wrong in it, but for how fast this box is now."""
    found: list[str] = [each["text"] for each in as_json(path)["findings"]]
    return [text for text in found if not text.startswith(OF_TIME)]


def test_s7_station_finds_its_data_block(tmp_path: Path) -> None:
    """Of a PLC that is python-snap7's server."""
    with contextlib.closing(S7Plc()) as plc:
        host = ('host = "192.168.0.1"', f'host = "127.0.0.1"\nport = {plc.port}')
        assert findings(copied("s7", tmp_path, host)) == []


def test_rtu_station_opens_its_line(tmp_path: Path) -> None:
    """A pseudo terminal stands for the adapter."""
    with contextlib.closing(Cable(tmp_path)) as cable:
        device = ('"/dev/ttyUSB0"', f'"{cable.station}"')
        assert findings(copied("modbus-rtu", tmp_path, device)) == []


def test_station_without_a_plc_reads_its_module(tmp_path: Path) -> None:
    """A module of somebody else's software, whose coil is not switched."""
    server = pytest.importorskip("pyModbusTCP.server", reason="pyModbusTCP is not installed")
    module = server.ModbusServer("127.0.0.1", 0, no_block=True)
    module.start()
    try:
        port = module._service.server_address[1]
        host = ('host = "192.168.0.20"', f'host = "127.0.0.1"\nport = {port}')
        assert findings(copied("modbus-io", tmp_path, host)) == []
        assert module.data_bank.get_coils(3, 1) == [False]
    finally:
        module.stop()


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """What the head of the file says is done before, with an engine that is there at once."""
    engines = tmp_path / "engines"
    engines.mkdir()
    model = tiny_engine(tmp_path / "flange.onnx")
    bundle, key = engines / "flange-1.0.0.gng", engines / "line.key"
    for words in (
        ["keys", "new", "--out", key],
        ["bundle", "make", model, "--out", bundle, "--key", key],
        ["engines", "install", bundle, "--root", engines / "installed",
         "--trust", engines / "line.key.pub"],
        ["engines", "activate", "flange", "1.0.0", "--root", engines / "installed"],
    ):  # fmt: skip
        ran = CliRunner().invoke(main, [str(each) for each in words])
        assert ran.exit_code == 0, ran.output
    return tmp_path


def test_station_of_bundles_finds_its_engine(installed: Path) -> None:
    """Signed by whom the file names; the PLC is there, and new."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    with SoftPlc() as plc:
        port = ("port = 15025", f"port = {plc.section.port}")
        assert findings(copied("engines", installed, port)) == []


def test_station_of_two_views_is_checked_and_judges_by_both(tmp_path: Path) -> None:
    """At two places along the belt; every part has its verdict, and none is wrong."""
    path = copied("two-views", tmp_path, ("port = 15026", f"port = {free_port()}"))
    station = load_station(path)
    assert station.delays_ms == (0.0, 40.0)
    found = rehearsed(station, PARTS)
    assert found["verdicts"] == found["parts"] == PARTS
    assert (found["missing"], found["wrong_part"]) == (0, 0)
    assert found["confusion"]["both"]["escape"] == 0


@pytest.mark.parametrize("name", ["s7", "modbus-rtu"])
def test_station_of_another_wire_is_rehearsed_as_its_head_says(name: str, tmp_path: Path) -> None:
    """A copy that speaks Modbus TCP; its rules let no part pass that is wrong."""
    text = copied(name, tmp_path).read_text(encoding="utf-8")
    plc = f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = {free_port()}\n\n'
    begin, end = text.index("\n[plc]\n") + 1, text.index("[[view]]")
    path = tmp_path / "copy.toml"
    path.write_text(text[:begin] + plc + text[end:])
    found = rehearsed(load_station(path), PARTS)
    assert found["verdicts"] == found["parts"] == PARTS
    assert (found["missing"], found["wrong_part"]) == (0, 0)
    assert found["confusion"]["both"]["escape"] == 0
