"""`gonogo swap ...` as it is typed, against a loader in this process and actors around it."""

from __future__ import annotations

import json
import select
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.config.station import load_station
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.control_socket import ControlServer, ask
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_memory import journal_path
from gonogo.tests.engines.loading.stage import WAIT_S, Stage, staged

DEMO = Path(__file__).parent.parent.parent / "stations" / "demo.toml"

if TYPE_CHECKING:
    from collections.abc import Iterator


class Acting(threading.Thread):
    """Loader, hosts and line of a station, going on until told to stop."""

    def __init__(self, stage: Stage, station: str) -> None:
        super().__init__()
        self.stage = stage
        self.server = ControlServer(station, stage.handler.handle, PURPOSE)
        self.stopped = False
        self.windows = True

    def run(self) -> None:
        """One part after another."""
        stage = self.stage
        while not self.stopped:
            self.server.serve(select.select(self.server.fds, [], [], 0.002)[0])
            stage.tick(0.01)
            for host in stage.hosts:
                host.obey()
            stage.line.obey()
            stage.line.judge(window=self.windows)


@pytest.fixture
def acting(tmp_path: Path, station: str) -> Iterator[Acting]:
    """A station whose loader serves."""
    with staged(tmp_path, station) as stage:
        thread = Acting(stage, station)
        thread.start()
        yield thread
        thread.stopped = True
        thread.join()
        thread.server.close()


def typed(*words: str) -> tuple[int, str]:
    """Exit code and output of `gonogo swap ...`."""
    found = CliRunner().invoke(main, ["swap", *words])
    return found.exit_code, found.output


def test_engine_is_loaded_compared_activated_and_rolled_back(acting: Acting, station: str) -> None:
    """Each command waits until it has ended, and says how."""
    code, said = typed("load", "bolt", "1.1.0", "--station", station)
    assert code == 0, said
    assert "bolt 1.1.0: 4 of 4 parts judged as the engine that judges does (100.0 %)" in said
    assert "score shift +100" in said
    assert "bolt 1.1.0 is loaded; `gonogo swap activate` has it judge" in said
    code, said = typed("activate", "--station", station)
    assert code == 0, said
    assert "bolt 1.1.0 judges; the former engine is warm for a while" in said
    code, said = typed("status", "--station", station)
    assert code == 0, said
    assert "engine B active ready     bolt 1.1.0 signed by" in said
    assert "engine A warm   ready     bolt 1.0.0 signed by" in said
    assert "what judges was changed once, the last time in 0.004 ms" in said
    assert "parts judged as the former engine does (100.0 %)" in said
    assert "score shift -100" in said  # by the stage: what judges scores 1000, the other 1100
    code, said = typed("rollback", "--station", station)
    assert code == 0, said
    assert "the former engine judges" in said
    assert acting.stage.slots.active == 0


@pytest.mark.usefixtures("acting")
def test_exchange_is_told_to_the_audit_trail(station: str, tmp_path: Path) -> None:
    """What judged before and after, why, and what was refused: beside the station's records."""
    about = json.dumps({"path": str(tmp_path / "parts.sqlite")})
    journal_path(station).unlink()  # of the stage, which knows of no records
    journal = Journal.create(station, 4, about=about)
    typed("load", "bolt", "1.1.0", "--station", station, "--why", "new supplier")
    typed("activate", "--station", station)
    typed("unload", "--station", station)
    assert typed("activate", "--station", station)[0] == 1
    journal.close()
    rows = list(rows_backwards(tmp_path / "parts.audit.jsonl"))[::-1]
    assert [(row.what, row.state) for row in rows] == [
        ("engine load", "asked"),
        ("engine load", "done"),
        ("engine activate", "asked"),
        ("engine activate", "done"),
        ("engine unload", "asked"),
        ("engine unload", "done"),
        ("engine activate", "asked"),
        ("engine activate", "failed"),
    ]
    assert rows[0].why == "new supplier"
    assert (rows[0].new["name"], rows[0].new["version"]) == ("bolt", "1.1.0")
    assert rows[3].old == {"judges": {"bolt": "1.0.0"}}
    assert rows[3].new["judges"] == {"bolt": "1.1.0"}


def test_engine_that_is_refused_ends_with_its_number(acting: Acting, station: str) -> None:
    """Exit code 1, and one message."""
    path = acting.stage.section.folder / "bolt" / "1.1.0" / "bundle.gng"
    path.write_bytes(path.read_bytes()[:-7])
    code, said = typed("load", "bolt", "1.1.0", "--station", station)
    assert code == 1
    assert "GN321" in said
    code, said = typed("status", "--station", station)
    assert code == 0
    assert "last refusal: GN321" in said


def test_engine_without_windows_needs_to_be_told(acting: Acting, station: str) -> None:
    """The report says that nothing was compared."""
    acting.windows = False
    code, said = typed("load", "bolt", "1.1.0", "--station", station)
    assert code == 0, said
    assert "no idle window in" in said
    code, said = typed("activate", "--station", station)
    assert (code, said.split(":")[0]) == (1, "GN353")
    code, said = typed("activate", "--without-shadow", "--station", station)
    assert code == 0, said


def test_engine_load_ends_when_another_command_takes_over(acting: Acting, station: str) -> None:
    """Somebody unloads what is awaited here."""
    acting.windows = False
    said: list[dict[str, object]] = []
    somebody = threading.Thread(target=lambda: said.append(unload_in_shadow(acting, station)))
    somebody.start()
    code, output = typed("load", "bolt", "1.1.0", "--keep", "--station", station)
    somebody.join()
    assert said
    assert code == 1
    assert "another command has taken over" in output


def unload_in_shadow(acting: Acting, station: str) -> dict[str, object]:
    """Not as it is typed: `typed` redirects the output of the whole process, one at a time."""
    end_s = time.monotonic() + WAIT_S
    while acting.stage.step().name != "SHADOW":
        assert time.monotonic() < end_s
        time.sleep(0.005)
    return ask(station, purpose=PURPOSE, do="unload")


def test_engine_commands_without_a_loader_say_so(station: str) -> None:
    """With where they looked."""
    code, said = typed("status", "--station", station)
    assert code == 1
    assert f"GN540: station '{station}'" in said


def test_engine_commands_take_the_station_from_its_file() -> None:
    """The name stands in it."""
    code, said = typed("status", "--station", str(DEMO))
    assert code == 1
    assert f"station '{load_station(DEMO).station.name}'" in said


def test_former_name_of_the_command_is_taken_and_says_the_new_one() -> None:
    """For one release: scripts of a plant go on, and their log says what to change."""
    found = CliRunner().invoke(main, ["engine", "status", "--help"])
    assert found.exit_code == 0
    assert "is called `gonogo swap` now" in found.output
    assert "engine" not in [line.split()[0] for line in helped() if line.strip()]


def helped() -> list[str]:
    """The commands that `gonogo --help` lists."""
    text = CliRunner().invoke(main, ["--help"]).output
    return text.partition("Commands:")[2].splitlines()
