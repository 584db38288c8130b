"""One moment for all of an image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.build.box.epoch import Epoch

if TYPE_CHECKING:
    from pathlib import Path


def test_clamp_takes_back_what_is_younger_and_leaves_what_is_older(tmp_path: Path) -> None:
    """Byte code names its source by its time: what is old keeps it. No link is followed."""
    old, new, link = tmp_path / "old", tmp_path / "folder" / "new", tmp_path / "link"
    new.parent.mkdir()
    old.touch()
    new.touch()
    link.symlink_to("/etc/hostname")
    os.utime(old, (1000, 1000))
    Epoch(5000).clamp(tmp_path)
    assert old.stat().st_mtime == 1000
    for path in (new, new.parent, link, tmp_path):
        assert path.lstat().st_mtime == 5000, path


def test_environment_has_the_name_that_each_program_looks_for() -> None:
    """One for mmdebstrap and mksquashfs, another for mke2fs."""
    assert Epoch(7).environment == {"SOURCE_DATE_EPOCH": "7", "E2FSPROGS_FAKE_TIME": "7"}
