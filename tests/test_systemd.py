"""The unit under systemd itself, where systemd runs this machine and this is root."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.config.station import load_station
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.tests.services import GONOGO, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = Path("/run/systemd/system")
VAR = Path("/var/lib")
PARTS = 60
KILL_AFTER_S = 3.0
LIMIT_S = 120.0
USERS = ("gonogo", "daemon")  # the first that can run this checkout


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder where a service has its files, of the user who will run it."""
    if os.geteuid() != 0 or Path("/proc/1/comm").read_text(encoding="ascii") != "systemd\n":
        pytest.skip("systemd does not run this machine, or this is not root")
    with tempfile.TemporaryDirectory(prefix="gonogo-test-", dir=VAR) as name:
        yield Path(name)


def systemctl(*words: str) -> str:
    """What it says; its complaint where it fails."""
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


def user_of_the_unit() -> str:
    """A system user who may read this checkout and its interpreter, or root."""
    for user in USERS:
        command = ["setpriv", f"--reuid={user}", "--clear-groups", str(GONOGO), "--version"]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return user
    return "root"


@pytest.fixture
def unit(home: Path) -> Iterator[str]:
    """The unit of the demonstration, with its folder made as the notes in it say."""
    station, user = prepared(home), user_of_the_unit()
    home.chmod(0o755)
    subprocess.run(["install", "-d", "-o", user, "-m", "0750", str(home / "records")], check=True)
    command = [str(GONOGO), "service", str(station), "--user", user]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    path = UNITS / f"{home.name}.service"
    path.write_text(text, encoding="utf-8")
    try:
        systemctl("daemon-reload")
        yield path.name
    finally:
        subprocess.run(["systemctl", "stop", path.name], check=False)
        path.unlink()
        systemctl("daemon-reload")


def log_of(unit: str) -> str:
    """The last words of a unit, for a failure."""
    command = ["systemctl", "status", "--no-pager", "--full", "--lines=50", unit]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_unit_brings_every_verdict_in_time_and_its_line_outlives_the_supervisor(
    home: Path, unit: str
) -> None:
    """Taught, started, its supervisor killed on the way and started again, stopped in order."""
    station, journal = load_station(home / "station.toml"), home / "plc.jsonl"
    with simulator(simulator_plan(station, PARTS, journal)) as plc:
        systemctl("start", unit)
        first = systemctl("show", "--property=MainPID", unit)
        kill = ("kill", "--kill-who=main", "--signal=SIGKILL", unit)
        timer = threading.Timer(KILL_AFTER_S, systemctl, kill)
        timer.start()
        plc.wait(LIMIT_S)
        timer.join()
    second = systemctl("show", "--property=MainPID", unit)
    found = judge(journal)
    assert first != second, log_of(unit)
    assert (found.parts, found.verdicts) == (PARTS, PARTS), log_of(unit)
    assert (found.late, found.missing, found.wrong_part, found.doubled) == (0, 0, 0, 0)
    assert "NRestarts=1\n" in systemctl("show", "--property=NRestarts", unit)
    systemctl("stop", unit)
    assert "Result=success\n" in systemctl("show", "--property=Result", unit)
