"""A rehearsal in which the judge, the station's line, or both are stopped for a moment.

Import as `gonogo.tests.stalls`. A stopped process notices nothing but that it is later.
"""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.proving.figures import Tally
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import figures, simulator, simulator_plan
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.config.station import Station

PATIENCE_S = 60.0
TURN_S = 0.0005
AFTER_ONE_S = 0.005


class Stall:
    """Stops `who` ("judge", "line") for so long, once the station has read the id of a part."""

    def __init__(self, who: tuple[str, ...], for_ms: float, *, after_ms: float = 2.0) -> None:
        self.who = who
        self.for_ms, self.after_ms = for_ms, after_ms


def rehearse_with(
    station: Station,
    parts: int,
    folder: Path,
    at: dict[int, Stall],
    **plan: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """As gonogo.proving.rehearse does it, with a stall at each of these parts."""
    journal, tally = folder / "plc.jsonl", Tally()
    made = simulator_plan(station, parts, journal, **plan)
    with simulator(made) as plc, RunningStation(station) as running:
        reader = JournalReader(running.journal)
        for part, stall in sorted(at.items()):
            _wait_for(journal, part, plc.poll)
            time.sleep(stall.after_ms / 1000)
            _stop(_pids(stall.who, plc, running), stall.for_ms)
        while plc.poll() is None:
            running.wait(0.05)
            tally.take(reader)
        tally.take(reader)
    return figures(station, judge(journal), tally) | {"engine_backend": "", "interrupted": False}


def _wait_for(journal: Path, part: int, over: Callable[[], int | None]) -> None:
    """Until the station has read the id of a part."""
    end_s = time.monotonic() + PATIENCE_S
    with journal.open(encoding="utf-8") as lines:
        while time.monotonic() < end_s and over() is None:
            line = lines.readline()
            if not line:
                time.sleep(TURN_S)
            elif '"heard"' in line and json.loads(line)["part_id"] == part:
                return
    raise AssertionError(f"part {part} never came")


def _pids(who: tuple[str, ...], plc: subprocess.Popen[str], running: RunningStation) -> list[int]:
    rows = [running.beats.rows[k] for k in running.rows["line"]]
    line = next(row.pid for row in rows if row.state == RowState.UP)
    return [{"judge": plc.pid, "line": line}[name] for name in who]


def _stop(pids: list[int], for_ms: float) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(for_ms / 1000)
    for pid in pids:  # the judge first: it has answered before the line finds that it waited
        os.kill(pid, signal.SIGCONT)
        time.sleep(AFTER_ONE_S)
