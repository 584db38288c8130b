"""The station whose screen is photographed: the demo's camera, rules and engine, with a history.

Its parts come from the PLC simulator. The oddest of those that are good are to be looked at again,
so that there are yellow ones, too; people have accounts; and beside its records lie charts of drift
of days that were simulated, with dust on the lens at their end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import GonogoError
from gonogo.build.review.station import FIRST_MAX, TOP
from gonogo.build.station import prepare_station
from gonogo.config.started_by import START
from gonogo.config.station import load_station
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.accounts_file import beside_records as accounts_beside
from gonogo.console.access.roles import Role
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import subject_of
from gonogo.engines.card import read_card
from gonogo.ipc.audit.files import beside_records as trail_beside
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.launch.running_station import RunningStation
from gonogo.launch.told import Origin
from gonogo.proving.campaign.ground import free_port
from gonogo.proving.drift.simulate import Line
from gonogo.proving.drift.world import Cause
from gonogo.proving.plcsim.plan import Step
from gonogo.proving.plcsim.truth import truth_of
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.part import Conditions
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.saving import beside_records as charts_beside
from gonogo.records.drift.saving import write
from gonogo.records.drift.view_charts import ViewCharts
from gonogo.records.drift.watch import DriftWatch, Watched
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "stations" / "demo.toml"
NAME = "flanges"
ODD = 0.15  # of the good parts are above the limit from which a part is looked at again
PICTURES = '[records.images]\nfolder = "pictures"\nevery_nth_good = 1\n'
# of whom nobody else is: they are of this station, which lives as long as its pictures are taken
PEOPLE = {
    "sec": (Role.SECURITY, "935028"),
    "anna": (Role.OPERATOR, "408162"),
    "berta": (Role.SUPERVISOR, "715306"),
}
FIRST = 120  # parts that have a history; the ones after them are photographed as they come
PITCH_MS = 2000  # of those
PAUSE_MS = 600_000  # the PLC lives on, and no part comes
WAIT_S = 300.0
REST_H, DUST_H = 30, 14  # hours after the reference, and with dust on the lens
FRAMES = 6  # of a simulated hour
DRIFT_SEED = 5
BEGAN_S = 1.7936e9  # the first of these hours
_LOOK_S = 0.2


class Pictured(NamedTuple):
    """The running station, where its screen is served, and what to do with its parts."""

    file: Path
    station: Station
    running: RunningStation

    @property
    def port(self) -> int:
        """Of its screen."""
        if self.station.screen is None:
            raise ValueError("a station without [screen] has no such port")
        return self.station.screen.port

    @property
    def url(self) -> str:
        """Of its screen."""
        return f"http://127.0.0.1:{self.port}/"

    def newest(self, reason: str) -> int:
        """The number of the last part that was rejected for that reason; StopIteration."""
        choice = Choice(verdict="REJECT", reason=reason, last=1)
        return next(parts(Files(self.station.records.path), choice)).part_id

    @contextlib.contextmanager
    def line(self, folder: Path, first_id: int, pitch_ms: float) -> Iterator[None]:
        """A PLC, and parts from that number on; after part FIRST there comes none for minutes."""
        gap = (Step(at_part=FIRST, do="gap", for_ms=PAUSE_MS),)
        plan = simulator_plan(
            self.station, 10_000, folder / f"plc-{first_id}.jsonl", first_id=first_id,
            pitch_ms=pitch_ms, script=gap if first_id == 1 else (), stall_timeout_s=3600,
        )  # fmt: skip
        with simulator(plan):
            yield

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """The process of the screen stands still, as one on a box that hangs."""
        (row,) = self.running.rows["screen"]
        pid = self.running.beats.rows[row].pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def review(self) -> None:
        """Somebody says of the highest scores which parts are good: what is true of them."""
        session = session_of(subject_of(self.file, None, 1), FIRST_MAX, TOP)
        camera = self.station.view[0].camera
        shown = zip(session.review.shown, session.told, strict=False)
        asked = [truth_of(camera, part.part_id).good for part, said in shown if said is None]
        gonogo = str(Path(sys.executable).with_name("gonogo"))
        command = [gonogo, "limits", "review", "--station", str(self.file)]
        typed = "".join("g\n" if good else "b\n" for good in asked)
        # refused where no limits follow: that is seen on the page
        subprocess.run(
            command, check=False, input=typed, text=True, capture_output=True, timeout=WAIT_S
        )


@contextlib.contextmanager
def pictured_station(folder: Path) -> Iterator[Pictured]:
    """It runs, with FIRST parts in its records, until the end of the block."""
    prepare_station(load_station(DEMO), lambda *_: None)
    file = written(folder)
    station = load_station(file)
    accounts = Accounts(accounts_beside(station.records.path))
    for name, (role, secret) in PEOPLE.items():
        accounts.add(name, role, secret)
    write(charts_beside(station.records.path), charted())
    with RunningStation(station, Origin(fell_back=False, candidate=None, file=file)) as running:
        yield Pictured(file, station, running)


def written(folder: Path) -> Path:
    """The demo station with records there, a picture of each part, and ports that nobody has."""
    text = DEMO.read_text("utf-8").replace("../var", str(ROOT / "var"))
    card = read_card(ROOT / "var" / "demo" / "top.onnx")
    odd = f"{np.quantile(card.good_scores, 1 - ODD):g}"
    for old, new in (
        ('name = "demo"', f'name = "{NAME}"'),
        ("defect_pct = 20", "defect_pct = 10"),
        ('backend = "auto"', f'backend = "auto"\nrecheck_above = {odd}\n'),
        ("port = 15020", f"port = {free_port()}"),
    ):
        text = text.replace(old, new, 1)
    head, _, _ = text.partition("[records]")
    screen = f"[screen]\nport = {free_port()}\n"
    file = folder / "flanges.toml"
    file.write_text(f'{head}[records]\npath = "records.sqlite"\n{PICTURES}\n{screen}', "utf-8")
    told = {"file": str(file)}
    Trail(trail_beside(folder / "records.sqlite")).append(Entry(START, "asked", None, told))
    return file


def charted() -> DriftWatch:
    """Charts of simulated hours: the reference, some more, and then dust."""
    line = Line(DRIFT_SEED, FRAMES)
    charts = ViewCharts(Conditions("top", "flange 3", 1, 500.0))
    for number, looks in islice(enumerate(line.looks), HOURS + REST_H):
        dusty = number >= HOURS + REST_H - DUST_H
        hour = line.hour(number, looks, Cause.DUST if dusty else Cause.NONE)
        charts.add(hour._replace(wall_s=BEGAN_S + hour.wall_s))
    watch = DriftWatch()
    watch.take(Watched(charts, Hour(HOURS + REST_H), line.embedded))
    return watch


def wait_for_rows(records: Path, count: int) -> None:
    """Until so many parts are recorded; TimeoutError."""
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        with contextlib.suppress(OSError, GonogoError):
            if sum(1 for _ in parts(Files(records), Choice())) >= count:
                return
        time.sleep(_LOOK_S)
    raise TimeoutError(f"fewer than {count} rows in {WAIT_S:.0f} s")
