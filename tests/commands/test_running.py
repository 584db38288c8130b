"""The commands for a running station, as a technician types them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.base.maintenance_key import lock_of
from gonogo.commands.cli import main
from gonogo.launch.running_station import RunningStation
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.tests.stations import PLAIN_FILE, free_port, small_station
from gonogo.watchdog.section import MaintenanceSection

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"
KEY = "let me"
WAIT_S = 20.0


@contextmanager
def judging_under(folder: Path) -> Iterator[RunningStation]:
    """A station that judges a part every 80 ms, whoever listens."""
    made = small_station(folder, trigger={"driver": "timer", "period_ms": 80})
    plc = ModbusServerSection(driver="modbus-server", host="127.0.0.1", port=free_port())
    key = MaintenanceSection(key_scrypt=lock_of(KEY))
    made = made.model_copy(update={"plc": plc, "maintenance": key})
    with RunningStation(made) as running:
        yield running


@contextmanager
def judging(folder: Path) -> Iterator[str]:
    """The same, by its name alone."""
    with judging_under(folder) as running:
        yield running.name


@pytest.fixture
def station(tmp_path: Path) -> Iterator[str]:
    """One of the test's own."""
    with judging(tmp_path) as name:
        yield name


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One for all that is refused."""
    with judging(tmp_path_factory.mktemp("untouched")) as name:
        yield name


def typed(*words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    found = CliRunner().invoke(main, list(words))
    return found.exit_code, found.output


def until(station: str, words: str) -> None:
    """Ask for the status until it says something."""
    end_s = time.monotonic() + WAIT_S
    while words not in (said := typed("status", "--station", station)[1]):
        assert time.monotonic() < end_s, said
        time.sleep(0.05)


def test_status_shows_the_mode_and_every_process(station: str) -> None:
    """Line, spare and records by name, and what is wrong: nobody listens."""
    until(station, "mode FULL, ")
    until(station, "held")
    code, said = typed("status", "--station", station)
    assert code == 0
    first, *lines = said.splitlines()
    # what the PLC has of it: in FULL mode, and every part is thrown out
    assert first.startswith(f"station '{station}': ")
    assert first.endswith("; every part is rejected there")
    names = [line.split()[0] for line in lines]
    assert [name for name in names if name not in {"newest", "OLD:"}] == [
        "link", "session", "state", "from", "to", "mode", "FAULT", "records", "line", "line",
        "critical:", "do:",
    ]  # fmt: skip
    assert "FAULT at the PLC: link\n" in said


def test_status_answers_after_its_supervisor_was_killed(tmp_path: Path) -> None:
    """From memory: what the PLC has of it, and that nobody knows of the processes."""
    with judging_under(tmp_path) as running:
        until(running.name, "mode FULL, ")
        running.supervisor.kill()
        running.supervisor.wait()
        code, said = typed("status", "--station", running.name)
        assert code == 0
        assert "every part is rejected there" in said
        assert "the supervisor does not answer" in said
        found = json.loads(typed("status", "--json", "--station", running.name)[1])
        assert (found["schema"], found["word"], found["processes"]) == (1, "plc-stands", None)


def test_status_for_a_program_says_what_the_plc_has_and_what_to_do(station: str) -> None:
    """One object on one line."""
    until(station, "mode FULL, ")
    code, said = typed("status", "--json", "--station", station)
    assert code == 0
    assert said.count("\n") == 1
    found = json.loads(said)
    assert found["word"] == "plc-stands"
    assert found["link"]["alive"] is False
    assert all(alert["do"] for alert in found["alerts"])
    assert [alert["name"] for alert in found["alerts"]] == ["GonogoLinkDown"]


def test_fault_is_shown_for_as_long_as_it_was_asked_for(station: str) -> None:
    """Black frames bring the station to SAFE; cleared, it comes back by itself."""
    until(station, "mode FULL, ")
    code, said = typed("fault", "inject", "camera-black", "--key", KEY, "--station", station)
    assert (code, said) == (0, "camera-black: injected\n")
    until(station, "mode SAFE, ")
    assert "ACTIVE" in typed("fault", "list", "--station", station)[1]
    assert typed("fault", "clear", "--key", KEY, "--station", station)[0] == 0
    until(station, "mode FULL, ")


def test_fault_that_fills_the_disk_is_a_warning_to_the_plc_and_no_more(station: str) -> None:
    """Parts are judged in FULL mode all the while; the status says who warns of what."""
    typed("fault", "inject", "disk-full", "--key", KEY, "--station", station)
    until(station, "warns the PLC: disk")
    assert "mode FULL, " in typed("status", "--station", station)[1]
    typed("fault", "clear", "--key", KEY, "--station", station)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("inject", "camera-black", "--key", "guess"), "wrong maintenance key"),
        (("inject", "engine-nan", "--key", KEY), "no [view.engine] in the station file"),
        (("inject", "trigger-lost", "--key", KEY), "own photo-eye names the parts"),
        (("inject", "camera-blac", "--key", KEY), "did you mean camera-black?"),
        (("inject", "camera-black", "--for", "-1", "--key", KEY), "expected above 0 to 3600 s"),
        (("inject", "log-flood", "--amount", "0", "--key", KEY), "expected 1..100000, got 0"),
    ],
)
def test_fault_that_is_refused_says_why(
    untouched: str, words: tuple[str, ...], answer: str
) -> None:
    """Exit code 1, one line, and the station untouched."""
    code, said = typed("fault", *words, "--station", untouched)
    assert code == 1
    assert answer in said
    assert "ACTIVE" not in typed("fault", "list", "--station", untouched)[1]


def test_commands_without_a_station_say_how_to_start_one() -> None:
    """Nobody runs under that name."""
    code, said = typed("status", "--station", "nobody")
    assert code == 1
    assert "GN540" in said


def test_service_prints_a_unit_and_says_apart_what_is_still_to_be_done(tmp_path: Path) -> None:
    """What is printed is a unit as it stands; the notes are in it as comments, too."""
    file = tmp_path / "demo.toml"
    file.write_text(DEMO.read_text(encoding="utf-8"), encoding="utf-8")
    code = "from gonogo.commands.cli import main; main()"
    command = [sys.executable, "-I", "-c", code, "service", str(file), "--user", "gonogo-nobody"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "ExecStart=" in found.stdout
    assert f" run {file}" in found.stdout
    notes = found.stderr.splitlines()
    assert "There is no user 'gonogo-nobody' yet" in notes[0]
    assert all(f"# {note}" in found.stdout.splitlines() for note in notes)


def test_service_refuses_what_cannot_be_a_unit(tmp_path: Path) -> None:
    """A wrong station file, and a user that would be another setting."""
    code, said = typed("service", str(tmp_path / "none.toml"))
    assert (code, "GN110" in said) == (1, True)
    code, said = typed("service", str(DEMO), "--user", "a\nUser=root")
    assert (code, "expected a name such as gonogo" in said) == (1, True)


def test_service_prints_the_unit_of_a_display_and_what_keeps_it_to_the_screen(
    tmp_path: Path,
) -> None:
    """Each as it stands, for a station that has a screen; by a user of its own."""
    file = tmp_path / "cell.toml"
    file.write_text(f'{PLAIN_FILE}\n[screen]\nhost = "0.0.0.0"\n', encoding="utf-8")
    code, unit = typed("service", str(file), "--kiosk")
    assert (code, "User=gonogo-screen" in unit) == (0, True)
    assert " http://127.0.0.1:8470/\n" in unit
    code, rules = typed("service", str(file), "--policy")
    assert (code, json.loads(rules)["NewTabPageLocation"]) == (0, "http://127.0.0.1:8470/")
    code, said = typed("service", str(file), "--kiosk", "--user", "a\nUser=root")
    assert (code, "expected a name such as gonogo" in said) == (1, True)
    file.write_text(PLAIN_FILE, encoding="utf-8")
    code, said = typed("service", str(file), "--kiosk")
    assert (code, "expected [screen]" in said) == (1, True)
