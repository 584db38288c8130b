"""`gonogo disposition`: a person's word on a part, as it is typed and as it is shown."""

from __future__ import annotations

import csv
import json
import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.commands.dispositions import person
from gonogo.console.show.disposition import LIST_HEAD
from gonogo.ipc.audit.files import rows_backwards
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.words import PartKey, Word
from gonogo.records.picture_words import PictureState
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_serial
from gonogo.tests.records.dispositions.said import CODES, REJECTED, request
from gonogo.tests.records.months import then
from gonogo.tests.records.pictures.made import row_of
from gonogo.tests.records.questions.recorded import write
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

SECTION = f'[dispositions]\nsupervisors = ["{person()}"]\n'
OF_A = "2023-11-30T23:59:58+00:00"  # when part 3 of run a passed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station file whose records hold a few parts; whoever runs the test is a supervisor."""
    path = tmp_path / "station.toml"
    path.write_text(f"{PLAIN_FILE}\n{SECTION}")
    write(tmp_path / "parts.sqlite")
    return path


def typed(*words: object, ends: int = 0) -> str:
    """What `gonogo ...` prints, and that it ends so."""
    found = CliRunner().invoke(main, [str(word) for word in words])
    assert found.exit_code == ends, found.output
    assert "Traceback" not in found.output
    return found.output


def add(file: Path, word: str, *more: object, part: str = "a/3", ends: int = 0) -> str:
    """`gonogo disposition add`."""
    return typed("disposition", "add", part, "--word", word, "--station", file, *more, ends=ends)


def another(file: Path, word: Word, who: str) -> None:
    """Somebody else says something of part 3 of run a."""
    with closing(Book.open(beside_records(file.parent / "parts.sqlite"), CODES)) as book:
        part = PartKey("a", 3)
        seen = max((each.number for each in book.of(part)), default=0)
        book.add(request(word, who, seen)._replace(part=part), REJECTED)


def test_add_writes_a_word_down_and_says_what_stands(file: Path) -> None:
    """By the PLC's number and a time, or by run and serial; the verdict stays."""
    files = Files(file.parent / "parts.sqlite")
    before = by_serial(files, "a", 3)
    said = add(file, "false-reject", "--at", OF_A, "--code", "dirt", "--note", "oil", part="3")
    assert "part 3: written down, number 1" in said
    assert f"1: false-reject (dirt) by {person()}" in said
    assert "stands   settled: false-reject (dirt)" in said
    shown = typed("disposition", "show", "a/3", "--station", file)
    assert "part 3: REJECT RULE" in shown
    assert ": oil" in shown
    assert "nothing yet" in typed("disposition", "show", "b/3", "--station", file)
    assert by_serial(files, "a", 3) == before


def test_add_that_was_sent_twice_counts_once(file: Path) -> None:
    """The same request id and the same words; other words under that id are refused."""
    for _ in range(2):
        assert "number 1" in add(file, "unsure", "--request-id", "r-1")
    assert "GN613" in add(file, "confirmed", "--request-id", "r-1", ends=1)
    assert len(typed("disposition", "list", "--json", "--station", file).splitlines()) == 1


def test_add_is_refused_where_another_word_came_and_then_both_stand(file: Path) -> None:
    """It says who and when; the part is disputed until a supervisor decides."""
    another(file, Word.CONFIRMED, "bob")
    refused = add(file, "false-reject", ends=1)
    assert re.search(r"GN613: part 4711: bob said confirmed at \S+, number 1", refused)
    assert "stands   disputed" in add(file, "false-reject", "--seen", 1)
    disputed = typed("disposition", "list", "--disputed", "--station", file)
    head, *lines = disputed.splitlines()
    assert head == LIST_HEAD
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert head.index("word") == lines[0].index("confirmed")
    decided = add(file, "confirmed", "--seen", 2, "--decide")
    assert f"stands   decided by {person()}: confirmed" in decided
    nobody = typed("disposition", "list", "--disputed", "--station", file)
    assert nobody == "no such disposition\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("missed-defect",), "GN614: missed-defect does not fit part 3, whose verdict was REJECT"),
        (
            ("false-reject", "--code", "rust"),
            "GN614: reason code 'rust': expected one of good-part",
        ),
        (("unsure", "--seen", 9), "GN614: number 9 is none of that part"),
        (("unsure", "--note", "x" * 201), "GN614: note: expected at most 200 characters, got 201"),
    ],
)
def test_add_says_what_would_fit(file: Path, words: tuple[str, ...], said: str) -> None:
    """And writes nothing."""
    assert said in add(file, *words, ends=1)
    assert typed("disposition", "list", "--station", file) == "no such disposition\n"


def test_add_of_an_unknown_part_says_where_an_archived_one_is_found(file: Path) -> None:
    """Its word goes to the station all the same."""
    base, folder = file.parent / "parts.sqlite", file.parent / "archive"
    folder.mkdir()
    moved = then(base).rename(folder / then(base).name)
    refused = add(file, "confirmed", part="a/1", ends=1)
    assert refused.startswith("GN606: ")
    assert "--archive FILE" in refused
    assert "number 1" in add(file, "confirmed", "--archive", moved, part="a/1")
    assert beside_records(base).is_file()
    assert {each.suffix for each in folder.iterdir()} <= {".sqlite", ".sqlite-shm", ".sqlite-wal"}
    alone = add(moved, "confirmed", part="a/1", ends=1)
    assert "no dispositions lie beside it" in alone


@pytest.mark.parametrize("part", ["0", "65536", "a/0", "a/x", "x", "³"])
def test_add_says_how_a_part_is_named(file: Path, part: str) -> None:
    """By the PLC's number, or by run and serial."""
    assert "or RUN/SERIAL" in add(file, "unsure", part=part, ends=2)


def test_add_without_a_station_file_takes_no_code(file: Path) -> None:
    """What a code means stands there alone; a word without one is taken."""
    records = file.parent / "parts.sqlite"
    assert "--station FILE.toml" in add(records, "unsure", "--code", "dirt", ends=1)
    assert "number 1" in add(records, "unsure")


def test_add_says_that_the_picture_is_gone(file: Path) -> None:
    """The word stands; what became of the picture is said."""
    assert "picture  none was kept" in add(file, "unsure")
    base = file.parent / "parts.sqlite"
    rows = PictureRows(base, file.parent / "pictures")
    gone = row_of(2, run="a", path="2023/11/30/23/x.png", state=PictureState.TOO_OLD)
    rows.write([gone])
    rows.close()
    said = add(file, "missed-defect", part="a/2")
    assert "its word stands, and there is no picture of it" in said
    assert "picture  top: none any more: it was older than max_age_days" in said


def test_add_is_told_in_the_audit_trail_also_where_it_is_refused(file: Path) -> None:
    """Who it was stands in each row."""
    add(file, "false-reject", "--code", "dirt", "--note", "oil")
    add(file, "confirmed", ends=1)
    rows = list(rows_backwards(file.parent / "parts.audit.jsonl"))[::-1]
    assert [(row.what, row.state) for row in rows] == [
        ("disposition", state) for state in ("asked", "done", "asked", "failed")
    ]
    done = rows[1].new
    assert (done["part"], done["word"], done["code"]) == ("a/3", "FALSE_REJECT", "dirt")
    assert (done["number"], done["note"], rows[1].who["login"]) == (1, "oil", person())
    assert "GN613" in rows[3].new["error"]


def test_show_and_list_as_json_have_every_field(file: Path) -> None:
    """Words as people type them; list is one object a line."""
    add(file, "false-reject", "--code", "dirt")
    (shown,) = json.loads(typed("disposition", "show", "a/3", "--json", "--station", file))
    (listed,) = typed("disposition", "list", "--json", "--station", file).splitlines()
    assert shown == json.loads(listed)
    names = ("run", "serial", "word", "means", "verdict", "reason", "score", "number", "decides")
    assert [shown[name] for name in names] == [
        "a", 3, "false-reject", "exclude", "REJECT", "RULE", 1003, 1, False,
    ]  # fmt: skip
    assert typed("disposition", "list", "--until", "2020-01-01", "--station", file)[:7] == "no such"


def test_codes_are_listed_in_a_language_that_is_there(file: Path) -> None:
    """What each means stands beside it; English where a language is not there."""
    words = ("disposition", "codes", "--station", file, "--language")
    german = typed(*words, "de").splitlines()
    assert german[1].split() == ["scratch", "defect", "Kratzer"]
    english = typed(*words, "xx").splitlines()
    assert [line.split()[:2] for line in english] == [line.split()[:2] for line in german]
    assert english[9].split(maxsplit=2) == ["dirt", "exclude", "Dirt that comes off"]
    records = file.parent / "parts.sqlite"
    assert "--station FILE.toml" in typed("disposition", "codes", "--station", records, ends=1)


def test_figures_have_their_bounds(file: Path) -> None:
    """In words, and for programs."""
    add(file, "false-reject")
    add(file, "confirmed", part="b/3")
    said = typed("disposition", "figures", "--station", file)
    assert "escape     not known: nobody has answered about the audit sample" in said
    assert "overkill   50.0 % (1 of 2; 95 % sure of 1.3 to 98.7 %)" in said
    found = json.loads(typed("disposition", "figures", "--json", "--station", file))
    assert (found["escape"], found["overkill"]["events"], found["overkill"]["of"]) == (None, 1, 2)
    until = ("--until", "2023-12-01T00:00:05+00:00")
    assert "(1 of 1;" in typed("disposition", "figures", *until, "--station", file)


def test_parts_and_part_show_what_people_said(file: Path) -> None:
    """The standing word as a column and a field; each word with its number."""
    add(file, "false-reject")
    table = typed("parts", "--station", file).splitlines()
    said = [line for line in table if "false-reject" in line]
    assert len(said) == 1
    assert table[0].index("people said") == said[0].index("false-reject")
    rows = list(map(json.loads, typed("parts", "--json", "--station", file).splitlines()))
    assert [row["serial"] for row in rows if row["disposition"] == "false-reject"] == [3]
    assert {row["disposition"] for row in rows} == {None, "false-reject"}
    written = csv.DictReader(typed("parts", "--csv", "-", "--station", file).splitlines())
    assert [row["serial"] for row in written if row["disposition"] == "false-reject"] == ["3"]
    one = typed("part", "3", "--at", OF_A, "--station", file)
    assert f"  said     1: false-reject by {person()}" in one
    assert "  stands   settled: false-reject" in one
    plain = json.loads(typed("part", "3", "--at", OF_A, "--json", "--station", file))
    assert [each["word"] for each in plain["dispositions"]] == ["false-reject"]


def test_parts_are_shown_where_the_words_are_damaged(file: Path) -> None:
    """That they could not be read is said."""
    beside_records(file.parent / "parts.sqlite").write_bytes(b"garbage" * 999)
    for words in (("part", "3"), ("parts",)):
        said = typed(*words, "--station", file)
        assert "REJECT" in said
        assert "not read: GN632" in said
    assert "GN632" in add(file, "unsure", ends=1)
