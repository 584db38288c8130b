"""Copies become files and files rows, whatever the disk does; nothing is lost without a word."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.atomic_file import Files
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.choice import Replaced
from gonogo.records.pictures.desk import PENDING_MAX
from gonogo.tests.records.doubles import Clock
from gonogo.tests.records.months import now
from gonogo.tests.records.pictures.made import (
    HOUR,
    RUN,
    FullDisk,
    desk_of,
    files_in,
    images_in,
    job_of,
    noise,
    pictures,
    recorded,
    row_of,
)

if TYPE_CHECKING:
    from gonogo.records.pictures.desk import Desk


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Records of three parts."""
    path = tmp_path / "records.sqlite"
    recorded(path, 1, 2, 3)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures go."""
    return tmp_path / "pictures"


def paths(base: Path) -> dict[int, str]:
    """Where the records say that pictures lie, by serial."""
    return dict(pictures(base, "serial, path"))


def bring(desk: Desk, *serials: int) -> None:
    """One picture each, and told of."""
    for serial in serials:
        desk.take(job_of(serial))
    assert desk.flush()


def test_desk_keeps_the_pixels_and_the_map_where_the_row_says(base: Path, folder: Path) -> None:
    """To the pixel, with the map's scale."""
    desk, job = desk_of(base, images_in(folder)), job_of(1)
    assert job.copied is not None
    values = np.array([[0.5, 1.0], [1.5, 2.5]], np.float32)
    desk.take(job._replace(copied=job.copied._replace(map=values)))
    assert desk.flush()
    ((path, drawn, low, high),) = pictures(base, "path, map, map_low, map_high")
    assert np.array_equal(np.asarray(cv2.imread(path, cv2.IMREAD_UNCHANGED)), noise(1))
    again = cv2.imread(drawn, cv2.IMREAD_UNCHANGED)
    assert again is not None
    assert np.allclose(low + again / 255 * (high - low), values, atol=(high - low) / 510)
    desk.close()


def test_desk_keeps_no_map_where_none_are_wanted(base: Path, folder: Path) -> None:
    """Maps = false."""
    desk, job = desk_of(base, images_in(folder, maps=False)), job_of(1)
    assert job.copied is not None
    desk.take(job._replace(copied=job.copied._replace(map=np.ones((2, 2), np.float32))))
    assert desk.flush()
    assert pictures(base, "map") == [(None,)]
    assert len(files_in(folder)) == 1
    desk.close()


def test_desk_tells_a_miss_in_a_row_of_its_own(base: Path, folder: Path) -> None:
    """And counts it; that no frame came is no fault of ours."""
    desk = desk_of(base, images_in(folder))
    desk.take(job_of(1)._replace(row=row_of(1, state=PictureState.OVERWRITTEN), copied=None))
    desk.take(job_of(2)._replace(row=row_of(2, state=PictureState.NO_FRAME), copied=None))
    assert desk.flush()
    assert pictures(base) == [(1, "OVERWRITTEN"), (2, "NO_FRAME")]
    assert files_in(folder) == []
    desk.close()


def test_desk_tells_that_the_disk_was_full_and_goes_on(
    base: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a minute, with the system's words; the row says that there is none."""
    clock = Clock()
    desk = desk_of(base, images_in(folder), FullDisk(), clock)
    for _ in range(3):
        for serial in (1, 2):
            desk.take(job_of(serial))
        desk.tidy(0)
    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == ["GN621"]
    assert "2 missed" in caplog.text
    assert "No space left on device" in caplog.text
    clock.now_s += 61
    desk.tidy(0)
    assert "4 missed since this was last told (4 NOT_WRITTEN), 6 since the start" in caplog.text
    assert desk.flush()
    assert pictures(base) == [(1, "NOT_WRITTEN"), (2, "NOT_WRITTEN")]
    desk.close()


def test_desk_goes_on_where_the_folder_is_a_file(base: Path, folder: Path) -> None:
    """No folder can be made there: each picture is a miss, each row is written."""
    folder.write_text("somebody's notes")
    desk = desk_of(base, images_in(folder))
    desk.begin()
    bring(desk, 1)
    assert pictures(base) == [(1, "NOT_WRITTEN")]
    assert folder.read_text() == "somebody's notes"
    desk.close()


def test_desk_goes_on_where_somebody_removed_the_folder(base: Path, folder: Path) -> None:
    """It is made anew."""
    desk = desk_of(base, images_in(folder))
    desk.begin()
    bring(desk, 1)
    shutil.rmtree(folder)
    bring(desk, 2)
    assert Path(paths(base)[2]).is_file()
    assert len(files_in(folder)) == 1
    desk.close()


def test_desk_waits_with_rows_while_another_program_holds_the_database(
    base: Path, folder: Path
) -> None:
    """The file is there, its row comes once it can."""
    desk = desk_of(base, images_in(folder))
    with closing(sqlite3.connect(now(base), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        desk.take(job_of(1))
        assert not desk.flush()
        assert len(desk.pending) == 1
    assert desk.flush()
    assert pictures(base) == [(1, "KEPT")]
    desk.close()


def test_desk_gives_up_the_oldest_rows_that_wait(base: Path, folder: Path) -> None:
    """Of parts that never get a row: memory is bounded."""
    desk = desk_of(base, images_in(folder))
    for serial in range(PENDING_MAX + 2):
        state = PictureState.OVERWRITTEN
        desk.take(job_of(9)._replace(row=row_of(100 + serial, state=state), copied=None))
    first = desk.pending[0]
    assert len(desk.pending) == PENDING_MAX
    assert first == row_of(102, state=PictureState.OVERWRITTEN)
    desk.close()


def test_desk_takes_a_replaced_part_of_the_sample_off_the_disk(base: Path, folder: Path) -> None:
    """Told in its row; also where its own row comes in the same turn."""
    desk = desk_of(base, images_in(folder))
    job = job_of(1)
    desk.take(job._replace(row=job.row._replace(kind=PictureKind.AUDIT)))
    desk.replace(Replaced(RUN, 1, nth=False))
    assert desk.flush()
    assert pictures(base) == [(1, "REPLACED")]
    assert files_in(folder) == []
    desk.close()


def test_desk_waits_for_no_replaced_part_whose_picture_no_disk_took(
    base: Path, folder: Path
) -> None:
    """Its row is there, and stays as it is."""
    desk = desk_of(base, images_in(folder), FullDisk())
    job = job_of(1)
    desk.take(job._replace(row=job.row._replace(kind=PictureKind.AUDIT)))
    desk.replace(Replaced(RUN, 1, nth=False))
    assert desk.flush()
    assert pictures(base) == [(1, "NOT_WRITTEN")]
    desk.close()


class Killed(BaseException):
    """The process ends here."""


class KilledAt(Files):
    """Is killed at a call of the system, counted from 0; what was done by then is done."""

    def __init__(self, call: int) -> None:
        self.calls = call

    def _count(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise Killed

    def write(self, fd: int, data: bytes) -> int:
        """Half of it, where it is the last."""
        if not self.calls:
            super().write(fd, data[: len(data) // 2])
        self._count()
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        """Or not."""
        self._count()
        super().fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Or not."""
        self._count()
        super().rename(old, new)


def test_desk_killed_at_any_write_leaves_no_row_without_its_picture(
    base: Path, folder: Path
) -> None:
    """And what is left of it goes at the next start; the picture is then a whole one, or none."""
    images, call = images_in(folder), 0
    while True:
        desk = desk_of(base, images, KilledAt(call))
        try:
            desk.take(job_of(1))
        except Killed:
            desk.close()
            assert pictures(base) == []
            again = desk_of(base, images)
            again.begin()
            assert all(cv2.imread(str(folder / each)) is not None for each in files_in(folder))
            again.close()
            shutil.rmtree(folder)
            call += 1
            continue
        break
    assert call > 5  # folders, file, name
    assert desk.flush()
    assert Path(paths(base)[1]).is_file()
    desk.close()


def test_desk_makes_no_room_by_what_was_told_to_stay(
    base: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All that is kept there is held: the new one is missed, and why is told."""
    desk = desk_of(base, images_in(folder, max_mb=1), held=lambda *_: True)
    big = np.random.default_rng(5).integers(0, 256, (900, 900), np.uint8)
    for serial in (1, 2):
        job = job_of(serial)
        assert job.copied is not None
        desk.take(job._replace(copied=job.copied._replace(pixels=big + serial)))
        assert desk.flush()
    desk.tidy(0)
    assert pictures(base) == [(1, "KEPT"), (2, "NOT_WRITTEN")]
    assert "no room" in caplog.text
    desk.close()


def test_errno_of_a_read_only_disk_is_told_as_it_is(
    base: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """EROFS, and the rows go on."""

    class ReadOnly(Files):
        def open(self, path: Path, flags: int) -> int:
            if flags & os.O_CREAT:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return super().open(path, flags)

    desk = desk_of(base, images_in(folder), ReadOnly())
    bring(desk, 1, 2, 3)
    desk.tidy(0)
    assert "Read-only file system" in caplog.text
    assert pictures(base) == [(serial, "NOT_WRITTEN") for serial in (1, 2, 3)]
    assert HOUR in {str(each.relative_to(folder)) for each in folder.rglob("*")}
    desk.close()
