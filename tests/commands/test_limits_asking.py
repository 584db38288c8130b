"""One person after the other says something of the same parts."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.limits_asking import QUESTION, TYPED, Asking, take
from gonogo.commands.limits_subject import Wishes, begin
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.part import known
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.said import Request
from gonogo.records.dispositions.words import Origin, Word
from gonogo.records.questions.details import details
from gonogo.records.questions.parts import by_serial
from gonogo.tests.commands.passed import passed

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.limits.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Of the three highest scores."""
    file = str(passed(tmp_path).file)
    return begin(Wishes(file, None, 1, 1000, 3, None, None, to_apply=False, yes=False, why=""))


def other_said(session: Session, at: int, word: Word) -> None:
    """Another person, at another place."""
    part = session.review.shown[at]
    row = by_serial(session.files, *part.key)
    request = Request(f"other.{at}", part.key, word, "", "", "eve", Origin.REVIEW, 0)
    with closing(Book.open(beside_records(session.files.path), {})) as book:
        book.add(request, known(row, details(session.files, row)))


def test_take_writes_each_word_once(session: Session) -> None:
    """The same again is nothing new; another word is."""
    asking = Asking(session)
    rows = [(part, "bad") for part in session.review.shown]
    with CliRunner().isolation() as (out, *_):
        take(asking, rows)
        take(asking, rows)
        take(asking, [(session.review.shown[0], "good"), *rows[1:]])
        told = out.getvalue().decode()
    assert told.splitlines() == [
        "3 answers, 3 of them new",
        "3 answers, 0 of them new",
        "3 answers, 1 of them new",
    ]
    assert asking.said() == ["good", "bad", "bad"]


def test_said_of_two_who_differ_is_unsure_and_both_stand(session: Session) -> None:
    """What another person said before is seen, and not lost."""
    other_said(session, 0, Word.FALSE_REJECT)
    asking = Asking(session)
    assert asking.said() == ["good", None, None]
    assert asking.write(session.review.shown[0], "bad")
    assert asking.said() == ["unsure", None, None]
    with closing(Book.read(beside_records(session.files.path))) as book:
        assert [each.who == "eve" for each in book.of(session.review.shown[0].key)] == [True, False]


def test_typed_words_are_those_that_are_offered() -> None:
    """Each by its letter and in full."""
    for offered in QUESTION.split(", "):
        letter, word = offered.split(" ")
        assert TYPED[letter] == TYPED[word] == word
