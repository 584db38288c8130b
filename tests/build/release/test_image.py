"""The squashfs: what it does not depend on."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotBuilt, ReleaseNotWritten
from gonogo.build.release.image import image_of, make_image
from gonogo.tests.build.release.parcels import digest, needs

if TYPE_CHECKING:
    from pathlib import Path

NOON_S = 1772366400


def stage(folder: Path, names: list[str], mode: int) -> Path:
    """A folder with files of these names, made in this order."""
    needs()
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 50_000)
        path.chmod(mode)
        os.utime(path, (number, number))
    return folder


def test_image_depends_on_names_and_bytes_alone(tmp_path: Path) -> None:
    """Neither on order, times and rights, nor on threads."""
    first = stage(tmp_path / "a", ["one", "two/three", "two/four"], 0o600)
    second = stage(tmp_path / "b", ["two/four", "two/three", "one"], 0o664)
    made = [
        make_image(first, tmp_path / "a.img", NOON_S, threads=1),
        make_image(second, tmp_path / "b.img", NOON_S, threads=4),
    ]
    assert made[0] == made[1]
    assert digest(tmp_path / "a.img") == digest(tmp_path / "b.img") == made[0].sha256
    other = make_image(second, tmp_path / "c.img", NOON_S + 1)
    assert other.sha256 != made[0].sha256


def test_source_date_epoch_of_the_builder_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is that of the commit."""
    folder = stage(tmp_path / "a", ["one"], 0o600)
    first = make_image(folder, tmp_path / "a.img", NOON_S)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert make_image(folder, tmp_path / "b.img", NOON_S) == first


def test_image_of_is_length_and_digest(tmp_path: Path) -> None:
    """An empty one is none."""
    path = tmp_path / "it"
    path.write_bytes(b"x" * (1 << 20) + b"y")
    found = image_of(path)
    assert found.length == (1 << 20) + 1
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(b"")
    with pytest.raises(ReleaseNotBuilt, match="empty image"):
        image_of(path)


def test_a_full_disk_is_said_by_mksquashfs_and_by_us(tmp_path: Path) -> None:
    """Where there is no room for the image."""
    folder = stage(tmp_path / "a", ["one"], 0o600)
    (tmp_path / "full.img").symlink_to("/dev/full")
    with pytest.raises((ReleaseNotWritten, ReleaseNotBuilt)):
        make_image(folder, tmp_path / "full.img", NOON_S)
