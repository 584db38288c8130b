"""Commands tell the audit trail what they change, before and after."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from gonogo.base.maintenance_key import lock_of
from gonogo.commands.auditing import digest_of, of_engines, of_running
from gonogo.commands.cli import main
from gonogo.ipc.audit.files import in_engines, rows_backwards
from gonogo.launch.running_station import RunningStation
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.tests.engines.bundles.parcels import MAKER, make
from gonogo.tests.stations import free_port, small_station
from gonogo.watchdog.section import MaintenanceSection

if TYPE_CHECKING:
    from gonogo.ipc.audit.row import Row

KEY = "let me in"
WAIT_S = 60.0


def typed(*words: str | Path, ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    found = CliRunner().invoke(main, [str(word) for word in words])
    assert found.exit_code == ends, found.output
    return found.output


def rows(trail: Path) -> list[Row]:
    """Oldest first."""
    return list(rows_backwards(trail))[::-1]


def test_engines_commands_tell_old_and_new_version_the_maker_and_why(tmp_path: Path) -> None:
    """Installing, activating, going back, removing: asked, then done."""
    root, trusted = tmp_path / "engines", tmp_path / "maker.pub"
    trusted.write_text(f"{MAKER.public.line} the maker\n")
    for number in range(3):
        path = make(tmp_path, version=f"1.{number}.0", key=MAKER)
        typed("engines", "install", path, "--root", root, "--trust", trusted, "--why", "trial")
        typed("engines", "activate", "bolt", f"1.{number}.0", "--root", root)
    typed("engines", "rollback", "bolt", "--root", root, "--why", "too many rejects")
    typed("engines", "remove", "bolt", "1.0.0", "--root", root)
    found = rows(in_engines(root))
    assert [row.state for row in found] == ["asked", "done"] * 8
    done = {row.what: row for row in found if row.state == "done"}
    install, activate = done["engine install"], done["engine activate"]
    assert install.new["engine"] == "bolt"
    assert install.new["version"] == "1.2.0"
    assert install.new["trust"] == [MAKER.public.fingerprint]
    assert activate.old == {"engine": "bolt", "version": "1.1.0"}
    assert activate.new == {"engine": "bolt", "version": "1.2.0"}
    assert done["engine rollback"].new == {"engine": "bolt", "version": "1.1.0"}
    assert done["engine remove"].old == {"engine": "bolt", "version": "1.0.0"}
    whys = {row.what: row.why for row in found if row.state == "asked"}
    assert whys["engine install"] == "trial"
    assert whys["engine rollback"] == "too many rejects"


def test_engines_command_that_is_refused_is_told_as_failed(tmp_path: Path) -> None:
    """With the error; a folder that is not there gets no trail."""
    root = tmp_path / "engines"
    typed("engines", "activate", "bolt", "1.0.0", "--root", root, ends=1)
    assert not root.exists()
    assert of_engines(root) is None
    root.mkdir()
    typed("engines", "activate", "bolt", "1.0.0", "--root", root, ends=1)
    asked, failed = rows(in_engines(root))
    assert (asked.state, failed.state) == ("asked", "failed")
    assert failed.new["error"].startswith("GN342")


def test_commands_for_a_running_station_tell_its_trail(tmp_path: Path) -> None:
    """Faults, with a wrong key as well; and its status is one for programs, too."""
    made = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 80})
    plc = ModbusServerSection(driver="modbus-server", host="127.0.0.1", port=free_port())
    key = MaintenanceSection(key_scrypt=lock_of(KEY))
    made = made.model_copy(update={"plc": plc, "maintenance": key})
    name = made.station.name
    inject = ("fault", "inject", "camera-black", "--station", name)
    with RunningStation(made):
        typed(*inject, "--key", KEY, "--for", "5", "--why", "training")
        typed(*inject, "--key", "wrong", ends=1)
        typed("fault", "clear", "--key", KEY, "--station", name)
        typed("acknowledge", "--station", name)
        trail = of_running(name)
        end_s = time.monotonic() + WAIT_S
        while '"mode": "FULL"' not in (said := typed("status", "--json", "--station", name)):
            assert time.monotonic() < end_s, said
            time.sleep(0.05)
        shown = typed("audit", name)
    assert '"name": "records"' in said
    assert trail is not None
    found = rows(trail.path)
    assert [(row.what, row.state) for row in found] == [
        ("fault inject", "asked"),
        ("fault inject", "done"),
        ("fault inject", "asked"),
        ("fault inject", "failed"),
        ("fault clear", "asked"),
        ("fault clear", "done"),
        ("acknowledge", "asked"),
        ("acknowledge", "done"),
    ]
    assert found[0].new == {"kind": "camera-black", "for_s": 5.0, "amount": None}
    assert found[0].why == "training"
    assert "wrong maintenance key" in found[3].new["error"]
    assert "why: training" in shown
    assert KEY not in trail.path.read_text()


def reasoned(group: click.Group, path: str = "gonogo") -> set[str]:
    """Commands that take a reason."""
    found = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= set() if command.hidden else reasoned(command, f"{path} {name}")
        elif any(option.name == "why" for option in command.params):
            found.add(f"{path} {name}")
    return found


def test_commands_that_change_something_take_a_reason_and_the_page_names_them() -> None:
    """One that is new and changes something is thought of here."""
    changing = {
        "gonogo run", "gonogo prepare", "gonogo learn-view", "gonogo calibrate", "gonogo master",
        "gonogo acknowledge", "gonogo fault inject", "gonogo fault clear", "gonogo plc probe",
        "gonogo engines install", "gonogo engines activate", "gonogo engines rollback",
        "gonogo engines remove", "gonogo swap load", "gonogo swap activate",
        "gonogo swap rollback", "gonogo swap unload", "gonogo limits review", "gonogo limits undo",
        "gonogo limits rules", "gonogo measure",
        "gonogo lot start", "gonogo lot end", "gonogo drift restart", "gonogo export",
        "gonogo users add", "gonogo users role", "gonogo users pin", "gonogo users rename",
        "gonogo users disable", "gonogo users enable", "gonogo users unlock",
        "gonogo users remove",
    }  # fmt: skip
    assert reasoned(main) == changing
    page = (Path(__file__).parents[2] / "docs" / "audit-trail.md").read_text()
    (said,) = [each for each in page.split("\n\n") if each.startswith("`--why")]
    assert {words.split()[-1] for words in changing} <= set(re.findall(r"[\w-]+(?=`)", said))


def test_of_running_is_none_where_none_runs() -> None:
    """Of which nothing can be changed."""
    assert of_running("no-such-station") is None


def test_digest_of_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    """A calibration that is written for the first time."""
    assert digest_of(tmp_path / "none") is None
    (tmp_path / "empty").touch()
    assert digest_of(tmp_path / "empty") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
