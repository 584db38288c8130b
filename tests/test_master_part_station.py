"""Known good and bad parts on a whole station: a real PLC program, real bad parts, and kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from gonogo.base.maintenance_key import lock_of
from gonogo.base.words import FaultBit, Reason, VerdictKind
from gonogo.commands.cli import main
from gonogo.config.master_part import MasterPartSection
from gonogo.drivers.scene.appearance import appearance
from gonogo.drivers.scene.section import Defect, SyntheticSection
from gonogo.ipc.control_socket import asked_with
from gonogo.ipc.master_part import MasterPartView, Phase
from gonogo.ipc.master_part_file import kept_beside
from gonogo.launch.running_station import RunningStation
from gonogo.plc.register_map import State
from gonogo.tests.records.months import joined
from gonogo.tests.stations import DIAMETER, small_station, synthetic
from gonogo.watchdog.rowstate import RowState
from gonogo.watchdog.section import MaintenanceSection

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.softplc import CTRL, ENABLE, PART, RUN, SESSION, SoftPlc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Self

    from gonogo.config.station import Station
    from gonogo.plc.register_map import Record

POOL = 8
CAMERA = synthetic(
    pool=POOL, order="sequence", defect_pct=50.0, defects=("wrong_size", "scratch"), noise=0.0
)
SHOWS = [appearance(SyntheticSection.model_validate(CAMERA), k).defect for k in range(POOL)]
# the rule measures the diameter alone: of a scratch it knows nothing, and lets that part pass
NARROW = DIAMETER | {"low": 71.6, "high": 72.4}
GOOD, FOUND, ESCAPES = None, Defect.WRONG_SIZE, Defect.SCRATCH


class Cell:
    """A station, its PLC, and somebody who types."""

    def __init__(self, plc: SoftPlc, station: Station) -> None:
        self.plc = plc
        self.name = station.station.name
        self._session = 0
        self._typed: list[subprocess.Popen[str]] = []

    def enabled(self, *, anew: bool = False) -> None:
        """The PLC lets parts come, and follows the station, or the line, that has begun `anew`."""
        plc = self.plc
        plc.p[CTRL] = RUN
        old = self._session if anew else 0
        plc.until("nobody new", lambda: plc.header.session_id not in {0, old})
        states = {State.RUNNING, State.STOPPED}
        plc.until("not enabled", lambda: plc.header.state in states)
        plc.until("not followed", lambda: plc.header.session_id == plc.p[SESSION])
        self._session = plc.header.session_id

    def part(self, shows: Defect | None) -> Record:
        """The next part that looks like that; its record."""
        plc = self.plc
        part_id = plc.p[PART] + 1
        while SHOWS[(part_id - 1) % POOL] is not shows:
            part_id += 1
        plc.p[PART] = part_id
        plc.until("a part without a record", lambda: part_id in plc.records)
        return plc.records[part_id]

    def asked(self, *words: str) -> subprocess.Popen[str]:
        """`gonogo master ...`, as it begins."""
        code = "from gonogo.commands.cli import main; main()"
        command = [sys.executable, "-I", "-c", code, "master", *words, "--station", self.name]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._typed.append(process)
        return process

    def waiting(self, part: str) -> subprocess.Popen[str]:
        """The same once the next part is the one."""
        process = self.asked(part)
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith(f"show the known {part} part now: the next one within "), first
        return process

    def shown(self, part: str, shows: Defect | None) -> tuple[int, Record, str]:
        """A part shown as a master part: exit code, its record, and what was said."""
        process = self.waiting(part)
        record = self.part(shows)
        said, _ = process.communicate(timeout=60)
        return process.returncode, record, said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._typed:
            process.kill()
            process.communicate()


@pytest.fixture
def plc() -> Iterator[SoftPlc]:
    """A PLC whose program is right."""
    with SoftPlc() as made:
        yield made


def station_of(folder: Path, plc: SoftPlc, **section: Any) -> Station:  # noqa: ANN401 - of a section
    """One view, one rule, and what is asked of master parts."""
    view = {"name": "top", "camera": CAMERA, "rule": (NARROW,)}
    # a line that is late would have its trial void: a busy box holds this
    made = small_station(folder, view, budget_ms=1000.0, pitch_mm=210.0)
    master_part = MasterPartSection.model_validate(section)
    return made.model_copy(update={"plc": plc.section, "master_part": master_part})


def test_station_whose_answer_is_wrong_lets_no_part_pass_until_it_is_right(
    tmp_path: Path, plc: SoftPlc
) -> None:
    """The bad part leaves as a reject, so does all that follows; a right answer opens the gate."""
    station = station_of(tmp_path, plc)
    with RunningStation(station), Cell(plc, station) as cell:
        cell.enabled()
        assert cell.part(GOOD).verdict == VerdictKind.ACCEPT
        code, record, said = cell.shown("bad", FOUND)
        assert (code, record.verdict, record.reason) == (0, VerdictKind.REJECT, Reason.RULE)
        assert "known bad part: right" in said
        assert "xdiameter" in said
        code, record, said = cell.shown("bad", ESCAPES)
        assert (code, record.verdict, record.reason) == (1, VerdictKind.REJECT, Reason.MASTER_PART)
        assert "WRONG" in said
        plc.until("a permit", lambda: not plc.header.status >> 3 & 1)
        assert plc.header.fault & FaultBit.MASTER_PART
        barred = cell.part(GOOD)
        assert (barred.verdict, barred.reason) == (VerdictKind.NOT_INSPECTED, Reason.MASTER_PART)
        code, record, _ = cell.shown("good", GOOD)
        assert (code, record.verdict) == (0, VerdictKind.ACCEPT), "a right answer of another kind"
        assert cell.part(GOOD).reason == Reason.MASTER_PART
        assert cell.shown("bad", FOUND)[0] == 0
        plc.until("no permit", lambda: plc.header.status >> 3 & 1)
        assert cell.part(GOOD).verdict == VerdictKind.ACCEPT
    with closing(joined(station.records.path)) as db:
        rows = db.execute(
            "SELECT master_part, master_answer, reason, rules_alone FROM part ORDER BY serial"
        ).fetchall()
    assert rows == [
        (None, None, "OK", "ACCEPT"),
        ("BAD", "RIGHT", "RULE", "REJECT"),
        ("BAD", "WRONG", "MASTER_PART", "ACCEPT"),
        (None, None, "MASTER_PART", "NONE"),
        ("GOOD", "RIGHT", "OK", "ACCEPT"),
        (None, None, "MASTER_PART", "NONE"),
        ("BAD", "RIGHT", "RULE", "REJECT"),
        (None, None, "OK", "ACCEPT"),
    ]


def kill(running: RunningStation, *names: str) -> None:
    """These processes, at once and without a word; of a line the one that works."""
    for name in names:
        rows = [running.beats.rows[k] for k in running.rows[name]]
        os.kill(next(row.pid for row in rows if row.state == RowState.UP), signal.SIGKILL)


def status(station: Station) -> str:
    """What `gonogo status` says."""
    return CliRunner().invoke(main, ["status", "--station", station.station.name]).output


def test_gate_stays_closed_when_the_line_is_killed(tmp_path: Path, plc: SoftPlc) -> None:
    """The spare takes over and lets nothing pass; a right answer to it opens the gate."""
    station = station_of(tmp_path, plc)
    with RunningStation(station) as running, Cell(plc, station) as cell:
        cell.enabled()
        assert cell.shown("bad", ESCAPES)[0] == 1
        kill(running, "line")
        cell.enabled(anew=True)
        assert cell.part(GOOD).reason == Reason.MASTER_PART
        assert not plc.header.status >> 3 & 1
        assert cell.shown("bad", FOUND)[0] == 0
        plc.until("no permit", lambda: plc.header.status >> 3 & 1)


def test_gate_stays_closed_over_a_restart_of_the_station(tmp_path: Path, plc: SoftPlc) -> None:
    """Stopped in order or not, acknowledged or not: only a right answer opens it."""
    station = station_of(tmp_path, plc)
    with Cell(plc, station) as cell:
        with RunningStation(station):
            cell.enabled()
            assert cell.shown("good", FOUND)[0] == 1, "a known good part that is rejected"
        with RunningStation(station):
            cell.enabled(anew=True)
            assert cell.part(GOOD).reason == Reason.MASTER_PART
            said = status(station)
            assert "NO PART PASSES until a right answer to the known good part" in said
            CliRunner().invoke(main, ["acknowledge", "--station", station.station.name])
            assert cell.part(GOOD).reason == Reason.MASTER_PART
            assert cell.shown("good", GOOD)[0] == 0
            plc.until("no permit", lambda: plc.header.status >> 3 & 1)
            assert cell.part(GOOD).verdict == VerdictKind.ACCEPT
        kept = json.loads(kept_beside(station.records.path, station.station.name).read_text())
        assert (kept["good"], kept["bad"]) == ("open", "open")


def test_armed_request_of_a_line_that_is_killed_is_void(tmp_path: Path, plc: SoftPlc) -> None:
    """The part that comes then is one like any other, and closes nothing."""
    station = station_of(tmp_path, plc)
    with RunningStation(station) as running, Cell(plc, station) as cell:
        cell.enabled()
        process = cell.waiting("bad")
        kill(running, "line")
        said, _ = process.communicate(timeout=60)
        assert (process.returncode, "void: the line process ended" in said) == (3, True)
        cell.enabled(anew=True)
        plc.until("no permit", lambda: plc.header.status >> 3 & 1)
        assert cell.part(FOUND).reason == Reason.RULE
        assert cell.part(GOOD).verdict == VerdictKind.ACCEPT
    with closing(joined(station.records.path)) as db:
        assert db.execute("SELECT DISTINCT master_part FROM part").fetchall() == [(None,)]


def test_station_that_dies_during_a_trial_begins_with_a_closed_gate(
    tmp_path: Path, plc: SoftPlc
) -> None:
    """Nobody knows the answer: the file said so before the trial began."""
    station = station_of(tmp_path, plc)
    with Cell(plc, station) as cell:
        with RunningStation(station) as running:
            cell.enabled()
            process = cell.waiting("bad")
            os.kill(running.supervisor.pid, signal.SIGKILL)
            kill(running, "records", "line")
            process.terminate()
            process.communicate(timeout=60)
        with RunningStation(station):
            view = MasterPartView.attach(station.station.name)
            gates = {part.name: place.gate.name for part, place in view.places.items()}
            assert gates == {"GOOD": "OPEN", "BAD": "UNKNOWN"}
            view.close()
            cell.enabled(anew=True)
            assert cell.part(GOOD).reason == Reason.MASTER_PART
            assert cell.shown("bad", FOUND)[0] == 0
            plc.until("no permit", lambda: plc.header.status >> 3 & 1)


def test_part_that_nobody_judged_is_no_answer(tmp_path: Path, plc: SoftPlc) -> None:
    """A black picture is rejected, as the known bad part should be: void, and still due."""
    station = station_of(tmp_path, plc)
    key = MaintenanceSection(key_scrypt=lock_of("let me"))
    station = station.model_copy(update={"maintenance": key})
    with RunningStation(station), Cell(plc, station) as cell:
        cell.enabled()
        asked_with(cell.name, "let me", do="inject", kind="camera-black")
        code, record, said = cell.shown("bad", FOUND)
        assert (code, record.verdict, record.reason) == (3, VerdictKind.REJECT, Reason.FRAME)
        assert "void: the station did not judge the part (FRAME)" in said
        asked_with(cell.name, "let me", do="clear")
        assert cell.shown("bad", FOUND)[0] == 0
    with closing(joined(station.records.path)) as db:
        rows = db.execute("SELECT master_part, master_answer FROM part ORDER BY serial").fetchall()
    assert rows == [("BAD", "VOID"), ("BAD", "RIGHT")]


def test_known_part_is_refused_while_nothing_would_come_of_it(tmp_path: Path, plc: SoftPlc) -> None:
    """The PLC lets no part come; one is waited for already; and it can be taken back."""
    station = station_of(tmp_path, plc)
    with RunningStation(station), Cell(plc, station) as cell:
        plc.p[CTRL] = ENABLE
        plc.until("not ready", lambda: plc.header.state == State.READY)
        process = cell.asked("bad")
        said, _ = process.communicate(timeout=60)
        assert (process.returncode, "refused: the PLC does not enable" in said) == (2, True)
        cell.enabled()
        waiting = cell.waiting("bad")
        second = cell.asked("good")
        said, _ = second.communicate(timeout=60)
        assert (second.returncode, "the known bad part is waited for" in said) == (2, True)
        back = cell.asked("--cancel")
        back.communicate(timeout=60)
        said, _ = waiting.communicate(timeout=60)
        assert (back.returncode, waiting.returncode) == (0, 4)
        assert "taken back" in said
        assert cell.part(ESCAPES).verdict == VerdictKind.ACCEPT, "a part like any other"


def test_station_that_shall_stop_lets_nothing_pass_before_both_were_shown(
    tmp_path: Path, plc: SoftPlc
) -> None:
    """Due at once at its start; then for as long as a shift."""
    station = station_of(tmp_path, plc, every_h=8, overdue="stop", grace_h=0)
    with RunningStation(station), Cell(plc, station) as cell:
        cell.enabled()
        assert cell.part(GOOD).reason == Reason.MASTER_PART
        assert cell.shown("bad", FOUND)[0] == 0
        assert cell.part(GOOD).reason == Reason.MASTER_PART
        assert cell.shown("good", GOOD)[0] == 0
        plc.until("no permit", lambda: plc.header.status >> 3 & 1)
        assert cell.part(GOOD).verdict == VerdictKind.ACCEPT
        assert "known good part: right 0.0 h ago, due in 8.0 h" in status(station)


def test_command_that_is_interrupted_takes_its_request_back(tmp_path: Path, plc: SoftPlc) -> None:
    """Ctrl-C: nobody looks any more, and the next part is none."""
    station = station_of(tmp_path, plc)
    with RunningStation(station), Cell(plc, station) as cell:
        cell.enabled()
        process = cell.waiting("bad")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 4
        view = MasterPartView.attach(cell.name)
        plc.until("still waited for", lambda: view.request.phase is Phase.TAKEN_BACK)
        view.close()
        assert cell.part(ESCAPES).verdict == VerdictKind.ACCEPT


def test_known_part_that_is_refused_before_anybody_looks_is_void(
    tmp_path: Path, plc: SoftPlc
) -> None:
    """Its id runs backwards: not inspected, and so no answer; nothing is closed by it."""
    station = station_of(tmp_path, plc)
    with RunningStation(station), Cell(plc, station) as cell:
        cell.enabled()
        for _ in range(2):
            assert cell.part(GOOD).verdict == VerdictKind.ACCEPT
        process = cell.waiting("bad")
        plc.p[PART] = 1
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "void: the station did not judge the part (PART_ID)" in said
        plc.until("no record", lambda: 1 in plc.records)
        assert plc.records[1].reason == Reason.PART_ID
        assert cell.part(ESCAPES).verdict == VerdictKind.ACCEPT, "a part like any other"
