"""Commands that ask the records: which parts there were, and all of one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from gonogo.base.errors import DispositionsError
from gonogo.base.words import LAST_PART_ID
from gonogo.console.known_engines import kept_names, makers
from gonogo.console.serial.reads import MOST, records_of, whole
from gonogo.console.serial.table import Answer
from gonogo.console.show.disposition import said_lines
from gonogo.console.show.local_time import local
from gonogo.console.show.part import as_json, in_lines
from gonogo.console.show.part_table import acknowledged
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.part import key_of
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.questions.details import details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, by_part_id
from gonogo.records.questions.parts import parts as chosen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.console.serial.table import At
    from gonogo.records.questions.details import Details
    from gonogo.records.questions.part_row import PartRow

ROWS = 20  # where nobody says how many


def parts(at: At, given: Sequence[str]) -> Answer:
    """The newest so many, in the order in which they passed."""
    count = whole(given[0], 1, MOST) if given else ROWS
    found = list(chosen(Files(records_of(at)), Choice(last=count)))
    lines = [_in_a_row(each) for each in found]
    return Answer(lines or ["no part yet"], [_plain(each) for each in found])


def part(at: At, given: Sequence[str]) -> Answer:
    """All that is known of the newest part with that number."""
    path = records_of(at)
    row, about = newest(path, given[0])
    engines = makers(kept_names(path))
    lines = [*in_lines(row, about, engines), *_said(path, row)]
    return Answer(lines, as_json(row, about, engines))


def newest(path: Path, typed: str) -> tuple[PartRow, Details]:
    """The newest part with the number that was typed, and what it was judged on."""
    files = Files(path)
    row = by_part_id(files, whole(typed, 1, LAST_PART_ID))
    return row, details(files, row)


def _said(path: Path, row: PartRow) -> list[str]:
    """What people said of it; that it cannot be read is said."""
    try:
        with closing(Book.read(beside_records(path))) as book:
            some = book.of(key_of(row))
    except DispositionsError as error:
        return [f"  not read: {error}"]
    return list(said_lines(some)) if some else []


def _in_a_row(row: PartRow) -> str:
    """Within 79 columns: day, time, number, verdict, reason, PLC."""
    score = "-" if row.score is None else str(row.score)
    when = local(row.wall_ms)[:19]
    reason = "" if row.reason == "OK" else row.reason
    return f"{when} {row.part_id:>5} {row.verdict:<13} {reason:<14}{score:>6} {acknowledged(row)}"


def _plain(row: PartRow) -> dict[str, object]:
    return {
        "wall": row.wall, "run": row.run, "serial": row.serial, "part_id": row.part_id,
        "verdict": row.verdict, "reason": row.reason, "score": row.score, "recipe": row.recipe,
    }  # fmt: skip
