"""Where programs of the system are looked for, and what brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build import programs
from gonogo.build.programs import bring, where

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_program_of_the_system_is_found_behind_the_users_own_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's own comes first; one that is nowhere is none."""
    own, system = tmp_path / "own", tmp_path / "sbin"
    for folder in (own, system):
        folder.mkdir()
        (folder / "sgdisk").write_text("#!/bin/sh\n")
        (folder / "sgdisk").chmod(0o755)
    monkeypatch.setenv("PATH", str(own))
    monkeypatch.setattr(programs, "SYSTEM", str(system))
    assert where("sgdisk") == str(own / "sgdisk")
    (own / "sgdisk").unlink()
    assert where("sgdisk") == str(system / "sgdisk")
    assert where("mke2fs") is None


def test_each_package_is_named_once() -> None:
    """However many of its programs are wanted."""
    assert bring(["mke2fs", "sgdisk", "debugfs"]) == "apt install e2fsprogs gdisk"
