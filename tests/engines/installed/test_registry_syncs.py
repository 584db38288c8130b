"""What the registry brings to the disk, by the descriptor itself: both folders of a rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.engines.bundles.breaking import WatchedFolders
from gonogo.tests.engines.installed.changes import CHANGES, before, do, make_parcels

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["remove", "install"])
def test_registry_syncs_both_folders_of_a_version_that_moves(tmp_path: Path, name: str) -> None:
    """Into its place, or out of it: after a power cut it is in one of them, and in one alone."""
    parcels = make_parcels(tmp_path)
    root, files = before(CHANGES[name], tmp_path / "root", parcels), WatchedFolders()
    do(CHANGES[name], root, parcels, files)
    assert {root, root / "bolt"} <= set(files.synced)
