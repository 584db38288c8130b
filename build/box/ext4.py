"""An ext4 file system of a tree, the same bytes for the same tree (mke2fs -d)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.box.epoch import Epoch


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
