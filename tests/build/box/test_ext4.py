"""A file system of a tree: the same bytes twice, and sound to its own checker."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BoxToolFailed
from gonogo.build.box.epoch import Epoch
from gonogo.build.box.ext4 import File, make
from gonogo.build.box.make import ROOT_FEATURES
from gonogo.tests.build.box.test_grub import needs

if TYPE_CHECKING:
    from pathlib import Path

FILE = File(8 << 20, "gonogo-root", "6f1d4c1e-0b6a-4a5e-9f62-676f6e6f676e", ROOT_FEATURES)


def tree_of(folder: Path) -> Path:
    """Files, folders, a link, and a right to run."""
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "hostname").write_text("gonogo\n")
    (folder / "init").write_text("#!/bin/sh\n")
    (folder / "init").chmod(0o755)
    (folder / "link").symlink_to("etc/hostname")
    for number in range(200):
        (folder / "etc" / f"file-{number}").write_text(f"{number}\n")
    return folder


def test_file_system_is_sound_and_the_same_twice(tmp_path: Path) -> None:
    """Of two trees that were made one after the other."""
    needs("mke2fs", "e2fsck", "debugfs")
    made = []
    for name in ("1", "2"):
        path = tmp_path / f"{name}.ext4"
        make(path, tree_of(tmp_path / name), FILE, Epoch(1_000_000_000))
        made.append(path.read_bytes())
        shutil.rmtree(tmp_path / name)
    assert made[0] == made[1]
    assert len(made[0]) == FILE.size_bytes
    subprocess.run(["/sbin/e2fsck", "-fn", str(path)], check=True, capture_output=True)
    said = subprocess.run(
        ["/sbin/debugfs", "-R", "cat /etc/file-7", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout == "7\n"
    features = subprocess.run(
        ["/sbin/debugfs", "-R", "features", str(path)], check=True, capture_output=True, text=True
    )
    assert "has_journal" not in features.stdout


def test_tree_that_does_not_fit_is_told(tmp_path: Path) -> None:
    """With mke2fs's own words."""
    needs("mke2fs")
    tree = tree_of(tmp_path / "tree")
    (tree / "large").write_bytes(b"x" * (9 << 20))
    with pytest.raises(BoxToolFailed, match="mke2fs ended with 1"):
        make(tmp_path / "it.ext4", tree, FILE, Epoch(1_000_000_000))
