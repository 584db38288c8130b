"""A person who labels parts of a station, and exports of their pictures, one after the other.

A program of its own beside a station that is measured (gonogo.proving.bench.memory).
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ExportError, RecordsUnreadable
from gonogo.base.realtime import stay_behind
from gonogo.base.words import VerdictKind
from gonogo.records.dispositions.book import Book, Request
from gonogo.records.dispositions.labels import labels
from gonogo.records.dispositions.part import key_of, known
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.words import Origin, Word
from gonogo.records.export.plan import plan
from gonogo.records.export.wanted import Wanted
from gonogo.records.export.writing import write
from gonogo.records.questions.details import details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice
from gonogo.records.questions.parts import parts as parts_of

if TYPE_CHECKING:
    from gonogo.records.questions.part_row import PartRow

PAUSE_S = 0.05
SAID = {VerdictKind.ACCEPT.name, VerdictKind.REJECT.name}


def export_once(records: Path, out: Path) -> int:
    """Confirm what has a picture, export all of it into an empty folder: how many pictures."""
    files = Files(records)
    book = Book.open(beside_records(records), {})
    try:
        _confirm(files, book)
        usable = labels(book.all())
    finally:
        book.close()
    return len(write(plan(files, usable, Wanted("mvtec")), out).entries)


def main(records: str) -> None:
    """For ever; says how many pictures have been exported so far."""
    stay_behind()  # as `gonogo export` does
    count = 0
    with tempfile.TemporaryDirectory(prefix="gonogo-export-") as scratch:
        for number in itertools.count():
            out = Path(scratch) / str(number)
            # of a station that has only begun there is nothing to read, or no picture yet
            with contextlib.suppress(RecordsUnreadable, ExportError):
                count += export_once(Path(records), out)
                print(count, flush=True)  # noqa: T201 - for whoever started it
            shutil.rmtree(out, ignore_errors=True)
            time.sleep(PAUSE_S)


def _confirm(files: Files, book: Book) -> None:
    for part in parts_of(files, Choice()):
        about = details(files, part)
        if part.verdict in SAID and about.pictures and not book.of(key_of(part)):
            book.add(_word(part), known(part, about))


def _word(part: PartRow) -> Request:
    said = f"{part.run}.{part.serial}"
    return Request(said, key_of(part), Word.CONFIRMED, "", "", "bench", Origin.REVIEW, 0)
