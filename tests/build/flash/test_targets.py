"""Disks of a machine: which are offered, and why the others are not."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from gonogo.base.errors import FlashError, FlashUsage, TargetAbsent
from gonogo.build.flash import targets
from gonogo.build.flash.tools import Ran
from gonogo.tests.build.flash.boxes import MIB, empty_disk


def row(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - as lsblk has it
    """A stick as lsblk 2.38 tells of one."""
    return {
        "name": "sdb", "path": "/dev/sdb", "type": "disk", "size": 32_000_000_000, "ro": False,
        "tran": "usb", "model": "Ultra Fit ", "serial": "4C530001", "wwn": None,
        "mountpoints": [None], "fstype": None, "log-sec": 512, **more,
    }  # fmt: skip


def part(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - as lsblk has it
    """A partition of it."""
    return {**row(), "name": "sdb1", "path": "/dev/sdb1", "type": "part", **more}


def said(monkeypatch: pytest.MonkeyPatch, *rows: dict[str, Any]) -> None:
    """What lsblk is taken to say."""
    out = json.dumps({"blockdevices": rows}).encode()
    monkeypatch.setattr(targets, "run", lambda *_: Ran(0, out, ""))


@pytest.mark.parametrize(
    ("disk", "why", "code"),
    [
        (row(), None, 0),
        (row(children=[part()]), None, 0),
        (row(children=[part(mountpoints=["/"])]), "the disk of this system", 4),
        (row(children=[part(mountpoints=["/boot/efi"])]), "the disk of this system", 4),
        (row(mountpoints=["/media/me"]), "umount /media/me", 4),
        (row(children=[part(mountpoints=["[SWAP]"])]), "mounted at [SWAP]", 4),
        (row(children=[part(children=[part(type="crypt")])]), "in use (crypt)", 4),
        (row(children=[part(children=[part(type="raid1")])]), "in use (raid1)", 4),
        (row(children=[part(children=[part(type="lvm", mountpoints=["/"])])]), "this system", 4),
        (row(ro=True), "write-protected", 2),
        (row(**{"log-sec": 4096}), "expected 512", 2),
        (row(size=16 * MIB), "no station is as small", 2),
    ],
)
def test_a_disk_is_offered_or_says_why_not(
    monkeypatch: pytest.MonkeyPatch, disk: dict[str, Any], why: str | None, code: int
) -> None:
    """System, mounted, in use, read-only and too small ones never are."""
    said(monkeypatch, disk)
    (found,) = targets.listed()
    assert (found.model, found.serial, found.last_four) == ("Ultra Fit", "4C530001", "0001")
    if why is None:
        assert found.why_not is None
        return
    assert isinstance(found.why_not, FlashError)
    assert found.why_not.exit_code == code
    assert why in str(found.why_not)


def test_auto_takes_the_only_one_that_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """None or two are nothing to guess at."""
    system = row(path="/dev/sda", mountpoints=["/"])
    said(monkeypatch, system, row(type="rom"), row(size=0), row())
    assert targets.only_one(targets.listed()).path == Path("/dev/sdb")
    assert [each.path.name for each in targets.listed()] == ["sdb", "sda"]
    for rows in ((system,), (row(), row(path="/dev/sdc"))):
        said(monkeypatch, *rows)
        with pytest.raises(TargetAbsent, match="expected one disk that may be written, found"):
            targets.only_one(targets.listed())


def test_a_disk_image_is_offered_when_it_is_named(tmp_path: Path) -> None:
    """A small or a read-only one is not."""
    path = empty_disk(tmp_path, 40, "station.img")
    found = targets.named(path)
    assert (found.why_not, found.size_bytes, found.last_four) == (None, 40 * MIB, "tion")
    path.chmod(stat.S_IRUSR)
    assert "read-only" in str(targets.named(path).why_not)
    assert "no station" in str(targets.named(empty_disk(tmp_path, 3, "small.img")).why_not)


@pytest.mark.parametrize("name", ["no", "folder", "/dev/null", "/dev/full"])
def test_what_is_no_disk_is_refused(tmp_path: Path, name: str) -> None:
    """Exit code 4."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(TargetAbsent):
        targets.named(tmp_path / name)


def test_a_name_that_debugfs_would_read_otherwise_is_refused(tmp_path: Path) -> None:
    """It takes what follows a question mark for options."""
    with pytest.raises(FlashUsage):
        targets.named(empty_disk(tmp_path, 40, "a?offset=1"))


@pytest.mark.skipif(shutil.which("lsblk") is None, reason="not installed: lsblk")
def test_the_disk_of_this_system_is_never_offered() -> None:
    """By this machine's own lsblk."""
    for each in targets.listed():
        system = f"{each.path}: the disk of this system"
        assert each.why_not is None or str(each.path) in str(each.why_not), system


def test_a_file_behind_a_loop_device_is_busy(loop: Path, tmp_path: Path) -> None:
    """It may be mounted there; and the device of it may be named itself."""
    found = targets.named(tmp_path / "disk.img")
    assert f"attached as {loop}" in str(found.why_not)
    assert targets.named(loop).why_not is None
