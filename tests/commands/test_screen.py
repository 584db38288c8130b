"""`gonogo screen` of a station that runs, and of one that does not."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.config.station import load_station
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.tests.stations import PLAIN_FILE, free_port

if TYPE_CHECKING:
    from pathlib import Path

WAIT_S = 30.0
GONOGO = "from gonogo.commands.cli import main; main()"


@pytest.fixture
def file(station: str, tmp_path: Path) -> Path:
    """Of a station without [screen]."""
    path = tmp_path / "station.toml"
    path.write_text(PLAIN_FILE.replace('name = "cell"', f'name = "{station}"'))
    return path


def status(port: int) -> int:
    """Of what is on the screen; 0 while nobody serves."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S)) as server:
        try:
            server.request("GET", "/now")
            return server.getresponse().status
        except OSError:
            return 0


def test_screen_is_served_until_ctrl_c(station: str, file: Path) -> None:
    """Also where the station's file has none; the end is an ordered one."""
    Heartbeat.create(station).close()
    Journal.create(station, 8).close()
    FrameRing.create(station, 0, load_station(file).view[0].camera.geometry, 4).close()
    port = free_port()
    command = [sys.executable, "-I", "-c", GONOGO, "screen", str(file), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        end_s = time.monotonic() + WAIT_S
        while status(port) != 200:
            assert time.monotonic() < end_s
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/, for this box alone" in said


def test_screen_of_a_station_that_does_not_run_says_so(file: Path) -> None:
    """In one message, without a traceback; and where it would have been served, by which CA."""
    with file.open("a") as more:
        more.write("\n[access]\nlan = true\n")
    found = CliRunner().invoke(main, ["screen", str(file)])
    assert found.exit_code == 2  # another try may do better
    assert "GN" in found.output
    assert "by TLS at https://0.0.0.0:9443/" in found.output
    assert "by the box's own CA, SHA-256 as `gonogo users list`" in found.output
