"""A labelled part with its pictures, and a picture that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Shot(NamedTuple):
    """A picture of a part: `source` is where it lies, `map` the map beside it, '' for none."""

    view: str
    source: str
    map: str


class Item(NamedTuple):
    """A part that is exported. `wall_ms` is UTC of its trigger, `cls` the folder of its class.

    `code`: what the person gave as the reason; `origin`: where they were asked; `score`: the SCORE
    word. `lot`, `serial_number`: '' where there is none. `undelivered`: why the PLC never had the
    verdict, '' where it had.
    """

    run: str
    serial: int
    part_id: int
    wall_ms: int
    cls: str
    code: str
    lot: str
    serial_number: str
    verdict: str
    reason: str
    score: int | None
    engine: str
    recipe: int | None
    origin: str
    overridden: bool
    undelivered: str = ""
    shots: tuple[Shot, ...] = ()


class Missing(NamedTuple):
    """What was asked for and is not exported; `view` '' of a whole part."""

    run: str
    serial: int
    part_id: int
    wall_ms: int
    cls: str
    view: str
    why: str


def missing(item: Item, view: str, why: str) -> Missing:
    """Of an item that was chosen, or of one view of it."""
    return Missing(item.run, item.serial, item.part_id, item.wall_ms, item.cls, view, why)


def in_order(some: Iterable[Missing]) -> list[Missing]:
    """By time."""
    return sorted(some, key=lambda one: (one.wall_ms, *one))
