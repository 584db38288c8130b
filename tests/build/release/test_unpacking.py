"""Unpacking: into a new folder, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotWritten
from gonogo.build.release.read import Release
from gonogo.build.release.trust import INSPECTION
from gonogo.build.release.unpacking import unpack
from gonogo.tests.build.release.fabricated import written
from gonogo.tests.build.release.parcels import needs

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.manifest import Manifest


def test_what_was_checked_is_unpacked(small_release: tuple[Path, Manifest], tmp_path: Path) -> None:
    """Also where somebody has put another file in its place since."""
    path = tmp_path / "it.gnr"
    path.write_bytes(small_release[0].read_bytes())
    with Release(path, INSPECTION) as release:
        path.unlink()
        path.write_bytes(b"something else")
        unpack(release, tmp_path / "new")
    assert (tmp_path / "new" / "site" / "small" / "__init__.py").is_file()
    assert {each.name for each in tmp_path.iterdir()} == {"it.gnr", "new"}


def test_a_folder_that_is_there_is_left_alone(
    small_release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    """Nothing is mixed with what was there."""
    with (
        Release(small_release[0], INSPECTION) as release,
        pytest.raises(ReleaseNotWritten, match="is there already"),
    ):
        unpack(release, tmp_path)


def test_what_cannot_be_unpacked_leaves_nothing(tmp_path: Path) -> None:
    """An image that is none, signed all the same."""
    needs()
    with (
        Release(written(tmp_path), INSPECTION) as release,
        pytest.raises(ReleaseNotWritten, match="unsquashfs failed"),
    ):
        unpack(release, tmp_path / "new")
    assert [each.name for each in tmp_path.iterdir()] == ["gonogo-1.2.3-x86_64-debian12.gnr"]


def test_a_folder_above_that_is_not_there_is_said(
    small_release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    """It is not made."""
    with (
        Release(small_release[0], INSPECTION) as release,
        pytest.raises(ReleaseNotWritten, match="cannot be written: No such file"),
    ):
        unpack(release, tmp_path / "gone" / "new")
