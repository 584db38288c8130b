"""The exports beside a station that is measured: real ones, of what a person confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.bench.exporting import export_once
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records
from gonogo.tests.records.export.labelled import usual, write

if TYPE_CHECKING:
    from pathlib import Path


def test_export_has_the_pictures_of_all_that_was_judged_and_each_word_once(tmp_path: Path) -> None:
    """Nobody had said anything: every part is confirmed, good ones and defects; then no more."""
    records = write(tmp_path, usual(lots=3))
    for each in tmp_path.glob("records-dispositions.sqlite*"):
        each.unlink()
    first = export_once(records, tmp_path / "first")
    assert first == export_once(records, tmp_path / "second") > 0
    assert {each.name for each in (tmp_path / "first" / "top" / "test").iterdir()} == {
        "good", "defect"
    }  # fmt: skip
    book = Book.read(beside_records(records))
    assert len(list(book.all())) == len(usual(lots=3))
    book.close()
