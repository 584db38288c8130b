"""`gonogo audit`: what it shows of a station, and what it finds broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.ipc import last_state
from gonogo.ipc.audit.files import head_of, read_head
from gonogo.ipc.audit.row import Entry
from gonogo.tests.ipc.audit.trails import trail_at
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station file, with a trail of two rows beside its records."""
    path = tmp_path / "station.toml"
    path.write_text(PLAIN_FILE)
    trail = trail_at(tmp_path / "parts.audit.jsonl")
    changes = {"changes": {"view[0].rule[0].high": [74.0, 75.5]}, "sha256": "ab"}
    trail.append(Entry("station file", "asked", {"sha256": "aa"}, changes, "new supplier"))
    trail.append(Entry("fault inject", "done", None, {"kind": "camera-black"}, asked=1))
    return path


def typed(*words: str | Path, ends: int = 0) -> str:
    """What `gonogo audit ...` prints, and that it ends so."""
    found = CliRunner().invoke(main, ["audit", *map(str, words)])
    assert found.exit_code == ends, found.output
    assert "Traceback" not in found.output
    return found.output


def test_audit_shows_who_changed_what_from_what_to_what_and_why(file: Path) -> None:
    """`show` may be left out."""
    said = typed(file)
    assert said == typed("show", file)
    assert "anna as root over sudo at pts/3  station file ASKED" in said
    assert "view[0].rule[0].high: 74.0 -> 75.5" in said
    assert "why: new supplier" in said
    assert "fault inject DONE (asked in row 1)" in said
    assert said.index("station file") < said.index("fault inject")
    assert "station file" not in typed(file, "--last", "1")
    assert typed(file, "--since", "2999-01-01") == "no such row\n"


def test_audit_json_is_what_stands_in_the_trail(file: Path) -> None:
    """An object a line, with the file that it is from."""
    rows = [json.loads(line) for line in typed(file, "--json").splitlines()]
    assert [row["number"] for row in rows] == [1, 2]
    assert rows[0]["trail"] == "parts.audit.jsonl"
    assert rows[1]["before"] == rows[0]["hash"]


def test_audit_shows_nothing_that_drives_a_terminal(file: Path, tmp_path: Path) -> None:
    """Also of a row that another hand has written."""
    path = tmp_path / "parts.audit.jsonl"
    escape = "\\u001b[2J\\u202e"
    path.write_bytes(path.read_bytes().replace(b"new supplier", escape.encode()))
    path.write_bytes(path.read_bytes().replace(b'"anna"', b'"\\u001b[2J"'))
    assert typed(file).replace("\n", "").isprintable()


def test_audit_note_writes_what_a_person_says(file: Path) -> None:
    """Of what was done by hand."""
    assert typed("note", file, "lens \x1b[2Jcleaned") == "row 3: lens ?[2Jcleaned\n"
    assert "why: lens ?[2Jcleaned" in typed(file)


def test_audit_verify_of_a_whole_trail_says_what_it_rests_on(file: Path) -> None:
    """And by which place the end is known."""
    said = typed("verify", file)
    assert "parts.audit.jsonl: 2 rows, as they were written" in said
    assert "its end is known to parts.audit.head\n" in said


def test_audit_verify_names_the_first_broken_row(file: Path, tmp_path: Path) -> None:
    """With a number, and exit code 1."""
    path = tmp_path / "parts.audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b"75.5", b"76.5"))
    said = typed("verify", file, ends=1)
    assert "GN626" in said
    assert "the first broken row is row 1 (parts.audit.jsonl, line 1): changed" in said


def test_audit_verify_knows_a_cut_end_by_the_last_state(file: Path, tmp_path: Path) -> None:
    """Also where the place beside the trail was cut with it."""
    trail = tmp_path / "parts.audit.jsonl"
    head = read_head(trail)
    assert head is not None
    state = last_state.LastState("FULL", 1, 1, "stopped", "boot", "now", *head)
    last_state.write(tmp_path / "cell.state.json", state)
    assert " and the last state of the station\n" in typed("verify", file)
    first = trail.read_bytes().splitlines(keepends=True)[0]
    trail.write_bytes(first)
    head_of(trail).write_text(f"{1:018d} {json.loads(first)['hash']}\n")
    said = typed("verify", file, ends=1)
    assert "row 2 was the newest, as the last state of the station knows" in said


def test_audit_verify_goes_through_the_trail_of_the_engines(file: Path, tmp_path: Path) -> None:
    """Its newest row at a start stands in the station's own trail."""
    (tmp_path / "engines").mkdir()
    engines = trail_at(tmp_path / "engines" / "engines.audit.jsonl")
    row = engines.append(Entry("engine install", "done"))
    text = file.read_text().replace(
        "[[view.rule]]", '[view.engine]\nbundle = "bolt"\n[[view.rule]]'
    )
    file.write_text(text + '\n[engines]\nfolder = "engines"\n')
    judges = Entry("judges by", "noted", None, {"engines trail": list(row.head)})
    trail_at(tmp_path / "parts.audit.jsonl").append(judges)
    said = typed("verify", file)
    assert "engines.audit.jsonl: 1 rows" in said
    assert " and the trail of the station\n" in said
    assert "engine install DONE" in typed(file)
    for path in (engines.path, head_of(engines.path)):
        path.unlink()
    said = typed("verify", file, ends=1)
    assert "row 1 was the newest, as the trail of the station knows" in said


def test_audit_of_no_station_says_what_is_expected(tmp_path: Path) -> None:
    """Neither a file nor one that runs."""
    assert "GN625" in typed("nobody-runs-so", ends=1)
    assert "GN110" in typed(tmp_path / "none.toml", ends=1)
