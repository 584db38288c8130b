"""Parts that are asked for: one by its number and a time, or those that fit a choice."""

from __future__ import annotations

import heapq
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import NoSuchPart, RecordsUnreadable
from gonogo.records.questions.part_row import COLUMNS, part_of, utc
from gonogo.records.schema import SERIAL_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.records.questions.files import File, Files
    from gonogo.records.questions.part_row import PartRow

PAGE = 2000  # rows a look: between two of them the file is let go
OLD_PAGE = 50_000  # a file without an index is read whole for each look
_SELECT = f"SELECT {COLUMNS} FROM parts AS p"  # noqa: S608 - our own words


class Choice(NamedTuple):
    """Which parts; None: any. Times are UTC ms, the first included, the second not.

    `engine` is an id in hex or how it begins, `engines` are whole ids; `last`: the newest so many.
    `not_delivered`: only those that never reached the PLC; `text`: what a rule read, as recorded.
    """

    since_ms: int | None = None
    until_ms: int | None = None
    verdict: str | None = None
    reason: str | None = None
    view: str | None = None
    engine: str | None = None
    recipe: int | None = None
    lot: str | None = None
    text: str | None = None
    last: int | None = None
    engines: tuple[str, ...] | None = None
    not_delivered: bool = False


def parts(files: Files, choice: Choice, page: int = PAGE) -> Iterator[PartRow]:
    """In the order in which they passed, over runs and files; RecordsUnreadable.

    `page`: how many are read at a time; between two times nothing is held.
    """
    if choice.last is not None:
        newest = heapq.nlargest(choice.last, _newest(files, choice), key=_age)
        yield from reversed(newest)
        return
    files.ask(lambda file: file.path)  # where none can be read, that is said
    sources = [_paged(files, path, choice, page) for path in files.paths]
    yield from heapq.merge(*sources, key=_age)


def by_part_id(files: Files, part_id: int, at_ms: int | None = None) -> PartRow:
    """The one nearest to a time, or the newest; NoSuchPart says from when to when there are any."""
    found = [part for some in files.ask(lambda file: _met(file, part_id, at_ms)) for part in some]
    if not found:
        raise NoSuchPart(f"{files.path}: no part has the id {part_id}; {span(files)}")
    if at_ms is None:
        return max(found, key=_age)
    return min(found, key=lambda part: abs(part.wall_ms - at_ms))


def by_serial(files: Files, run: str, serial: int) -> PartRow:
    """The part of that identity; NoSuchPart."""

    def met(file: File) -> list[PartRow]:
        numbers = [number for number, name in file.runs.items() if name == run]
        return [
            part
            for number in numbers
            for part in _rows(file, f"{_SELECT} WHERE p.id=?", [number << SERIAL_BITS | serial])
        ]

    found = [part for some in files.ask(met) for part in some]
    if not found:
        raise NoSuchPart(f"{files.path}: no part {serial} in run {run}; {span(files)}")
    return found[0]


def by_ids(file: File, ids: Sequence[int]) -> list[PartRow]:
    """Those of an open file that have these ids, in their order; at most some hundreds."""
    marks = ",".join("?" * len(ids))
    return _rows(file, f"{_SELECT} WHERE p.id IN ({marks}) ORDER BY p.id", ids)


def by_rows(files: Files, ids: Sequence[int]) -> list[PartRow]:
    """Those with these ids, in their order; what no file has is left out."""
    marks = ",".join("?" * len(ids))
    query = f"{_SELECT} WHERE p.id IN ({marks})"
    found = {
        part.age: part for some in files.ask(lambda file: _rows(file, query, ids)) for part in some
    }
    return [found[each] for each in ids if each in found]


def by_serial_number(files: Files, serial_number: str) -> list[PartRow]:
    """Every part that came under that number from outside, oldest first."""
    query = f"{_SELECT} WHERE p.serial_number=? ORDER BY p.id"
    found = files.ask(lambda file: _rows(file, query, [serial_number]))
    return sorted((part for some in found for part in some), key=_age)


def span(files: Files) -> str:
    """From when to when there are parts, in words."""

    def ends(file: File) -> tuple[int | None, int | None]:
        low, high = (
            file.db.execute(f"SELECT {end}(wall_ms) FROM parts").fetchone()[0]  # noqa: S608
            for end in ("min", "max")
        )
        return low, high

    found = [each for pair in files.ask(ends) for each in pair if each is not None]
    if not found:
        return "there are none yet"
    return f"there are parts of {utc(min(found))} to {utc(max(found))}"


def _age(part: PartRow) -> int:
    return part.age


def _rows(file: File, query: str, values: Sequence[object]) -> list[PartRow]:
    return [part_of(file, row) for row in file.db.execute(query, values)]


def _met(file: File, part_id: int, at_ms: int | None) -> list[PartRow]:
    query = f"{_SELECT} WHERE p.part_id=?"
    if at_ms is None:
        return _rows(file, f"{query} ORDER BY p.id DESC LIMIT 1", [part_id])
    before = f"{query} AND p.wall_ms<=? ORDER BY p.wall_ms DESC LIMIT 1"
    after = f"{query} AND p.wall_ms>? ORDER BY p.wall_ms LIMIT 1"
    return [part for each in (before, after) for part in _rows(file, each, [part_id, at_ms])]


def _newest(files: Files, choice: Choice) -> Iterator[PartRow]:
    for some in files.ask(lambda file: _chosen(file, choice, "DESC", -1, choice.last or 0)):
        yield from some


def _paged(files: Files, path: Path, choice: Choice, page: int) -> Iterator[PartRow]:
    """Of one file, page by page; one that cannot be read is noted in `files`."""
    after, page = -1, OLD_PAGE if path == files.path else page
    more = True
    while more:
        question = partial(_chosen, choice=choice, order="ASC", after=after, limit=page)
        try:
            some = files.ask_one(path, question)
        except RecordsUnreadable:
            return
        yield from some
        more = len(some) == page
        after = some[-1].age if some else after


def _chosen(file: File, choice: Choice, order: str, after: int, limit: int) -> list[PartRow]:
    wanted = _conditions(file, choice)
    if wanted is None:
        return []
    words, values = ["p.id > ?", *(each for each, _ in wanted)], [after]
    values += [value for _, some in wanted for value in some]
    query = f"{_SELECT} WHERE {' AND '.join(words)} ORDER BY p.id {order} LIMIT ?"
    return _rows(file, query, [*values, limit])


def _conditions(file: File, choice: Choice) -> list[tuple[str, list[Any]]] | None:
    """What each wish means in SQL; None where nothing in this file can fit."""
    wanted: list[tuple[str, list[Any]]] = []
    for kind in ("verdict", "reason"):
        word = getattr(choice, kind)
        if word is not None:
            code = next((c for (k, c), w in file.words.items() if (k, w) == (kind, word)), None)
            wanted.append((f"p.{kind}=?", [code]))
    if choice.recipe is not None:
        wanted.append(("p.recipe=?", [choice.recipe]))
    if choice.not_delivered:
        wanted.append(("p.delivered = 0", []))
    if choice.lot is not None:
        wanted.append(("p.lot=(SELECT id FROM lots WHERE name=?)", [choice.lot]))
    if choice.text is not None:
        wanted.append(("p.id IN (SELECT part FROM texts WHERE text=?)", [choice.text]))
    if any(wish is not None for wish in (choice.view, choice.engine, choice.engines)):
        wanted.append(_seen_by(choice))
    if choice.since_ms is not None or choice.until_ms is not None:
        times = _between(file, choice)
        if times is None:
            return None
        wanted.append(times)
    return wanted


def _seen_by(choice: Choice) -> tuple[str, list[Any]]:
    query = (
        "EXISTS (SELECT 1 FROM views AS v JOIN view_names AS n ON n.id = v.view"
        " LEFT JOIN engines AS e ON e.id = v.engine"
        " WHERE v.id BETWEEN p.id << 3 AND (p.id << 3) + 7"
    )
    values = []
    if choice.view is not None:
        query, values = f"{query} AND n.name=?", [choice.view]
    if choice.engine is not None:
        query += " AND substr(e.engine_id, 1, length(?))=?"
        values += [choice.engine] * 2
    if choice.engines is not None:
        query += f" AND e.engine_id IN ({','.join('?' * len(choice.engines))})"
        values += choice.engines
    return f"{query})", values


def _between(file: File, choice: Choice) -> tuple[str, list[Any]] | None:
    """Of a time: rows lie by serial, so the index on time says first between which ids they are."""
    words, values = "p.wall_ms >= ? AND p.wall_ms < ?", [choice.since_ms or 0]
    values.append(1 << 62 if choice.until_ms is None else choice.until_ms)
    if file.old:
        return words, values
    query = f"SELECT min(p.id), max(p.id) FROM parts AS p WHERE {words}"  # noqa: S608
    first, last = file.db.execute(query, values).fetchone()
    if first is None:
        return None
    return f"p.id BETWEEN ? AND ? AND {words}", [first, last, *values]
