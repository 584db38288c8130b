"""Rows of pictures: after that of their part, in its file, and true when a picture goes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RecordsBusy
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.choice import Replaced
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.volumes import volumes
from gonogo.tests.records.months import now
from gonogo.tests.records.pictures.made import HOUR, RUN, not_held, pictures, recorded, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT, GONE = PictureState.KEPT, PictureState.NO_ROOM


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The path in the station file."""
    return tmp_path / "records.sqlite"


@pytest.fixture
def rows(base: Path, tmp_path: Path) -> Iterator[PictureRows]:
    """Of a station."""
    found = PictureRows(base, tmp_path / "pictures")
    yield found
    found.close()


def here(name: str) -> str:
    """A picture of this moment's month."""
    return time.strftime(f"%Y/%m/%d/%H/{name}.png", time.gmtime())


def test_row_waits_for_that_of_its_part(rows: PictureRows, base: Path) -> None:
    """Nothing is made where there is no file; the others are written meanwhile."""
    first, second = row_of(1), row_of(2)
    assert rows.write([first, second]) == [first, second]
    assert volumes(base) == []
    recorded(base, 2)
    assert rows.write([first, second]) == [first]
    assert pictures(base) == [(2, "KEPT")]
    recorded(base, 1)
    assert rows.write([first]) == []


def test_row_says_where_file_and_map_lie_and_the_scale(
    rows: PictureRows, base: Path, tmp_path: Path
) -> None:
    """From the root on, each view its own; a miss has no place."""
    recorded(base, 1)
    kept = row_of(1, path=f"{HOUR}/a.png", map=f"{HOUR}/a.map.png", low=0.5, high=2.0)
    missed = row_of(1, 1, kind=PictureKind.AUDIT, state=PictureState.OVERWRITTEN)
    rows.write([kept, missed])
    columns = "run, serial, view, kind, state, path, map, map_low, map_high"
    folder = tmp_path / "pictures"
    assert pictures(base, columns) == [
        (RUN, 1, "top", "REJECT", "KEPT", f"{folder}/{HOUR}/a.png", f"{folder}/{HOUR}/a.map.png",
         0.5, 2.0),
        (RUN, 1, "side", "AUDIT", "OVERWRITTEN", None, None, None, None),
    ]  # fmt: skip


def test_row_stands_once_though_it_is_told_twice(rows: PictureRows, base: Path) -> None:
    """What was said first stays: a successor knows less, if anything."""
    recorded(base, 1)
    rows.write([row_of(1, path=here("a"))])
    rows.write([row_of(1, state=PictureState.OVERWRITTEN)])
    assert pictures(base) == [(1, "KEPT")]


def test_eviction_is_told_in_every_row_of_a_picture(rows: PictureRows, base: Path) -> None:
    """Parts that look alike to the bit share one; the path stays, as what it was."""
    recorded(base, 1, 2, 3)
    rows.write([row_of(serial, path=here(name)) for serial, name in ((1, "a"), (2, "a"), (3, "b"))])
    assert rows.evict([here("a"), here("unknown")], GONE, not_held) == [here("a"), here("unknown")]
    assert pictures(base) == [(1, "NO_ROOM"), (2, "NO_ROOM"), (3, "KEPT")]
    assert pictures(base, "path IS NULL") == [(0,)] * 3


def test_eviction_spares_what_any_of_its_parts_holds(rows: PictureRows, base: Path) -> None:
    """By run and serial, whoever says so."""
    recorded(base, 1, 2)
    rows.write([row_of(1, path=here("a")), row_of(2, path=here("a"))])
    asked = []

    def held(run: str, serial: int) -> bool:
        asked.append((run, serial))
        return serial == 2

    assert rows.evict([here("a")], GONE, held) == []
    assert asked == [(RUN, 1), (RUN, 2)]
    assert pictures(base) == [(1, "KEPT"), (2, "KEPT")]


def test_eviction_is_not_done_where_it_cannot_be_told(rows: PictureRows, base: Path) -> None:
    """Another program writes: the picture stays for now."""
    recorded(base, 1)
    rows.write([row_of(1, path=here("a"))])
    with closing(sqlite3.connect(now(base), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsBusy):
            rows.evict([here("a")], GONE, not_held)
    assert pictures(base) == [(1, "KEPT")]


@pytest.mark.parametrize(("nth", "left"), [(False, "AUDIT REPLACED"), (True, "NTH KEPT")])
def test_replaced_part_of_a_sample_gives_its_picture_back_unless_it_has_another_reason(
    rows: PictureRows, base: Path, *, nth: bool, left: str
) -> None:
    """Not before its row is there, and not one that another part has as well."""
    out = Replaced(RUN, 1, nth)
    assert rows.replace(out) is None
    recorded(base, 1, 2)
    audit = PictureKind.AUDIT
    rows.write([row_of(1, path=here("a"), kind=audit), row_of(1, 1, path=here("b"), kind=audit)])
    rows.write([row_of(2, path=here("b"))])
    assert rows.replace(out) == ([] if nth else [here("a")])
    assert pictures(base, "kind || ' ' || state")[:2] == [(left,)] * 2


@pytest.mark.parametrize("nth", [False, True])
def test_replaced_part_whose_picture_is_gone_already_is_done(
    rows: PictureRows, base: Path, *, nth: bool
) -> None:
    """It made room, or no disk took it: what became of it stays, nobody waits for more."""
    recorded(base, 1, 2)
    audit = PictureKind.AUDIT
    rows.write([row_of(1, path=here("a"), kind=audit)])
    rows.evict([here("a")], GONE, not_held)
    rows.write([row_of(2, kind=audit, state=PictureState.NOT_WRITTEN)])
    assert [rows.replace(Replaced(RUN, serial, nth)) for serial in (1, 2)] == [[], []]
    assert pictures(base) == [(1, "NO_ROOM"), (2, "NOT_WRITTEN")]
