"""Space is asked for before anything is written, and the station keeps its share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ExportNoRoom
from gonogo.records.export.plan import Plan
from gonogo.records.export.room import KEPT_BYTES, Disk, check_room, disk_of, needed_bytes
from gonogo.records.export.wanted import Wanted
from gonogo.tests.records.export.items import item

if TYPE_CHECKING:
    from pathlib import Path

MADE = Plan(Wanted("coco"), "r", ("good",), "a lot", 1, 100_000_000, {"train": [item(1)]}, [])
LARGE = 1 << 40


def test_room_is_what_is_needed_beside_what_the_station_keeps(tmp_path: Path) -> None:
    """One byte less is refused, with both figures and what to do."""
    needed = needed_bytes(MADE)
    assert 100_000_000 < needed < 110_000_000
    check_room(MADE, tmp_path, Disk(needed + KEPT_BYTES, LARGE))
    with pytest.raises(ExportNoRoom) as caught:
        check_room(MADE, tmp_path, Disk(needed + KEPT_BYTES - 1, LARGE))
    for words in ("1 pictures need 101.1 MB", "637.9 MB are free", "536.9 MB are left", "--limit"):
        assert words in str(caught.value)


def test_room_of_a_small_disk_keeps_less(tmp_path: Path) -> None:
    """A share of it."""
    needed = needed_bytes(MADE)
    check_room(MADE, tmp_path, Disk(needed + 50, 1000))
    with pytest.raises(ExportNoRoom):
        check_room(MADE, tmp_path, Disk(needed + 49, 1000))


def test_room_counts_what_lies_there_already(tmp_path: Path) -> None:
    """Of an export that was broken off near its end."""
    (tmp_path / "picture.png").write_bytes(bytes(1000))
    needed = needed_bytes(MADE) - 1000
    check_room(MADE, tmp_path, Disk(needed, 0))
    with pytest.raises(ExportNoRoom):
        check_room(MADE, tmp_path, Disk(needed - 1, 0))


def test_disk_is_that_of_the_folder_that_will_be(tmp_path: Path) -> None:
    """Also where it is not there yet."""
    assert disk_of(tmp_path / "a" / "b").size == disk_of(tmp_path).size > 0
