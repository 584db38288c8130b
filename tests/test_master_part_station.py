"""Known good and bad parts on a whole station: a real PLC program, real bad parts, and kills."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import FaultBit, Reason, VerdictKind
from gonogo.config.master_part import MasterPartSection
from gonogo.drivers.scene.appearance import appearance
from gonogo.drivers.scene.section import Defect, SyntheticSection
from gonogo.launch.running_station import RunningStation
from gonogo.plc.register_map import State
from gonogo.tests.stations import DIAMETER, small_station, synthetic

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.softplc import CTRL, PART, RUN, SESSION, SoftPlc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        self.plc, self.station = plc, station
        self.name = station.station.name

    def enabled(self) -> None:
        """The PLC lets parts come, and the station has followed."""
        self.plc.p[CTRL] = RUN
        states = {State.RUNNING, State.STOPPED}
        self.plc.until("not enabled", lambda: self.plc.header.state in states)
        self.plc.until("not followed", lambda: self.plc.header.session_id == self.plc.p[SESSION])

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
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def shown(self, part: str, shows: Defect | None) -> tuple[int, Record, str]:
        """A part shown as a master part: exit code, its record, and what was said."""
        process = self.asked(part)
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith(f"show the known {part} part now"), first
        record = self.part(shows)
        said, _ = process.communicate(timeout=60)
        return process.returncode, record, said


@pytest.fixture
def plc() -> Iterator[SoftPlc]:
    """A PLC whose program is right."""
    with SoftPlc() as made:
        yield made


def station_of(folder: Path, plc: SoftPlc, **section: Any) -> Station:  # noqa: ANN401 - of a section
    """One view, one rule, and what is asked of master parts."""
    view = {"name": "top", "camera": CAMERA, "rule": (NARROW,)}
    made = small_station(folder, view)
    master_part = MasterPartSection.model_validate(section)
    return made.model_copy(update={"plc": plc.section, "master_part": master_part})


def test_station_whose_answer_is_wrong_lets_no_part_pass_until_it_is_right(
    tmp_path: Path, plc: SoftPlc
) -> None:
    """The bad part leaves as a reject, so does all that follows; a right answer opens the gate."""
    station = station_of(tmp_path, plc)
    with RunningStation(station):
        cell = Cell(plc, station)
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
    with closing(sqlite3.connect(station.records.path)) as db:
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
