"""Commands that ask the records: which parts there were, and why one was judged as it was."""

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
    from gonogo.records.questions.part_row import PartRow

ROWS = 20  # where nobody says how many
# what says why: of the lines of a part those that begin so
_WHY = ("part ", "  rule ", "  view ", "  late ", "  master ")
_FINE = ": OK, "  # a rule that is within its limits says nothing of why


def parts(at: At, given: Sequence[str]) -> Answer:
    """The newest so many, in the order in which they passed."""
    count = whole(given[0], 1, MOST) if given else ROWS
    found = list(chosen(Files(records_of(at)), Choice(last=count)))
    lines = [_in_a_row(each) for each in found]
    return Answer(lines or ["no part yet"], [_plain(each) for each in found])


def part(at: At, given: Sequence[str]) -> Answer:
    """All that is known of the newest part with that number."""
    path = records_of(at)
    lines, value, row = _known(path, given[0])
    return Answer([*lines, *_said(path, row)], value)


def why(at: At, given: Sequence[str]) -> Answer:
    """Of the same what says why it was judged so."""
    lines, value, _ = _known(records_of(at), given[0])
    accepted = value["verdict"] == "ACCEPT"
    shown = [each for each in lines if each.startswith(_WHY) and (accepted or _FINE not in each)]
    return Answer(shown, value)


def _known(path: Path, typed: str) -> tuple[list[str], dict[str, object], PartRow]:
    files = Files(path)
    row = by_part_id(files, whole(typed, 1, LAST_PART_ID))
    found, engines = details(files, row), makers(kept_names(path))
    return list(in_lines(row, found, engines)), as_json(row, found, engines), row


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
