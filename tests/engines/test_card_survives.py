"""A card on the disk: once it was said to be written, no power cut takes it away."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.engines.card import replace_file
from gonogo.tests.engines.bundles.breaking import FailingFolders, WatchedFolders

if TYPE_CHECKING:
    from pathlib import Path


def test_replace_file_syncs_the_file_and_then_its_folder(tmp_path: Path) -> None:
    """By the system call itself: bytes first, the name afterwards."""
    files = WatchedFolders()
    replace_file(tmp_path / "card.toml", b"new", files)
    file, folder = files.synced
    assert file.parent == folder == tmp_path
    assert file.name.endswith(".new")
    assert (tmp_path / "card.toml").read_bytes() == b"new"


def test_replace_file_is_whole_or_not_at_all_whichever_call_fails(tmp_path: Path) -> None:
    """On a full disk the old content stays, and nothing is left lying beside it."""
    path, left = tmp_path / "card.json", 0
    for nth in range(1, 20):
        path.write_bytes(b"old")
        files = FailingFolders(nth)
        with contextlib.suppress(OSError):
            replace_file(path, b"new" * 1000, files)
        if not files.failed:
            break
        assert path.read_bytes() in {b"old", b"new" * 1000}
        assert [each.name for each in tmp_path.iterdir()] == ["card.json"]
        left += 1
    assert path.read_bytes() == b"new" * 1000
    assert left > 5, "a call for each step"


def test_replace_file_writes_over_what_a_killed_process_left(tmp_path: Path) -> None:
    """Its number may come again; a link laid there is removed, not followed."""
    other, path = tmp_path / "other", tmp_path / "card.json"
    other.write_bytes(b"of somebody else")
    (tmp_path / f".card.json.{os.getpid()}.new").symlink_to(other)
    replace_file(path, b"new")
    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"of somebody else")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["card.json", "other"]


def test_replace_file_makes_the_folder_and_lets_others_read(tmp_path: Path) -> None:
    """The station may run as another user than the one who made the engine."""
    path = tmp_path / "engines" / "top.json"
    before = os.umask(0o022)
    try:
        replace_file(path, b"new")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644


def test_replace_file_says_why_it_cannot(tmp_path: Path) -> None:
    """The folder is a file: OSError, as from any write."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        replace_file(tmp_path / "file" / "card.json", b"new")
