"""What a format says: where each picture lies, and which files stand beside the pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.records.export.item import Item, Shot


class Entry(NamedTuple):
    """A picture that lies in the export; paths from its folder on, `map` '' for none."""

    item: Item
    shot: Shot
    split: str
    path: str
    map: str
    width_px: int
    height_px: int


class Layout(Protocol):
    """One format. `only_good_in_train`, `maps`: what it has a place for."""

    only_good_in_train: bool
    maps: bool

    def place(self, item: Item, shot: Shot, split: str) -> str:
        """Where a picture lies."""
        ...

    def folders(self, classes: Sequence[str], entries: Sequence[Entry]) -> list[str]:
        """Those that are there even if they hold nothing."""
        ...

    def documents(self, classes: Sequence[str], entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Files by their path; of the same entries always the same bytes."""
        ...

    def handed(self, entries: Sequence[Entry]) -> list[str]:
        """How it is handed to its program, a line each; OUT stands for the folder."""
        ...


def as_json(value: Any) -> bytes:  # noqa: ANN401 - what JSON can hold
    """For files that people look into, too: ASCII, in a fixed order."""
    return (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode("ascii")


def views_of(entries: Sequence[Entry]) -> list[str]:
    """Their names, sorted."""
    return sorted({each.shot.view for each in entries})
