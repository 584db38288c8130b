"""`gonogo lot` as it is typed, by a person or a barcode reader."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.journal import Journal
from gonogo.ipc.lots import beside_records, read_marks

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def records(tmp_path: Path, station: str) -> Path:
    """Those of a station that runs."""
    path = tmp_path / "records.sqlite"
    journal = Journal.create(station, 4, json.dumps({"path": str(path)}))
    journal.close()
    return path


def typed(station: str, *words: str, lines: str = "") -> Result:
    """`gonogo lot` with these words."""
    return CliRunner().invoke(main, ["lot", words[0], "--station", station, *words[1:]], lines)


def test_lot_begins_now_and_is_audited(records: Path, station: str) -> None:
    """When the command ends it is in force; who and why stand in the trail, with the lot before."""
    assert typed(station, "show").output == "no lot\n"
    assert typed(station, "start", "L-17").output == "lot L-17 from now on\n"
    (mark,) = read_marks(beside_records(records))
    assert mark.at_ns <= time.monotonic_ns()
    assert typed(station, "show").output.startswith("lot L-17, since ")
    assert (
        "lot L-18 from now on (before: L-17)"
        in typed(station, "start", "L-18", "--why", "new pallet").output
    )
    asked, done = list(rows_backwards(trail_of(records)))[:2][::-1]
    assert (asked.what, asked.state, asked.old, asked.why) == (
        "lot", "asked", {"lot": "L-17"}, "new pallet",
    )  # fmt: skip
    assert (done.state, done.new["lot"]) == ("done", "L-18")


def test_lot_ends(records: Path, station: str) -> None:
    """Parts are of none from then on."""
    typed(station, "start", "L-17")
    assert typed(station, "end").output == "no lot from now on (before: L-17)\n"
    assert typed(station, "show").output == "no lot\n"
    assert read_marks(beside_records(records))[-1].lot is None


def test_lot_that_is_no_name_is_refused(records: Path, station: str) -> None:
    """With its number; nothing is begun, and nothing is told to the trail."""
    found = typed(station, "start", "a\x1b[2J")
    assert found.exit_code == 1
    assert "GN623" in found.output
    assert "\x1b" not in found.output
    assert read_marks(beside_records(records)) == []
    assert not trail_of(records).exists()


def test_scan_begins_a_lot_with_each_line(records: Path, station: str) -> None:
    """What is no name is told, and the reader goes on."""
    found = typed(station, "scan", lines="L-17\r\n\nbad\x00one\nL-18\n")
    assert found.exit_code == 0
    assert "GN623" in found.output
    assert "lot L-18 from now on (before: L-17)" in found.output
    assert [mark.lot for mark in read_marks(beside_records(records))] == ["L-17", "L-18"]


def test_lot_whose_file_cannot_be_had_is_not_begun(records: Path, station: str) -> None:
    """With its number."""
    beside_records(records).mkdir()
    found = typed(station, "start", "L-17")
    assert found.exit_code == 1
    assert "GN624" in found.output
    assert "Is a directory" in found.output
