"""Whole stations, and a judge that is stopped for a moment: who is blamed for what did not come.

The station takes some 60 ms a part and has 150: whoever is stopped for 200 ms while it has a
part in hand makes that part late.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.proving.rehearse import EXIT_INCONCLUSIVE, EXIT_STATION, exit_code
from gonogo.tests.stalls import Stall, rehearse_with
from gonogo.tests.stations import DIAMETER, free_port, small_station, synthetic
from gonogo.tests.test_bad_input import GONOGO, plain_station_file

if TYPE_CHECKING:
    from gonogo.config.station import Station

PARTS, AT = 18, (3, 9, 15)
ATTEMPTS = 3  # on a busy box the station may be late itself, and then it is
PATIENCE_S = 60.0


def slow_station(folder: Path, role: str) -> Station:
    """Long exposures: a part is in hand for a good while."""
    folder.mkdir()
    view = {"name": "top", "camera": synthetic(exposure_ms=60), "rule": (DIAMETER,)}
    return small_station(folder, view, driver=role)


def stalled(folder: Path, role: str, who: tuple[str, ...], for_ms: float) -> dict[str, Any]:
    """A rehearsal with three stalls."""
    station = slow_station(folder, role)
    return rehearse_with(station, PARTS, folder, {part: Stall(who, for_ms) for part in AT})


@pytest.mark.parametrize(
    ("role", "for_ms"),
    [("modbus-client", 120.0), ("modbus-client", 200.0), ("modbus-server", 200.0)],
)
def test_a_judge_that_was_stopped_is_inconclusive(tmp_path: Path, role: str, for_ms: float) -> None:
    """Exit code 3; every part that suffered is told with both times, none is the station's."""
    for attempt in range(ATTEMPTS):
        found = stalled(tmp_path / str(attempt), role, ("judge",), for_ms)
        if exit_code(found) == EXIT_INCONCLUSIVE:
            break
    assert exit_code(found) == EXIT_INCONCLUSIVE, found["untimely"]
    assert found["by_station"] == {"late": 0, "missing": 0}
    assert found["by_judge"]["missing"] == found["missing"] == len(found["untimely"]) > 0
    for part in found["untimely"]:
        assert part["by"] == "judge"
        assert part["judge_late_ms"] > 0
    worst_ms = max(part["judge_late_ms"] for part in found["untimely"])
    assert worst_ms > for_ms / 2
    assert found["judge"]["worst_ms"] >= 0.8 * for_ms
    assert found["judge"]["times_late"] >= len(AT)


@pytest.mark.parametrize("role", ["modbus-client", "modbus-server"])
@pytest.mark.parametrize("who", [("line",), ("judge", "line")])
def test_a_station_that_was_stopped_has_failed_whatever_the_judge_did(
    tmp_path: Path, role: str, who: tuple[str, ...]
) -> None:
    """Exit code 2, by the station; a judge that was stopped in the same moment excuses nothing."""
    found = stalled(tmp_path / "station", role, who, 200.0)
    assert exit_code(found) == EXIT_STATION, found["untimely"]
    assert found["by_station"]["missing"] > 0
    if "judge" in who:
        assert found["judge"]["worst_ms"] > 100.0


def simulator_of(process: subprocess.Popen[str]) -> int:
    """The simulator that a rehearsal has started, once it is there."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        for path in Path(f"/proc/{process.pid}/task").glob("*/children"):
            for pid in path.read_text().split():
                if b"gonogo.proving.plcsim.simulator" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return int(pid)
        time.sleep(0.01)
    raise AssertionError("it started no simulator")


def test_rehearse_ends_with_3_and_says_so_in_a_line_where_only_the_judge_was_late(
    tmp_path: Path,
) -> None:
    """As on a busy laptop; the report has both times."""
    report = tmp_path / "report.json"
    for _ in range(ATTEMPTS):
        station = plain_station_file(tmp_path, free_port())
        command = [str(GONOGO), "rehearse", str(station), "--parts", "20", "--report", str(report)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
            simulator = simulator_of(process)
            assert process.stdout is not None
            lines = iter(process.stdout)
            said = [next(line for line in lines if "ACCEPT" in line or "REJECT" in line)]
            for _ in range(4):
                stop(simulator, 0.25)
                said.append(next(lines))
            said += lines
            process.wait(PATIENCE_S)
        if process.returncode == EXIT_INCONCLUSIVE:
            break
    found = json.loads(report.read_text(encoding="utf-8"))
    assert process.returncode == EXIT_INCONCLUSIVE, found["untimely"]
    assert sum("INCONCLUSIVE" in line for line in said) == 1
    assert any(f"{found['judge']['worst_ms']:.0f} ms at worst" in line for line in said)
    assert found["by_judge"]["missing"] > found["by_station"]["missing"] == 0


def stop(pid: int, for_s: float) -> None:
    """Stop a process for a moment."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(for_s)
    os.kill(pid, signal.SIGCONT)
