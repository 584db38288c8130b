"""Parts for other programs: a spreadsheet runs nothing of it, numbers stay numbers."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import OutputError, ParquetMissing
from gonogo.commands.part_files import (
    COLUMNS,
    records_of,
    write_csv,
    write_parquet,
)
from gonogo.records.questions.files import Files
from gonogo.records.questions.gaps import with_gaps
from gonogo.records.questions.parts import Choice
from gonogo.tests.records.questions.recorded import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def entries(tmp_path: Path) -> list[Any]:
    """Parts of two runs, and a gap."""
    return list(with_gaps(Files(write(tmp_path / "records.db")), Choice()))


def test_records_have_every_column(entries: list[Any]) -> None:
    """A gap has its own kind, and says from where to where."""
    found = list(records_of(entries))
    assert {tuple(sorted(record)) for record in found} == {tuple(sorted(COLUMNS))}
    (gap,) = [record for record in found if record["kind"] == "gap"]
    assert (gap["run"], gap["serial"], gap["last_serial"], gap["verdict"]) == ("a", 4, 5, None)


def test_csv_is_read_back_by_the_module_csv(entries: list[Any], tmp_path: Path) -> None:
    """A lot that would be a formula is text; a time before the trigger stays a number."""
    odd = entries[0]._replace(
        lot='=cmd|"/C calc"!A1', stages=entries[0].stages._replace(frame_ms=-0.5)
    )
    write_csv(tmp_path / "out.csv", [odd, *entries[1:]])
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["serial"] for row in rows] == [
        "1",
        "2",
        "3",
        "4",
        "6",
        "7",
        "8",
        "9",
        "1",
        "2",
        "3",
    ]
    assert rows[0]["lot"] == '\'=cmd|"/C calc"!A1'
    assert rows[0]["frame_ms"] == "-0.5"


def test_csv_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder in its place."""
    with pytest.raises(OutputError, match=r"GN740: .*expected a place for a file"):
        write_csv(tmp_path, [])


def test_parquet_is_read_back_by_pyarrow(entries: list[Any], tmp_path: Path) -> None:
    """Typed, with the gap."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow (the extra [parquet])")
    write_parquet(tmp_path / "out.parquet", entries)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == list(COLUMNS)
    assert table.column("serial").to_pylist() == [1, 2, 3, 4, 6, 7, 8, 9, 1, 2, 3]
    assert table.column("acked_ms").to_pylist()[0] == 30.0


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path) -> None:
    """Nothing is written."""
    if find_spec("pyarrow") is not None:
        pytest.skip("pyarrow is installed")
    with pytest.raises(ParquetMissing, match=r"GN607: .*pip install 'gonogo\[parquet\]'"):
        write_parquet(tmp_path / "out.parquet", [])
    assert not (tmp_path / "out.parquet").exists()
