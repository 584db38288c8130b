"""An ext4 file system of a tree, the same bytes for the same tree (mke2fs -d)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BoxToolFailed
from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.build.box.epoch import Epoch

_UNSAYABLE = re.compile(r'["\n]')  # in a line for debugfs


class File(NamedTuple):
    """A file system: its size, its label, its UUID, and what it has and has not."""

    size_bytes: int
    label: str
    uuid: str
    features: str


def make(path: Path, tree: Path, file: File, epoch: Epoch) -> None:
    """Write it; BoxToolFailed, also where the tree does not fit."""
    epoch.clamp(tree)
    path.unlink(missing_ok=True)
    run(
        [
            "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0",
            "-L", file.label, "-U", file.uuid, "-O", file.features,
            # by which names lie in folders; drawn otherwise
            "-E", f"hash_seed={file.uuid},lazy_itable_init=0,root_owner=0:0",
            "-d", tree, path, f"{file.size_bytes // 1024}k",
        ],
        further=epoch.environment,
    )  # fmt: skip
    # mke2fs 1.47.0 copies when a file was read and changed last, which nobody can set in a tree
    lines = "".join(
        f'set_inode_field "{name}" {field} @{epoch.seconds}\n'
        for name in _names(tree)
        for field in ("atime", "ctime")
    )
    run(["debugfs", "-w", "-f", "-", path], further=epoch.environment, given=lines.encode())


def _names(tree: Path) -> Iterator[str]:
    """Every path of a tree, as the file system has it; BoxToolFailed for what debugfs cannot."""
    yield "/"
    for folder, folders, files in os.walk(tree):
        for name in sorted((*folders, *files)):
            found = f"/{os.path.relpath(f'{folder}/{name}', tree)}"
            if _UNSAYABLE.search(found):
                raise BoxToolFailed(f"{tree}{found!r}: debugfs takes no such name")
            yield found
