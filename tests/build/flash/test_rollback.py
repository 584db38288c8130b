"""The other slot is started again, if it is good; and what is on a disk is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.build.flash.heard import Health
from gonogo.build.flash.means import Means
from gonogo.tests.build.flash.boxes import (
    Shelf,
    counters_of,
    empty_disk,
    flashed,
    needs_tools,
    sha256,
    station_disk,
)
from gonogo.tests.build.flash.cut import Cut, CutDisk
from gonogo.tests.build.flash.test_health import Script

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_tools


def test_the_other_slot_is_tried_and_this_one_stays_good(shelf: Shelf, tmp_path: Path) -> None:
    """One change of the counters."""
    disk = station_disk(shelf, tmp_path)
    code, said = flashed(shelf, disk, mode="rollback")
    assert code == 0, said
    assert "slot B (0.1.0) starts next, on trial" in said
    found = counters_of(disk)
    assert found == {"ORDER": "B A", "A_OK": "1", "A_TRY": "0", "B_OK": "1", "B_TRY": "0"}


def test_there_is_no_way_back_to_a_slot_that_is_not_good(shelf: Shelf, tmp_path: Path) -> None:
    """Never written, or half written."""
    fresh = station_disk(shelf._replace(station=shelf.fresh), tmp_path)
    before = sha256(fresh)
    code, said = flashed(shelf, fresh, mode="rollback")
    assert (code, sha256(fresh)) == (2, before)
    assert "slot B is not good" in said
    code, said = flashed(shelf, empty_disk(tmp_path, name="empty.img"), mode="rollback")
    assert code == 2
    assert "expected a station to roll back" in said


def test_it_is_confirmed_like_a_write(shelf: Shelf, tmp_path: Path) -> None:
    """By the last four."""
    disk = station_disk(shelf, tmp_path)
    before = sha256(disk)
    no = Means(ask=lambda _: "y")
    assert flashed(shelf, disk, no, mode="rollback", yes=False)[0] == 2
    assert sha256(disk) == before
    assert flashed(shelf, disk, Means(ask=lambda _: "disk"), mode="rollback", yes=False)[0] == 0


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_cut_leaves_one_slot_or_the_other(shelf: Shelf, tmp_path: Path, share: float) -> None:
    """The first of the block's two sectors is the change."""
    disk = station_disk(shelf, tmp_path)
    with pytest.raises(Cut):
        flashed(shelf, disk, Means(disk=lambda path, _: CutDisk(path, 0, share)), mode="rollback")
    found = counters_of(disk)
    assert found["ORDER"] == ("A B" if share == 0.0 else "B A")
    assert {found["A_OK"], found["B_OK"]} == {"1"}


def test_a_line_in_run_is_not_rolled_back(shelf: Shelf, tmp_path: Path) -> None:
    """As it is not written."""
    disk = station_disk(shelf, tmp_path)
    runs = Means(station=lambda _: Script(Health("judging", "", "0.2.0", line_runs=True)))
    code, said = flashed(shelf, disk, runs, mode="rollback", station="tcp:h:1")
    assert code == 2
    assert "GN695" in said


def test_status_says_what_may_be_started(shelf: Shelf, tmp_path: Path) -> None:
    """Of a disk, of an empty one, and of a station at its line."""
    disk = station_disk(shelf, tmp_path)
    _, said = flashed(shelf, disk, mode="status")
    assert "slot A: 0.2.0, may be started" in said
    assert "a station; A starts next" in said
    _, said = flashed(shelf, empty_disk(tmp_path, name="empty.img"), mode="status")
    assert "empty; no slot starts next" in said
    well = Means(station=lambda _: Script(Health("judging", "all is well", "0.2.0")))
    log = tmp_path / "log"
    code, said = flashed(shelf, disk, well, mode="status", target="serial:/dev/ttyS9", log=log)
    assert code == 0
    assert "serial:/dev/ttyS9: judging: all is well" in said
    silent = Means(station=lambda _: Script(Health(None, "the console does not answer")))
    code, said = flashed(shelf, disk, silent, mode="status", target="serial:/dev/ttyS9", log=log)
    assert code == 8
