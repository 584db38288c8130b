"""Where commands bring what people say: the station, the part that is meant, and its book."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from gonogo.base.errors import DispositionsError, DispositionsHeld, DispositionUnfit, NoSuchPart
from gonogo.base.words import LAST_PART_ID
from gonogo.commands.recorded import Recorded, recorded
from gonogo.console.show.disposition import said_lines, standing_word
from gonogo.console.show.picture_lines import picture_lines
from gonogo.ipc.audit.who import who
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.labels import by_part
from gonogo.records.dispositions.part import key_of, known
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.said import Request
from gonogo.records.dispositions.sending import Rules, send
from gonogo.records.questions.details import details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_part_id, by_serial
from gonogo.records.volumes import base_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.dispositions.section import DispositionsSection
    from gonogo.records.dispositions.words import PartKey
    from gonogo.records.questions.details import Details
    from gonogo.records.questions.part_row import PartRow

Answer = TypeVar("Answer")


class Found(NamedTuple):
    """A part that somebody says something of."""

    row: PartRow
    about: Details


class Sent(NamedTuple):
    """What became of a request."""

    said: Disposition
    all: list[Disposition]
    about: Details

    def lines(self) -> Iterator[str]:
        """In words; a picture that is gone is said."""
        yield f"part {self.said.part_id}: written down, number {self.said.number}"
        yield from said_lines(self.all)
        if not any(picture.place for picture in self.about.pictures):
            yield "  its word stands, and there is no picture of it:"
            for picture in self.about.pictures:
                yield from picture_lines(picture)
            if not self.about.pictures:
                yield "  picture  none was kept"


class Desk(NamedTuple):
    """Of one station."""

    asked: Recorded

    @property
    def base(self) -> Path:
        """The `path` of its [records]."""
        return base_of(self.asked.path)

    @property
    def path(self) -> Path:
        """Where its dispositions lie."""
        return beside_records(self.base)

    @property
    def section(self) -> DispositionsSection:
        """Of the station file; DispositionUnfit where none was given."""
        if self.asked.station is None:
            raise DispositionUnfit(
                "reason codes and supervisors stand in the station file: --station FILE.toml; "
                "without a code a word can be said as it is"
            )
        return self.asked.station.dispositions

    def book(self) -> Book:
        """To be read; DispositionsError."""
        return Book.read(self.path)

    def find(self, name: str, at_ms: int | None, archive: Path | None = None) -> Found:
        """By the PLC's number and a time, or as RUN/SERIAL; NoSuchPart says what there is."""
        there = Files(archive or self.asked.path)
        run, slash, number = name.rpartition("/")
        try:
            if slash:
                row = by_serial(there, run, _number(number, 1 << 40))
            else:
                row = by_part_id(there, _number(name, LAST_PART_ID), at_ms)
        except NoSuchPart as error:
            raise NoSuchPart(
                f"{error.args[0]}; one of a month that was archived is found with --archive FILE"
            ) from error
        return Found(row, details(there, row))

    def send(self, found: Found, request: Request) -> Sent:
        """Tell the audit trail, and write it down; DispositionRefused, DispositionUnfit."""
        if self.asked.station is None and self._is_a_month_alone():
            raise DispositionUnfit(
                f"{self.asked.path} is one month's file, and no dispositions lie beside it: "
                "expected --station FILE.toml, and --archive for the month"
            )
        # what a code means is not guessed: without one, and without the last word, none is needed
        needed = self.asked.station is not None or request.code or request.decides
        codes, supervisors = (self.section.means, self.section.supervisors) if needed else ({}, ())
        rules = Rules(codes, supervisors)
        try:
            said, all_ = send(self.base, request, known(found.row, found.about), rules)
        except DispositionsHeld:
            click.echo(f"sent as --request-id {request.request_id}", err=True)
            raise
        return Sent(said, all_, found.about)

    def _is_a_month_alone(self) -> bool:
        return self.base != self.asked.path and not self.path.exists()


def said_of(records: Path, part: PartKey) -> list[Disposition]:
    """What was said of one part; that it cannot be read is said, and shown it is all the same."""
    return _read(records, lambda book: book.of(part), [])


def words_of(records: Path) -> dict[tuple[str, int], str]:
    """The standing word of each part that somebody spoke of, or that they cannot be read."""
    nothing: dict[PartKey, list[Disposition]] = {}
    said = _read(records, lambda book: by_part(book.all()), nothing)
    return {(*part,): standing_word(some) for part, some in said.items()}


def _read(records: Path, question: Callable[[Book], Answer], none: Answer) -> Answer:
    try:
        with closing(Book.read(beside_records(base_of(records)))) as book:
            return question(book)
    except DispositionsError as error:
        click.echo(f"not read: {error}", err=True)
        return none


def desk(station: str | None) -> Desk:
    """Of the station of that name or file, or of the only one that runs."""
    return Desk(recorded(station))


def request(found: Found, **said: Any) -> Request:  # noqa: ANN401 - fields of a request
    """Of whoever runs this command; with an id of its own where none is given."""
    request_id = said.pop("request_id", None) or uuid.uuid4().hex
    return Request(request_id=request_id, part=key_of(found.row), who=person(), **said)


def person() -> str:
    """The login name of who runs this command, also behind sudo."""
    return str(who()["login"])


def _number(text: str, most: int) -> int:
    if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= most):
        raise click.BadParameter(
            f"expected a PLC number of 1 to {LAST_PART_ID}, or RUN/SERIAL; got {text!r}"
        )
    return int(text)
