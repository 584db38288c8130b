"""`gonogo part` and `gonogo parts`: one answer to why a part was rejected, and lists with gaps."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from gonogo.base.words import Reason
from gonogo.commands.cli import main
from gonogo.console.show.local_time import local
from gonogo.console.show.part import REASONS
from gonogo.ipc.engine_names import NamedEngine, beside_records, note_names
from gonogo.tests.records import formerly
from gonogo.tests.records.months import then
from gonogo.tests.records.questions.recorded import START_MS, write

if TYPE_CHECKING:
    from pathlib import Path

JUDGED = (
    "  judged   in mode FULL, recipe 1; score word 1003 (reject above 5000); "
    "rules alone NONE, engine alone NONE"
)
TIMES = (
    "  ms       frame 10.0, rules 15.0, engine 20.0, decided 21.0, reported 22.0, "
    "at the PLC 25.0, acknowledged 30.0, deadline 200.0"
)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """One month's file of a station: serials 1, 2, 3 of run `a`."""
    return then(write(tmp_path / "records.db"))


def gonogo(*words: object) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(main, [str(word) for word in words])


def test_part_says_why_it_was_rejected(records: Path) -> None:
    """The whole answer on one screen: verdict, rules with limits, scores, engine, times, PLC."""
    found = gonogo("part", 3, "--station", records)
    assert found.exit_code == 0, found.output
    assert found.output.splitlines() == [
        "part 3: REJECT RULE: a rule measured a value outside its limits",
        f"  passed   {local(START_MS + 3000)}, run a, serial 3",
        "  PLC      acknowledged",
        JUDGED,
        "  view     top: score 0.25 by engine 0000000000000abc",
        "  view     side: score 1.25 by engine 0000000000000abd",
        "  rule     width: FAIL, 12.5 mm (expected 10 to 12 mm)",
        "  rule     gap: CANNOT_TELL, no value (expected at most 1 mm)",
        "  shadow   top: ACCEPT, score 0.125 by engine 0000000000000def",
        TIMES,
        "  late     the camera stage ended after its own deadline",
    ]


def test_part_and_parts_say_what_a_rule_has_read(records: Path) -> None:
    """Beside its value, at the end of a line, in a column, and as what one looks for."""
    with closing(sqlite3.connect(records)) as db, db:
        (at,) = db.execute("SELECT id FROM parts WHERE part_id=3 ORDER BY id LIMIT 1").fetchone()
        db.execute("INSERT INTO texts VALUES (?, 0, '=SN-42')", (at,))
    assert (
        '  rule     width: FAIL, "=SN-42", 12.5 mm'
        in gonogo("part", 3, "--station", records).output
    )
    found = gonogo("parts", "--station", records, "--text", "=SN-42", "--csv", "-").output
    heading, row = csv.reader(found.splitlines())
    assert dict(zip(heading, row, strict=True))["text"] == "'=SN-42"
    lines = gonogo("parts", "--station", records, "--text", "=SN-42").output.splitlines()
    assert [line.endswith("acknowledged  =SN-42") for line in lines[:2]] == [False, True]


def test_part_as_json_is_the_same_for_programs(records: Path) -> None:
    """Times are UTC, and ms after the trigger."""
    found = json.loads(gonogo("part", 3, "--station", records, "--json").output)
    assert (found["verdict"], found["reason"], found["serial"]) == ("REJECT", "RULE", 3)
    assert found["wall"] == "2023-11-30T23:59:58.000+00:00"
    assert found["rules"][0] == {
        "rule": "width", "status": "FAIL", "value": 12.5, "low": 10.0, "high": 12.0, "unit": "mm",
        "text": "",
    }  # fmt: skip
    assert found["stages"]["acked_ms"] == 30.0
    assert found["delivery"]["delivered"] is True


def test_part_that_is_not_there_has_its_number(records: Path) -> None:
    """And what there is."""
    found = gonogo("part", 99, "--station", records)
    assert found.exit_code == 1
    assert found.output.startswith("GN606: ")
    assert "there are parts of 2023-11-30T23:59:56" in found.output


def test_part_takes_a_time(records: Path) -> None:
    """One that nobody can read is refused with what was expected."""
    found = gonogo("part", 3, "--at", "2023-11-30T23:59+00:00", "--station", records)
    assert found.output.startswith("part 3: REJECT")
    assert "expected a time (14:02, 14:02:30), a day" in gonogo("part", 3, "--at", "noon").output


def test_parts_shows_gaps_and_losses_where_they_are(tmp_path: Path) -> None:
    """Never passed over; the order is that of the serials."""
    path = write(tmp_path / "records.db")
    lines = gonogo("parts", "--station", path).output.splitlines()
    (gap,) = [k for k, line in enumerate(lines) if line.startswith("  GAP")]
    assert lines[gap] == "  GAP  run a: 2 parts without a row (serials 4 to 5)"
    assert [lines[gap - 1].split()[2], lines[gap + 1].split()[2]] == ["3", "6"]
    assert "2 entries lost: journal overwritten" in gonogo("parts", "--station", path).output


def test_parts_says_that_there_is_none(records: Path) -> None:
    """And when there were."""
    found = gonogo("parts", "--station", records, "--reason", "camera")
    assert found.output.startswith("no such part; there are parts of 2023-11-30T23:59:56")


@pytest.mark.parametrize("kind", ["verdict", "reason"])
def test_parts_names_the_words_that_there_are(records: Path, kind: str) -> None:
    """A word that is none fits no part, and that would look like an answer."""
    found = gonogo("parts", "--station", records, f"--{kind}", "bad")
    assert found.exit_code == 2
    assert f"--{kind}" in found.output
    assert "REJECT" in found.output if kind == "verdict" else "RULE" in found.output


def test_parts_as_json_lines_are_records(records: Path) -> None:
    """One a line, with the choice."""
    text = gonogo("parts", "--station", records, "--verdict", "reject", "--json").output
    (only,) = [json.loads(line) for line in text.splitlines()]
    assert (only["kind"], only["serial"], only["delivered_as"]) == ("part", 3, "REJECT")


def test_parts_as_csv_have_a_head(records: Path, tmp_path: Path) -> None:
    """On the terminal and in a file, which has nothing that the terminal has not."""
    shown = gonogo("parts", "--station", records, "--csv", "-").output
    assert shown.splitlines()[0].startswith("kind,run,serial,last_serial,part_id,wall,verdict")
    assert len(shown.splitlines()) == 4
    out = tmp_path / "out.csv"
    assert gonogo("parts", "--station", records, "--csv", out).exit_code == 0
    assert out.read_text(encoding="utf-8") == shown


def test_parts_are_chosen_by_the_name_of_their_engine(records: Path) -> None:
    """Which is kept beside the records, the bundle long gone; `gonogo part` tells it, too."""
    bolt = NamedEngine("0000000000000abd", "bolt", "1.0.0", "AB-CD")
    note_names(beside_records(records), [bolt, bolt._replace(engine_id=f"{7:016x}", version="2")])
    asked = ("parts", "--station", records, "--json", "--engine")
    assert len(gonogo(*asked, "bolt@1.0.0").output.splitlines()) == 3
    assert len(gonogo(*asked, "bolt").output.splitlines()) == 3
    assert gonogo(*asked, "bolt-2").output == ""
    assert len(gonogo(*asked, "0000000000000abd").output.splitlines()) == 3
    assert "or one of bolt@1.0.0, bolt@2; got 'nut'" in gonogo(*asked, "nut").output
    told = gonogo("part", 3, "--station", records).output
    assert "by engine 0000000000000abd (bolt 1.0.0, signed by AB-CD)" in told


def test_part_of_a_former_file_is_told_from_where_it_is(tmp_path: Path) -> None:
    """Before a start has taken it over."""
    formerly.make(tmp_path / "records.db")
    found = gonogo("part", 2, "--station", tmp_path / "records.db")
    assert "engine 0000000000000abc" in found.output


def test_every_reason_has_its_words() -> None:
    """Also that of a part whose line ended."""
    assert set(REASONS) == {reason.name for reason in Reason} | {"LINE_ENDED"}


def test_parts_are_of_a_time(records: Path) -> None:
    """The first moment is included, the second is not."""
    span = ("--since", "2023-11-30T23:59:57Z", "--until", "2023-11-30T23:59:58Z")
    text = gonogo("parts", "--station", records, *span, "--json").output
    assert [json.loads(line)["serial"] for line in text.splitlines()] == [2]
