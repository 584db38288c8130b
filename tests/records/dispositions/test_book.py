"""The file of dispositions: what is written once, refused, and never changed."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import DispositionRefused, DispositionsError, DispositionUnfit
from gonogo.records.dispositions.book import PAGE, Book
from gonogo.records.dispositions.words import Means, Origin, PartKey, Word
from gonogo.tests.records.dispositions.said import (
    ACCEPTED,
    CODES,
    NOON_MS,
    PART,
    REJECTED,
    request,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INSERT = """
INSERT INTO dispositions SELECT {}, run, serial, word, code, means, note, who, origin, decides,
  wall_ms, part_id, part_wall_ms, verdict, reason, score, engine, recipe, lot, seen
FROM dispositions
"""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An empty one."""
    made = Book.open(tmp_path / "d.sqlite", CODES, ("eve",), lambda: NOON_MS + 5)
    yield made
    made.close()


def test_book_gives_back_what_was_said_and_what_was_known(book: Book) -> None:
    """Every field, also for who reads the file anew."""
    asked = request(who="ann")._replace(code="dirt", note="on the left")
    said = book.add(asked, REJECTED)
    assert said.request == asked
    assert said[-9:-1] == tuple(REJECTED)
    assert (said.number, said.means, said.wall_ms) == (1, Means.EXCLUDE, NOON_MS + 5)
    reader = Book.read(book.path)
    assert reader.of(PART) == [said] == list(reader.all())
    assert reader.of(PartKey("run-1", 8)) == []
    reader.close()


def test_book_counts_a_request_that_is_sent_twice_once(book: Book) -> None:
    """The answer is the first one's; also after another word came in between."""
    asked = request()
    first = book.add(asked, REJECTED)
    book.add(request(who="bob", seen=1), REJECTED)
    assert book.add(asked, REJECTED) == first
    assert len(book.of(PART)) == 2


@pytest.mark.parametrize(
    "change", [{"word": Word.UNSURE}, {"who": "bob"}, {"note": "x"}, {"part": PartKey("r", 7)}]
)
def test_book_refuses_another_request_under_the_same_id(
    book: Book, change: dict[str, object]
) -> None:
    """Whatever differs; it says what was written."""
    asked = request()
    book.add(asked, REJECTED)
    with pytest.raises(DispositionRefused, match=r"GN613.*ann said false-reject"):
        book.add(asked._replace(**change), REJECTED)  # type: ignore[arg-type]
    assert len(list(book.all())) == 1


def test_book_refuses_a_word_that_has_not_seen_the_last_one(book: Book) -> None:
    """It says who said what and when; with its number seen both stand."""
    book.add(request(who="ann"), REJECTED)
    asked = request(Word.CONFIRMED, who="bob")
    with pytest.raises(
        DispositionRefused, match=r"part 4711: ann said false-reject at \d{4}-.*number 1"
    ):
        book.add(asked, REJECTED)
    book.add(asked._replace(seen=1), REJECTED)
    assert [each.who for each in book.of(PART)] == ["ann", "bob"]


def test_book_refuses_a_number_that_is_of_another_part(book: Book) -> None:
    """Else whoever types any high number would have seen everything."""
    book.add(request()._replace(part=PartKey("run-1", 8)), REJECTED)
    with pytest.raises(DispositionUnfit, match="nothing was said of it yet"):
        book.add(request(seen=1), REJECTED)


def test_book_lets_only_supervisors_decide(book: Book) -> None:
    """The message names them."""
    asked = request()._replace(decides=True)
    with pytest.raises(DispositionUnfit, match="expected one of eve"):
        book.add(asked, REJECTED)
    assert book.add(asked._replace(who="eve"), REJECTED).decides


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE dispositions SET word=1",
        "DELETE FROM dispositions",
        "INSERT OR REPLACE INTO dispositions SELECT * FROM dispositions",
        INSERT.format("3, 'x'"),
    ],
)
def test_book_is_changed_by_no_other_program(book: Book, change: str) -> None:
    """Rows are appended, each with the next number."""
    book.add(request(), REJECTED)
    with (
        closing(sqlite3.connect(book.path)) as other,
        pytest.raises(sqlite3.IntegrityError, match="dispositions are"),
    ):
        other.execute(change)


def test_book_of_no_file_reads_as_empty_and_makes_none(tmp_path: Path) -> None:
    """A station where nobody ever said anything."""
    reader = Book.read(tmp_path / "none.sqlite")
    assert list(reader.all()) == reader.of(PART) == []
    with pytest.raises(DispositionsError, match="opened to be read"):
        reader.add(request(), REJECTED)
    assert not list(tmp_path.iterdir())


def test_book_gives_all_in_the_order_in_which_they_were_said(tmp_path: Path) -> None:
    """Over more than a page, and of a time alone."""
    now_ms = iter(range(PAGE + 10))
    book = Book.open(tmp_path / "d.sqlite", CODES, (), lambda: next(now_ms))
    with closing(sqlite3.connect(book.path)) as db:  # one transaction, not one each
        db.execute("BEGIN")
        for serial in range(1, PAGE + 4):
            db.execute(
                "INSERT INTO dispositions VALUES (?,?,'r',?,1,'',NULL,'','ann',1,0,?,1,1,1,0,"
                "NULL,'',NULL,NULL,0)",
                (serial, f"id-{serial}", serial, serial),
            )
        db.commit()
    assert [each.number for each in book.all()] == list(range(1, PAGE + 4))
    assert [each.number for each in book.all(10, 12)] == [10, 11]
    book.close()


def test_book_keeps_where_the_person_was_asked(book: Book) -> None:
    """An audit answer is told from a review."""
    said = book.add(request(Word.CONFIRMED)._replace(origin=Origin.AUDIT), ACCEPTED)
    assert said.origin is Origin.AUDIT


def test_book_reads_in_words_with_another_program(book: Book) -> None:
    """The view `disposition`, as the shell of SQLite shows it."""
    book.add(request()._replace(code="dirt"), REJECTED)
    query = "SELECT who, word, means, verdict, reason, origin FROM disposition"
    try:
        shown = subprocess.run(
            ["sqlite3", "-readonly", str(book.path), query],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except FileNotFoundError:
        pytest.skip("no sqlite3: Debian's package sqlite3")
    assert shown == "ann|FALSE_REJECT|exclude|REJECT|ENGINE|REVIEW\n"
