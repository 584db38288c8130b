"""`gonogo limits review` as it is typed."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import cv2
import pytest
from click.testing import CliRunner

from gonogo.base.words import VerdictKind
from gonogo.commands.cli import main
from gonogo.config.station import load_station
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.words import Origin, Word
from gonogo.tests.commands.passed import BAD, GOOD, LIMIT, ODD, Passed, passed

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.dispositions.said import Disposition

# 9 7 6 bad, 2.5 and 2.3 good, 2.4 bad between them, then good ones
SAID = "b\nb\nb\ng\nb\ng\n" + "g\n" * 14
TOP = ("--top", "20")


@pytest.fixture
def cell(tmp_path: Path) -> Passed:
    """116 parts of which four are bad, one of them accepted."""
    return passed(tmp_path)


def gonogo(*words: str | Path, typed: str = "", ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result = CliRunner().invoke(main, [str(word) for word in words], input=typed)
    assert result.exit_code == ends, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def review(cell: Passed, *words: str | Path, typed: str = "", ends: int = 0) -> str:
    """Of the station file."""
    return gonogo("limits", "review", "--station", cell.file, *words, typed=typed, ends=ends)


def words_of(cell: Passed) -> list[Disposition]:
    """What was written down."""
    with closing(Book.read(beside_records(cell.file.parent / "parts.sqlite"))) as book:
        return list(book.all())


def test_review_asks_highest_first_and_proposes(cell: Passed) -> None:
    """Each with number, part, score, verdict and picture; the proposal says what it rests on."""
    said = review(cell, *TOP, typed=SAID)
    assert f"the first 116 parts that engine {cell.engine} scored" in said
    assert "1 of 20: part 1113, score 9" in said
    assert "REJECT ENGINE" in said
    assert str(cell.file.parent / "pictures" / "2023/11/14/22/113.png") in said
    assert "no picture kept" in said
    assert "16 of the 20 have no picture" in said
    assert "a person saw 16 good and 4 bad parts" in said
    assert "assumed: 96 parts that score below 1.96 are good" in said
    assert f"(in force: {LIMIT:g}, {LIMIT:g})" in said
    assert "escape, bad parts accepted" in said
    assert "written nowhere" in said


def test_review_keeps_words_as_dispositions(cell: Passed) -> None:
    """As the verdict makes them: confirmed, a false reject, a missed defect."""
    review(cell, *TOP, typed=SAID)
    found = [(each.part.serial, each.word) for each in words_of(cell)]
    assert found[:6] == [
        (113, Word.CONFIRMED),
        (114, Word.CONFIRMED),
        (115, Word.CONFIRMED),
        (111, Word.FALSE_REJECT),
        (116, Word.MISSED_DEFECT),
        (112, Word.CONFIRMED),
    ]
    assert len(found) == 20
    assert {each.origin for each in words_of(cell)} == {Origin.LIMITS}
    assert {each.note for each in words_of(cell)} == {"limits review of view top"}
    assert words_of(cell)[4].verdict is VerdictKind.ACCEPT


def test_review_goes_on_where_it_was_left(cell: Passed) -> None:
    """Stop, the end of what is typed, and back; another answer takes the place of the first."""
    said = review(cell, *TOP, typed="b\nb\nwhat\ns\n", ends=1)
    assert "expected one of: g good" in said
    assert "GN618" in said  # both are bad: there seem to be more
    said = review(cell, *TOP, typed="g\nk\nb\n", ends=1)
    assert "2 of 20 have been looked at already" in said
    assert "3 of 20: part 1115, score 6 " in said
    assert "you or another said: good" in said
    assert [each.word for each in words_of(cell)][-2:] == [Word.FALSE_REJECT, Word.CONFIRMED]
    said = review(cell, *TOP, typed="g\nb\n" + "g\n" * 15)
    assert "3 of 20 have been looked at already" in said
    assert "a person saw 16 good and 4 bad parts" in said


def label(path: Path, of: dict[float, str]) -> None:
    """Fill in the list, by score."""
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    with path.open("w", newline="") as file:
        lines = csv.writer(file, delimiter=";")
        lines.writerow(head)
        lines.writerows([of.get(float(row[2]), "Good"), *row[1:]] for row in rows)


def test_review_takes_answers_from_a_list(cell: Passed, tmp_path: Path) -> None:
    """With a sheet of pictures; the same list twice counts once."""
    path = tmp_path / "r.csv"
    said = review(cell, *TOP, "--list", path)
    assert f"the same command with --answers {path}" in said
    assert cv2.imread(str(tmp_path / "r.png")) is not None
    assert "20 of 20 rows have no label" in review(cell, *TOP, "--answers", path, ends=1)
    assert words_of(cell) == []
    label(path, dict.fromkeys(BAD, "bad"))
    said = review(cell, *TOP, "--answers", path)
    assert "20 answers, 20 of them new" in said
    assert "a person saw 16 good and 4 bad parts" in said
    assert "20 answers, 0 of them new" in review(cell, *TOP, "--answers", path)
    assert len(words_of(cell)) == 20
    strange = review(cell, "--top", "5", "--answers", path, ends=1)
    assert "15 rows are of parts that are not asked about" in strange


def test_review_applies_and_undo_takes_back(cell: Passed) -> None:
    """The file keeps its comments; the trail has old and new values, and why."""
    before = cell.file.read_bytes()
    review(cell, *TOP, typed=SAID)
    said = review(cell, *TOP, "--apply", "--yes", "--why", "the first week")
    assert "+recheck_above = " in said
    assert "is started again" in said
    engine = load_station(cell.file).view[0].engine
    assert engine is not None
    assert engine.recheck_above is not None
    assert engine.recheck_above < 2.4
    assert b"# taught in May" in cell.file.read_bytes()
    assert "has these limits already" in review(
        cell, *TOP, "--apply", "--yes", "--why", "once more"
    )
    rows = [row for row in trail(cell) if row["what"] != "disposition"]
    assert [(row["what"], row["state"]) for row in rows] == [
        ("limits", "asked"),
        ("limits", "done"),
    ]
    assert rows[0]["why"] == "the first week"
    assert rows[0]["old"]["reject_above"] is None
    assert rows[0]["new"]["in force before"] == [LIMIT, LIMIT]
    assert rows[1]["new"]["reject_above"] == engine.reject_above
    said = gonogo("limits", "undo", "--station", cell.file, "--yes", "--why", "too strict")
    assert "-recheck_above = " in said
    assert cell.file.read_bytes() == before
    assert trail(cell)[-1]["what"] == "limits undo"
    assert "GN636" in gonogo("limits", "undo", "--station", cell.file, "--yes", ends=1)


def trail(cell: Passed) -> list[dict[str, Any]]:
    """Its rows."""
    lines = (cell.file.parent / "parts.audit.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def test_review_applies_for_a_person_with_a_reason_alone(cell: Passed) -> None:
    """No reason, or neither a terminal nor --yes: the file is as it was, and nobody is asked."""
    before = cell.file.read_bytes()
    assert "GN635" in review(cell, "--apply", "--yes", ends=1)
    said = review(cell, "--apply", "--why", "x", typed=SAID, ends=1)
    assert "by a person: expected a terminal" in said
    assert "GN635" in gonogo("limits", "undo", "--station", cell.file, ends=1)
    assert "--list writes the list alone" in review(cell, "--list", "x", "--apply", ends=2)
    assert cell.file.read_bytes() == before
    assert words_of(cell) == []


def test_review_refuses_too_few_parts(tmp_path: Path) -> None:
    """And says how many there are."""
    cell = passed(tmp_path, GOOD[:99])
    said = review(cell, ends=1)
    assert "GN617: 99 parts of view 'top'" in said
    assert "expected at least 100" in said


def test_review_of_no_bad_part_proposes_nothing(tmp_path: Path) -> None:
    """In words, with what to do."""
    cell = passed(tmp_path, (*GOOD, *ODD))
    said = review(cell, "--top", "3", typed="g\nu\ng\n", ends=1)
    assert "GN618: none of the 3 parts that were looked at is bad" in said
    assert "proposed: recheck" not in said


def test_review_names_what_there_is(cell: Passed) -> None:
    """A view or recipe that is not there."""
    assert "expected --view with one of top, got side" in review(cell, "--view", "side", ends=1)
    assert "no recipe 4, expected one of [1]" in review(cell, "--recipe", "4", ends=1)
