"""What the registry brings to the disk, by the descriptor itself: both folders of a rename."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.atomic_folder import Folders
from gonogo.tests.engines.installed.changes import CHANGES, before, do, make_parcels


class SyncedFolders(Folders):
    """Notes which path each descriptor is of when it is brought to the disk."""

    def __init__(self) -> None:
        self.synced: list[Path] = []

    def fsync(self, fd: int) -> None:
        """As the kernel names it, whatever it was opened by."""
        self.synced.append(Path(f"/proc/self/fd/{fd}").readlink())
        super().fsync(fd)


@pytest.mark.parametrize("name", ["remove", "install"])
def test_registry_syncs_both_folders_of_a_version_that_moves(tmp_path: Path, name: str) -> None:
    """Into its place, or out of it: after a power cut it is in one of them, and in one alone."""
    parcels = make_parcels(tmp_path)
    root, files = before(CHANGES[name], tmp_path / "root", parcels), SyncedFolders()
    do(CHANGES[name], root, parcels, files)
    assert {root, root / "bolt"} <= set(files.synced)
