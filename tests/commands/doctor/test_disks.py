"""Disks and memory: what keeps a station from keeping anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gonogo.commands.board.box import Box
from gonogo.commands.doctor import disks
from gonogo.commands.doctor.finding import Ill, Scene
from gonogo.tests.drivers.board import trees
from gonogo.tests.stations import small_station

GB = 1 << 30
KIND = "36 35 98:0 / {} rw,noatime master:1 - {} /dev/x rw\n"


def full(**changes: int) -> os.statvfs_result:
    """A disk of 100 GB, half free, with these fields otherwise."""
    fields = {
        "f_bsize": 4096, "f_frsize": 4096, "f_blocks": 100 * GB // 4096, "f_bfree": 50 * GB // 4096,
        "f_bavail": 50 * GB // 4096, "f_files": 6_000_000, "f_ffree": 5_000_000,
        "f_favail": 5_000_000, "f_flag": 0, "f_namemax": 255,
    } | changes  # fmt: skip
    return os.statvfs_result(tuple(fields.values()))


def ills(root: Path, station_folder: Path, **changes: int) -> list[Ill]:
    """What is wrong for a station that keeps its records in a folder."""
    station = small_station(station_folder)
    scene = Scene(Box(root=root), station, stat_fs=lambda _: full(**changes))
    return [each for each in disks.look(scene) if isinstance(each, Ill)]


def test_disk_with_room_has_no_finding(tmp_path: Path) -> None:
    """Also where the folder is still to be made."""
    assert ills(tmp_path / "box", tmp_path) == []
    assert ills(tmp_path / "box", tmp_path / "not" / "yet") == []
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"f_flag": os.ST_RDONLY}, "mounted read-only"),
        ({"f_bavail": 100}, "0 MB free of 107374"),
        ({"f_favail": 3}, "3 inodes free, expected at least 10000"),
    ],
)
def test_disk_that_takes_no_file_is_told(
    tmp_path: Path, changes: dict[str, int], says: str
) -> None:
    """Parts are judged all the same: it does not stop the station."""
    (found,) = ills(tmp_path / "box", tmp_path, **changes)
    assert says in found.what
    assert not found.stops


def test_file_system_without_a_table_of_inodes_lacks_none(tmp_path: Path) -> None:
    """Btrfs says 0 of 0."""
    assert ills(tmp_path / "box", tmp_path, f_files=0, f_favail=0) == []


@pytest.mark.parametrize(
    ("kind", "says"), [("nfs4", "on another computer (nfs4)"), ("tmpfs", "in memory (tmpfs)")]
)
def test_folder_that_is_on_no_disk_of_this_box_is_told(
    tmp_path: Path, kind: str, says: str
) -> None:
    """By what the kernel has mounted there."""
    trees.write(tmp_path / "box", {"proc/self/mountinfo": KIND.format(tmp_path, kind)})
    (found,) = ills(tmp_path / "box", tmp_path)
    assert says in found.what


def test_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    """Nothing can be made below it."""
    (tmp_path / "taken").write_text("")
    (found,) = ills(tmp_path / "box", tmp_path / "taken" / "records")
    assert "is a file, expected a folder" in found.what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_this_user_may_not_write_is_told(tmp_path: Path) -> None:
    """With the command that makes it."""
    (found,) = ills(tmp_path / "box", Path("/proc/records"))
    assert "may not write into" in found.what
    assert found.commands[0].startswith("sudo install -d")


def test_runtime_directory_of_others_stops_every_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open to others, a link, or on a disk; and nothing was made."""
    scene = Scene(Box(root=tmp_path / "box"), stat_fs=lambda _: full())
    place = Path("/dev/shm") / f"gonogo-test-{os.getpid()}"  # noqa: S108 - a tmpfs is wanted
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", str(place))
    assert [each for each in disks.look(scene) if isinstance(each, Ill)] == []
    assert not place.exists()
    place.mkdir()
    place.chmod(0o777)
    try:
        (found,) = (each for each in disks.look(scene) if isinstance(each, Ill))
    finally:
        place.rmdir()
    assert found.stops
    assert "others may use it (mode 0777)" in found.what
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", "/proc/no/such")
    (found,) = (each for each in disks.look(scene) if isinstance(each, Ill))
    assert "lies on a disk, expected a file system in memory" in found.what


def test_memory_of_a_container_is_told_also_without_a_station(tmp_path: Path) -> None:
    """Which of them would fit depends on its cameras; none of a usual size does."""
    scene = Scene(Box(root=tmp_path), stat_fs=lambda _: full(f_bavail=8000))
    told = [each for each in disks.look(scene) if each.area == disks.MEMORY]
    (found,) = (each for each in told if isinstance(each, Ill))
    assert "has 33 MB free, expected at least 64" in found.what
    assert not found.stops


def test_frames_that_do_not_fit_stop_the_station(tmp_path: Path) -> None:
    """With a size that does."""
    station = small_station(tmp_path)
    camera = station.view[0].camera.model_copy(update={"width_px": 8192, "height_px": 8192})
    view = station.view[0].model_copy(update={"camera": camera})
    large = station.model_copy(update={"view": (view,) * 10_000})
    scene = Scene(Box(root=tmp_path / "box"), large, stat_fs=lambda _: full())
    (found,) = (each for each in disks.look(scene) if isinstance(each, Ill))
    assert found.stops
    assert "the frames of this station need" in found.what
    assert found.commands[0].startswith("sudo mount -o remount,size=")
