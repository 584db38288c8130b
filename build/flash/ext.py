"""Files of an ext4 file system inside a disk, read by debugfs at its offset: nothing is mounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import DiskFailed
from gonogo.build.flash.tools import run

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC_AT, _MAGIC = 1024 + 56, b"\x53\xef"  # of its super block; Documentation/filesystems/ext4


def cat(disk: Path, at: int, name: str) -> bytes | None:
    """A file's bytes; None where there is no such file, or no file system there."""
    ran = run("debugfs", "-R", f"cat {name}", _within(disk, at))
    return None if ran.code or "File not found" in ran.err else ran.out


def listed(disk: Path, at: int, folder: str) -> bytes:
    """What is in a folder, a line each, as debugfs has it: /inode/mode/uid/gid/name/size/."""
    return run("debugfs", "-R", f"ls -p {folder}", _within(disk, at)).out


def place(disk: Path, at: int, name: str) -> int:
    """Where on the disk the first block of a file lies, in bytes; DiskFailed."""
    blocks = run("debugfs", "-R", f"blocks {name}", _within(disk, at)).out.split()
    size = run("debugfs", "-R", "stats -h", _within(disk, at)).out.decode(errors="replace")
    sizes = [line.split()[-1] for line in size.splitlines() if line.startswith("Block size:")]
    if not (blocks and blocks[0].isdigit() and sizes):
        raise DiskFailed(
            f"{disk}: {name}: where it lies cannot be read; the file system is damaged"
        )
    return at + int(blocks[0]) * int(sizes[0])


def begins(head: bytes) -> bool:
    """Whether bytes from the beginning of a partition are those of an ext file system."""
    return head[_MAGIC_AT : _MAGIC_AT + 2] == _MAGIC


def is_whole(disk: Path, at: int) -> str:
    """Empty, or what e2fsck found wrong; it changes nothing (-n)."""
    ran = run("e2fsck", "-fn", _within(disk, at))
    return "" if ran.code == 0 else ran.out.decode(errors="replace").strip().splitlines()[-1]


def make_empty(disk: Path, at: int, length: int, label: str, config: Path) -> None:
    """An empty ext4 file system, written where it is to lie; DiskFailed.

    `config`: says which features it has, so that every version of mke2fs makes the same. It claims
    the disk for itself, and refuses one that is mounted.
    """
    config.write_text(_FEATURES, encoding="ascii")
    ran = run(
        "mke2fs", "-q", "-F", "-t", "ext4", "-L", label, "-E", f"offset={at},nodiscard",
        str(disk), f"{length // 1024}k", MKE2FS_CONFIG=str(config),
    )  # fmt: skip
    if ran.code:
        raise DiskFailed(
            f"{disk}: mke2fs at {at} bytes: {ran.last}; the same command again goes on"
        )


_FEATURES = """[defaults]
    base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
    default_mntopts = acl,user_xattr
    blocksize = 4096
    inode_size = 256
    inode_ratio = 16384
[fs_types]
    ext4 = {
        features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
    }
"""


def _within(disk: Path, at: int) -> str:
    return f"{disk}?offset={at}"
