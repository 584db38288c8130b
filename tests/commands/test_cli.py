"""The command line: messages and exit codes."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.softplc import SoftPlc

STATIONS = sorted((Path(__file__).parents[2] / "stations").glob("*.toml"))
DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"


@pytest.mark.parametrize("path", STATIONS, ids=lambda path: path.stem)
def test_every_example_station_file_is_valid(path: Path) -> None:
    """An example that does not load is worse than none."""
    from gonogo.config.station import load_station  # noqa: PLC0415 - as the command does

    assert load_station(path).view


def test_cli_reports_every_finding_of_a_station_file_at_once(tmp_path: Path) -> None:
    """Two mistakes, two lines with their places, one number, exit code 1."""
    text = DEMO.read_text(encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace("budget_ms", "budgt_ms").replace("width_px = 640", "width_px = 1"))
    result = CliRunner().invoke(main, ["check", str(bad)])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "did you mean 'budget_ms'" in lines[0]
    assert "expected 64 to 8192 px, got 1" in lines[1]
    assert lines[-1].startswith("GN110")


def test_cli_names_a_missing_file() -> None:
    """The wrong path is said in one line, without a traceback."""
    result = CliRunner().invoke(main, ["check", "nowhere.toml"])
    assert result.exit_code == 1
    assert "nowhere.toml" in result.output
    assert "Traceback" not in result.output


def test_check_says_what_the_station_will_do_view_by_view(tmp_path: Path) -> None:
    """A station of rules alone: camera, rules with limits, latency sum, PLC not there."""
    text = DEMO.read_text(encoding="utf-8")
    start, end = text.index("[view.engine]"), text.index("[[view.rule]]")
    path = tmp_path / "rules.toml"
    plain = text[:start] + text[end:]
    path.write_text(plain.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2'))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert "view 'top': synthetic camera, 640 x 480 px bgr8" in result.output
    assert "rule diameter: 71.4 to 72.6 mm" in result.output
    assert "latency: capture" in result.output
    assert "connection refused" in result.output
    assert result.exit_code == 1


def s7_station(folder: Path, plc: str) -> Path:
    """The demo's rules without its engine, with another [plc] section."""
    text = DEMO.read_text(encoding="utf-8")
    text = text[: text.index("[view.engine]")] + text[text.index("[[view.rule]]") :]
    text = text[: text.index("[plc]")] + plc + text[text.index("[[view]]") :]
    path = folder / "s7.toml"
    path.write_text(text.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2'))
    return path


def test_check_tries_the_data_block_of_an_s7_plc(tmp_path: Path) -> None:
    """The place is named, and a block that is there is found good."""
    with contextlib.closing(S7Plc()) as plc:
        section = f'[plc]\ndriver = "s7"\nhost = "127.0.0.1"\nport = {plc.port}\ndb = {DB}\n'
        result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
    assert f"PLC: s7 127.0.0.1:{plc.port}, rack 0 slot 1, DB {DB}" in result.output
    assert "  the PLC answers" in result.output
    assert "  D0-D31 read 0: no station has written there yet" in result.output


def test_check_does_not_only_connect_but_looks_at_the_words(tmp_path: Path) -> None:
    """A PLC of ours that is something else there: found, named, and left as it is."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    with SoftPlc() as plc:
        plc._server.data_bank.set_holding_registers(0, [17] * 32)
        section = (
            f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = {plc.section.port}\n'
        )
        result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
        assert plc.d[:32] == [17] * 32
    assert "  WRONG  D0-D31 hold something that no station wrote (D0 = 17" in result.output
    assert result.exit_code == 1


def test_check_names_references_that_were_typed_as_addresses(tmp_path: Path) -> None:
    """Before anything answers there."""
    bases = "d_base = 40001\np_base = 40101\n"
    section = f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = 9\n{bases}'
    result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
    assert "  d_base = 40001 looks like a 4x reference" in result.output


def test_rehearse_refuses_an_s7_station_by_name(tmp_path: Path) -> None:
    """The PLC simulator speaks Modbus; what to do instead is said."""
    path = s7_station(tmp_path, '[plc]\ndriver = "s7"\nhost = "127.0.0.1"\ndb = 1\n')
    result = CliRunner().invoke(main, ["rehearse", str(path)])
    assert result.exit_code == 1
    assert "GN122: [plc]: driver 's7' cannot be rehearsed" in result.output


def test_s7_station_cannot_drive_its_own_ejector(tmp_path: Path) -> None:
    """The coil of [eject] has no place in a data block; what to do instead is said."""
    section = '[plc]\ndriver = "s7"\nhost = "127.0.0.1"\ndb = 1\n'
    eject = "[eject]\ndistance_mm = 400\n"
    result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section + eject))])
    assert "eject: its coil has no place in an S7 data block" in result.output


def test_s7_section_reports_half_a_word_at_its_line(tmp_path: Path) -> None:
    """Offsets are bytes, and words start at even ones."""
    section = '[plc]\ndriver = "s7"\nhost = "127.0.0.1"\ndb = 1\nd_offset = 3\n'
    result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
    assert "plc.d_offset: expected 0 to 65344 and a multiple of 2, got 3" in result.output


def test_limits_names_the_views_there_are() -> None:
    """A view that does not exist is answered with those that do."""
    arguments = ["limits", str(DEMO), "--view", "side", "--good", "."]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "expected one of ['top']" in result.output
