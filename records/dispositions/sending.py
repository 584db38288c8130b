"""A person's word on its way: told in the audit trail, then written down; however it is said."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.ipc.audit import files
from gonogo.ipc.audit.change import changing
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.audit.who import who
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from gonogo.records.dispositions.said import Disposition, KnownPart, Request
    from gonogo.records.dispositions.words import Means


class Rules(NamedTuple):
    """What holds at a station: what its reason codes mean, and who has the last word."""

    codes: Mapping[str, Means]
    supervisors: Collection[str]


def send(
    records: Path,
    request: Request,
    known: KnownPart,
    rules: Rules,
    author: Callable[[], dict[str, Any]] = who,
) -> tuple[Disposition, list[Disposition]]:
    """Tell the audit trail, and write it down: that word, and all of its part.

    `records`: the `path` of [records]. DispositionRefused, DispositionUnfit, DispositionsHeld as
    the book has them. `author`: who it was, as the trail has it.
    """
    new = in_trail(request, known.part_id)
    trail = Trail(files.beside_records(records), author=author)
    with (
        changing(trail, Entry("disposition", "asked", request.seen or None, new)) as change,
        closing(Book.open(beside_records(records), rules.codes, rules.supervisors)) as book,
    ):
        said = book.add(request, known)
        change.new = {**new, "number": said.number}
        return said, book.of(said.part)


def in_trail(request: Request, part_id: int) -> dict[str, Any]:
    """What the audit trail is told of it; who it was stands in each of its rows."""
    plain = request._asdict()
    plain |= {"part": "/".join(map(str, request.part)), "part_id": part_id}
    return plain | {"word": request.word.name, "origin": request.origin.name}
