"""The commands about engines of a running station: what they say, and how they end."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.commands.cli import Commands
from gonogo.commands.engine_swap import compare
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.words import PartKey, Word
from gonogo.tests.records.dispositions.said import ACCEPTED, CODES, request
from gonogo.tests.records.shadows import NEW, OLD, Twin, write

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

TWINS = [Twin(1, 2000, 2100), Twin(2, 2600, 5600), Twin(3, 3000, 2900)]


def told(*words: str | Path, ends: int = 0) -> str:
    """What the command prints, and that it ends so."""
    group = Commands(commands={"compare": compare})
    result: Result = CliRunner().invoke(group, ["compare", *map(str, words)])
    assert result.exit_code == ends, result.output
    assert "Traceback" not in result.output
    return result.output


def test_compare_prints_tables_or_json(tmp_path: Path) -> None:
    """The same figures in both."""
    path = write(tmp_path / "records.db", TWINS)
    assert "the same verdict: 66.7 % (2 of 3" in told(path)
    made = json.loads(told(path, "--json"))
    assert made["same_verdict"]["events"] == 2
    assert [part["part_id"] for part in made["differing"]] == [2]


def test_compare_takes_run_shadow_and_last(tmp_path: Path) -> None:
    """Each narrows down what is compared."""
    path = write(tmp_path / "records.db", TWINS)
    write(path, TWINS, run="run2", engines=(NEW, OLD))
    assert "GN601" in told(path, ends=1)
    assert json.loads(told(path, "--json", "--run", "run2"))["runs"] == ["run2"]
    assert json.loads(told(path, "--json", "--shadow", f"{NEW:016x}"))["runs"] == ["run1"]
    assert json.loads(told(path, "--json", "--last", "1"))["same_verdict"]["of"] == 1
    assert "0 is not in the range x>=1" in told(path, "--last", "0", ends=2)


def test_compare_tells_what_people_said_of_the_parts(tmp_path: Path) -> None:
    """Also where a file of a month is named; and goes on where their file cannot be read."""
    path = write(tmp_path / "records.db", TWINS)
    assert "no part of these has a label of a person" in told(path)
    with closing(Book.open(beside_records(path), CODES)) as book:
        book.add(request(Word.MISSED_DEFECT)._replace(part=PartKey("run1", 2)), ACCEPTED)
    (month,) = tmp_path.glob("records-2*.db")
    said = told(month)
    assert "labels of people: 0 good parts and 1 defects" in said
    assert "active engine alone is wrong in 1, the shadow alone in 0" in said
    made = json.loads(told(path, "--json"))["labels"]
    assert made["escapes"]["active_alone"]["wrong"] == 1
    beside_records(path).write_text("hello " * 200)
    assert "not read: GN" in told(path)


def test_compare_says_what_is_wrong_with_its_input(tmp_path: Path) -> None:
    """No file, and one that is none of ours."""
    assert "GN601" in told(tmp_path / "none.db", ends=1)
    (tmp_path / "text.db").write_text("hello " * 200)
    assert "expected a records database of gonogo" in told(tmp_path / "text.db", ends=1)
