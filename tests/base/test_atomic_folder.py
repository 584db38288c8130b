"""Writing large files: whole or not at all, and never through a link that somebody laid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_folder import FOLDERS, clear, store
from gonogo.tests.engines.bundles.breaking import FailingFolders

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = b"old", [b"new" * 1000, b"", b"er"]


def test_store_replaces_a_file_and_what_an_earlier_attempt_left(tmp_path: Path) -> None:
    """A link in the place of the new file is removed, not followed."""
    other = tmp_path / "other"
    other.write_bytes(OLD)
    path = tmp_path / "file"
    (tmp_path / "file.new").symlink_to(other)
    store(path, NEW)
    assert path.read_bytes() == b"".join(NEW)
    assert other.read_bytes() == OLD
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "other"]


def test_store_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """On a full disk at the first write."""
    path = tmp_path / "file"
    path.write_bytes(OLD)
    files = FailingFolders(3)  # unlink, open, write
    with pytest.raises(OSError, match="no space"):
        store(path, NEW, files)
    assert files.failed == "write"
    assert path.read_bytes() == OLD
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_clear_removes_a_folder_of_files_and_no_more(tmp_path: Path) -> None:
    """A folder within is a surprise, and surprises are not deleted."""
    folder = tmp_path / "folder"
    clear(folder, FOLDERS)
    folder.mkdir()
    (folder / "file").write_bytes(OLD)
    clear(folder, FOLDERS)
    assert not folder.exists()
    (folder / "inner").mkdir(parents=True)
    with pytest.raises(OSError, match="inner"):
        clear(folder, FOLDERS)
    assert (folder / "inner").is_dir()
