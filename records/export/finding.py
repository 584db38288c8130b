"""From labels to items: what the records know of each labelled part, and its pictures.

Each look into the records is one short transaction: a chunk of parts, then the file is let go.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.export.item import Item, Missing, Shot, missing
from gonogo.records.export.names import class_of
from gonogo.records.export.source import Gone, size_of
from gonogo.records.questions.parts import by_ids
from gonogo.records.questions.pictures import Picture, pictures_of
from gonogo.records.schema import SERIAL_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gonogo.records.dispositions.labels import Label
    from gonogo.records.export.wanted import Wanted
    from gonogo.records.questions.files import File, Files
    from gonogo.records.questions.part_row import PartRow

CHUNK = 200  # parts a look
# states of a picture in words, as docs/pictures-of-parts.md has them
_WHY = {
    "NO_FRAME": "no frame of the part came",
    "OVERWRITTEN": "its frame was overwritten before it was copied",
    "BEHIND": "too many pictures waited to be written",
    "NOT_WRITTEN": "the disk took no file",
    "TOO_OLD": "evicted: older than max_age_days",
    "NO_ROOM": "evicted: max_mb was reached",
    "REPLACED": "out of its audit sample",
}
NO_ROW = "the records have no row of it (a month that was moved away?)"
NO_PICTURE = "no picture of it was kept"
MASTER = "a master part: it is shown again and again"


class Found(NamedTuple):
    """Items by time, each with a picture at least; `nbytes`: of all pictures and maps."""

    items: list[Item]
    missing: list[Missing]
    nbytes: int


class _Known(NamedTuple):
    """A part in the records, and its pictures."""

    row: PartRow
    pictures: tuple[Picture, ...]


def find(files: Files, labels: Iterable[Label], wanted: Wanted) -> Found:
    """What fits; RecordsUnreadable."""
    fit = [each for each in labels if wanted.takes(each, class_of(each.code, good=each.good))]
    fit.sort(key=lambda each: (each.part_wall_ms, each.part))
    items, lost, nbytes = [], list[Missing](), 0
    for label, known in _known(files, fit):
        row = known.row if known is not None else None
        if not wanted.takes_row(label, row):
            continue
        item = _item(label, row)
        why = (
            NO_ROW if known is None else MASTER if known.row.master_part not in {"", "NONE"} else ""
        )
        if known is None or why:
            lost.append(missing(item, "", why))
            continue
        shots, gone, size = _shots(item, known.pictures)
        lost += gone
        nbytes += size
        if shots:
            items.append(item._replace(shots=shots))
    return Found(items, lost, nbytes)


def _known(files: Files, labels: Sequence[Label]) -> Iterator[tuple[Label, _Known | None]]:
    rest = iter(labels)
    while some := list(islice(rest, CHUNK)):
        keys = [tuple(each.part) for each in some]
        found = {
            (one.row.run, one.row.serial): one
            for each in files.ask(lambda file, keys=keys: _asked(file, keys))  # type: ignore[misc]
            for one in each
        }
        yield from ((label, found.get((label.part.run, label.part.serial))) for label in some)


def _asked(file: File, keys: Sequence[tuple[str, int]]) -> list[_Known]:
    numbers = {name: number for number, name in file.runs.items()}
    ids = [numbers[run] << SERIAL_BITS | serial for run, serial in keys if run in numbers]
    return [_Known(row, pictures_of(file, row.place.id)) for row in by_ids(file, ids)]


def _item(label: Label, row: PartRow | None) -> Item:
    return Item(
        run=label.part.run, serial=label.part.serial,
        part_id=label.part_id, wall_ms=label.part_wall_ms,
        cls=class_of(label.code, good=label.good), code=label.code,
        lot=(row.lot if row is not None else "") or label.lot or "",
        serial_number=row.serial_number if row is not None else "",
        verdict=label.verdict.name, reason=row.reason if row is not None else "",
        score=label.score, engine=label.engine, recipe=label.recipe,
        origin=label.origin.name, overridden=label.overridden, shots=(),
        undelivered=row.undelivered if row is not None else "",
    )  # fmt: skip


def _shots(item: Item, pictures: Sequence[Picture]) -> tuple[tuple[Shot, ...], list[Missing], int]:
    """Those that are there, those that are not, and the bytes of the former."""
    shots, lost, nbytes = [], list[Missing](), 0
    for picture in pictures:
        try:
            size = _size(picture)
        except Gone as gone:
            lost.append(missing(item, picture.view, str(gone)))
            continue
        shots.append(Shot(picture.view, picture.path, picture.map))
        nbytes += size
    if not pictures:
        lost.append(missing(item, "", NO_PICTURE))
    return tuple(shots), lost, nbytes


def _size(picture: Picture) -> int:
    """Of a picture that may be taught from, with its map; Gone says why it may not."""
    if picture.state != "KEPT":
        raise Gone(_WHY.get(picture.state, picture.state))
    # it may show another part, or none
    if picture.fault not in {"", "OK"}:
        raise Gone(f"its frame was not trusted ({picture.fault})")
    size = size_of(picture.path)
    try:
        return size + (size_of(picture.map) if picture.map else 0)
    except Gone:
        return size  # the picture counts, a map is an extra
