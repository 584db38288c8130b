"""Whether an audit trail is as it was written: the first row that is not, and why.

What can be seen: a row that was changed, removed, inserted or moved, and an end that was cut off,
as far as a second place knows of it. What cannot: a trail that was written anew from the first row
on, together with every place that knows its newest one (docs/audit-trail.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AuditError
from gonogo.ipc.audit.files import content_of, full_ones, read
from gonogo.ipc.audit.row import NOTHING, Head, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gonogo.ipc.audit.files import Line
    from gonogo.ipc.audit.row import Row


class Finding(NamedTuple):
    """A row that is broken: its number, where it stands, and what is wrong."""

    number: int
    where: str
    text: str

    def __str__(self) -> str:
        return f"row {self.number} ({self.where}): {self.text}"


class Verified(NamedTuple):
    """How many rows there are, the newest, what is broken in order, and what is worth a word."""

    rows: int
    last: Head | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class _Place(NamedTuple):
    path: Path
    line: Line

    @property
    def row(self) -> Row:
        if self.line.row is None:  # content_of tells of rows alone
            raise TypeError
        return self.line.row

    @property
    def where(self) -> str:
        return f"{self.path.name}, line {self.line.number}"


def verify(trail: Path, known: Mapping[str, Head], *, archived: bool = False) -> Verified:
    """The trail against itself and what other places know; AuditError where it cannot be read.

    `known`: the newest row, or any other, by who says so. `archived`: old files may have been moved
    away, so that the first row need not be number 1.
    """
    places, notes = _places(trail)
    findings = [*_first(places, archived=archived)]
    former: _Place | None = None
    for place in places:
        findings += _of_itself(place)
        findings += _chained(former, place)
        if place.row.torn and place.row.torn == place.line.torn:
            notes.append(f"before row {place.row.number} a line was torn (a power cut); it says so")
        former = place
    findings += _known(places, known, trail)
    last = former.row.head if former is not None else None
    return Verified(len(places), last, tuple(findings), tuple(notes))


def _places(trail: Path) -> tuple[list[_Place], list[str]]:
    places, notes = [], []
    for path in (*full_ones(trail), trail):
        try:
            content = content_of(read(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AuditError(f"{path}: {error.strerror}; the trail cannot be verified") from error
        places += [_Place(path, line) for line in content.lines]
        if content.rest:
            notes.append(f"{path.name} ends with what is no row: torn, or added by another hand")
    return places, notes


def _first(places: list[_Place], *, archived: bool) -> Iterator[Finding]:
    if not places or archived:
        return
    row = places[0].row
    if row.number != 1:
        gone = "row 1 is" if row.number == 2 else f"rows 1 to {row.number - 1} are"  # noqa: PLR2004
        text = f"{gone} not here: removed, or moved away with their file (--archived, if so)"
        yield Finding(row.number, places[0].where, text)
    elif row.before != NOTHING:
        yield Finding(1, places[0].where, "it is said to follow another row: it is not the first")


def _of_itself(place: _Place) -> Iterator[Finding]:
    row, torn = place.row, place.line.torn
    if torn and torn != row.torn:
        text = "what stands before it is no row: changed, or added by another hand"
        yield Finding(row.number, place.where, text)
    elif row.torn and not torn:
        yield Finding(row.number, place.where, "the torn line of which it tells is gone")
    if hash_of(row) != row.hash:
        yield Finding(row.number, place.where, "changed: it has not the hash of what it says")


def _chained(former: _Place | None, place: _Place) -> Iterator[Finding]:
    if former is None:
        return
    row, due = place.row, former.row.number + 1
    if row.number > due:
        gone = f"row {due} is" if row.number == due + 1 else f"rows {due} to {row.number - 1} are"
        # that is how a cut end looks once the trail goes on
        knew = f"; row {row.lost.number} was known elsewhere as the newest" if row.lost else ""
        yield Finding(row.number, place.where, f"{gone} missing before it: removed{knew}")
    elif row.number < due:
        text = f"it stands after row {former.row.number}: inserted, or moved"
        yield Finding(row.number, place.where, text)
    elif row.before != former.row.hash:
        text = f"another one than row {row.number} was chained to: replaced, with its hash"
        yield Finding(former.row.number, former.where, text)


def _known(places: list[_Place], known: Mapping[str, Head], trail: Path) -> Iterator[Finding]:
    hashes = {place.row.number: place.row.hash for place in reversed(places)}
    first = min(hashes, default=1)
    last = places[-1].row.number if places else 0
    where = places[-1].where if places else trail.name
    for name, head in known.items():
        if head.number > last:
            text = f"row {head.number} was the newest, as {name} knows: the end was cut off"
            yield Finding(last + 1, where, text)
        elif head.number >= first and hashes.get(head.number) != head.hash:
            yield Finding(head.number, where, f"another one than {name} knows: written anew")
