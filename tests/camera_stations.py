"""Whole stations whose cameras have processes of their own, and what befalls those.

The judge is the PLC simulator's journal. It knows the truth of a part from simulated cameras alone:
that no frame of another camera is taken for another part's is held by the tests of its driver.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

from gonogo.drivers.scene.section import SimulatedSection
from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.proving.campaign.grounds import ANY_FRAME
from gonogo.proving.figures import Tally
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import figures, simulator, simulator_plan
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.config.station import Station

PARTS, AFTER = 12, 6  # at least so many, and so many after what befell the station
WAIT_S = 60.0
RULE = DIAMETER | {"mm_per_px": 0.2, "low": 71.4, "high": 72.6}  # it sees each wrong size
TRUTH = synthetic(width_px=640, height_px=480, defects=("wrong_size",), defect_pct=50.0)


def beside(folder: Path, camera: dict[str, Any]) -> Station:
    """One view that tells good parts from bad, and one of that camera, which passes any frame."""
    views = (
        {"name": "top", "camera": TRUTH, "rule": (RULE,)},
        {"name": "side", "camera": camera, "rule": (ANY_FRAME,)},
    )
    return small_station(folder, *views, budget_ms=250.0, pitch_mm=60.0)


def rehearsed(
    station: Station, folder: Path, act: Callable[[RunningStation, JournalReader], None]
) -> tuple[dict[str, Any], Tally]:
    """A rehearsal, with something done to the station once it judges; figures and journal.

    It goes on until what is done is over, however long that takes.
    """
    journal, tally = folder / "plc.jsonl", Tally()
    views = [view for view in station.view if isinstance(view.camera, SimulatedSection)]
    known = station.model_copy(update={"view": tuple(views)})
    with (
        simulator(simulator_plan(known, 1_000_000, journal)) as plc,
        RunningStation(station) as running,
    ):
        reader = JournalReader(running.journal)

        def judged(count: int) -> bool:
            running.wait(0.01)
            tally.take(reader)
            return len(tally.verdicts) >= count

        until("no part", lambda: judged(1))
        act(running, reader)
        tally.take(reader)
        count = max(PARTS, len(tally.verdicts) + AFTER)
        until("no parts any more", lambda: judged(count))
        plc.terminate()  # the judge first: no part is to miss its station
        plc.wait(WAIT_S)
        tally.take(reader)
    return figures(known, judge(journal), tally), tally


def camera_row(running: RunningStation, name: str) -> int:
    """The pid of a view's camera; between two processes there is none, and it is waited for."""
    (row,) = running.rows[f"camera {name}"]
    until("no process", lambda: running.beats.rows[row].pid)
    return running.beats.rows[row].pid


def kill_and_await(running: RunningStation, name: str, view: int) -> tuple[int, int]:
    """Kill a view's camera once it is open, until another one is; the pids of both."""
    port = CameraPort.attach(running.name, view)
    until("never open", lambda: port.state is CameraState.READY)
    epoch, former = port.epoch, camera_row(running, name)
    os.kill(former, signal.SIGKILL)
    until("nobody else", lambda: port.epoch > epoch)
    until("never open again", lambda: port.state is CameraState.READY)
    port.close()
    return former, camera_row(running, name)


def frames(tally: Tally) -> list[bool]:
    """Of each part in order: whether it had a trusted frame of every view."""
    return [not any(look.fault for look in tally.verdicts[k].looks) for k in sorted(tally.verdicts)]


def clean(found: dict[str, Any]) -> bool:
    """Every verdict was in time, as far as that was up to the station, and no bad part passed."""
    assert found["bad"] > 0
    by_station = found["by_station"]
    wrong = found["confusion"]["both"]["escape"] + found["wrong_part"] + found["doubled"]
    return bool(by_station["late"] + by_station["missing"] + wrong == 0)


def until(what: str, met: Callable[[], object]) -> None:
    """Wait for a condition; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end_s, what
        time.sleep(0.01)
