"""`gonogo box build`: all of it in order."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BoxNotBuilt, BoxTooLarge
from gonogo.build.box import bare, data, ext4
from gonogo.build.box.debian import base_tar
from gonogo.build.box.disk import MIB
from gonogo.build.box.flash_image import check_key, pack
from gonogo.build.box.root import assemble

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.box.order import Order

# read-only, so it needs none; and the bytes of a slot stay those of the image
ROOT_FEATURES = "^has_journal"
SPARE = 1.06  # over what files take: inodes, folders, bitmaps
SPARE_MIB = 24
_NAMES = uuid.UUID("6f1d4c1e-0b6a-4a5e-9f62-676f6e6f676f")


class Built(NamedTuple):
    """The flash image, and how large its root is."""

    flash_image: Path
    rootfs: Path
    rootfs_bytes: int


def build(order: Order, tell: Callable[[str], None]) -> Built:
    """Make the flash image; BoxNotBuilt and those below it. Minutes, the first time more."""
    data.checked()
    check_key(order.key)
    for folder in (order.work, order.out):
        folder.mkdir(parents=True, exist_ok=True)
    tell("[1/4] Debian's packages")
    tar = base_tar(order.work, order.sources, order.epoch)
    tell("[2/4] the root")
    root = order.work / "root"
    assemble(order, tar, root)
    if found := bare.compilers(root):
        raise BoxNotBuilt(f"the root has a compiler: {', '.join(found)}; see packages.txt")
    tell("[3/4] its file system")
    rootfs = order.work / "rootfs.ext4"
    size = write_root(order, root, rootfs)
    tell("[4/4] the flash image")
    return Built(pack(order, rootfs), rootfs, size)


def write_root(order: Order, root: Path, rootfs: Path) -> int:
    """Its size in bytes, as small as it goes; BoxTooLarge where the slot is smaller."""
    size = size_for(root)
    if size > order.slot_mib * MIB:
        raise BoxTooLarge(
            f"the root takes {size // MIB} MiB, and the slot has {order.slot_mib} MiB (--slot-mib)"
        )
    name = uuid.uuid5(_NAMES, f"{order.target} {order.version}")
    ext4.make(rootfs, root, ext4.File(size, "gonogo-root", str(name), ROOT_FEATURES), order.epoch)
    return size


def size_for(root: Path) -> int:
    """Bytes of a file system that a tree just fits into, in whole MiB."""
    used = 0
    for folder, folders, files in os.walk(root):
        for name in (*files, *folders):
            stat = Path(folder, name).lstat()
            # whole blocks, and a share of the inode table
            used += -(-stat.st_size // 4096) * 4096 + 512
    return (int(used * SPARE) // MIB + SPARE_MIB) * MIB
