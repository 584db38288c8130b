"""GRUB for a disk, made without the disk: its boot record, its core, and its file system.

grub-install wants a disk that is there; here the two images are linked by hand to where the core
will lie, as the boot record's own source says (boot/i386/pc/boot.S and diskboot.S of GRUB 2.06):

    boot.img   0x5c  8 bytes   the core's first sector
               0x66  2 bytes   a jump that is there for floppies; two NOP for hard disks
    core.img   its first sector ends with the list of the others: 8 bytes the first of them,
               2 bytes how many, 2 bytes the segment that they are loaded to (0x820)
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import BoxToolFailed
from gonogo.build.box.data import GRUB_CFG
from gonogo.build.box.disk import BIOS_SECTOR, BOOT_MIB, MIB, SECTOR_BYTES
from gonogo.build.box.ext4 import File, make
from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from gonogo.build.box.epoch import Epoch

FILES = Path("/usr/lib/grub/i386-pc")
RECORD_BYTES = 440  # of the boot record; behind it lie the disk's own number and table
MODULES = (
    "biosdisk", "part_gpt", "ext2", "loadenv", "serial", "terminal", "test", "echo", "configfile",
    "linux", "normal", "boot", "reboot", "sleep", "regexp",
)  # fmt: skip
PREFIX = "(,gpt2)/grub"  # of the disk that it was booted from
COUNTERS = ("ORDER=A B", "A_OK=1", "A_TRY=0", "B_OK=0", "B_TRY=0")  # an empty disk gets slot A
_SECTOR_AT, _JUMP_AT = 0x5C, 0x66
_NOPS = b"\x90\x90"
_LIST_AT = SECTOR_BYTES - 12
_SEGMENT = 0x820
BOOT_UUID = "6f1d4c1e-0b6a-4a5e-9f62-676f6e6f676f"
# without checksums, 64 bits and a journal: GRUB writes its block into the file as it lies there
BOOT_FEATURES = "^metadata_csum,^64bit,^has_journal"


def record(boot: bytes) -> bytes:
    """The boot record, of GRUB's boot.img, for a core that lies at sector 2048."""
    made = bytearray(boot[:SECTOR_BYTES])
    struct.pack_into("<Q", made, _SECTOR_AT, BIOS_SECTOR)
    made[_JUMP_AT : _JUMP_AT + len(_NOPS)] = _NOPS
    return bytes(made[:RECORD_BYTES])


def core(linked: bytes) -> bytes:
    """A core of grub-mkimage, whole sectors, for sector 2048."""
    made = bytearray(linked) + b"\0" * (-len(linked) % SECTOR_BYTES)
    struct.pack_into(
        "<QHH", made, _LIST_AT, BIOS_SECTOR + 1, len(made) // SECTOR_BYTES - 1, _SEGMENT
    )
    return bytes(made)


def boot_images(folder: Path, epoch: Epoch) -> tuple[Path, Path, Path]:
    """mbr.img, core.img and boot.ext4 in a folder; BoxToolFailed without Debian's GRUB for PCs."""
    if not (FILES / "boot.img").is_file():
        raise BoxToolFailed(f"{FILES} is not here; expected Debian's: apt install grub-pc-bin")
    paths = folder / "mbr.img", folder / "core.img", folder / "boot.ext4"
    paths[0].write_bytes(record((FILES / "boot.img").read_bytes()))
    linked = folder / "linked.img"
    run(["grub-mkimage", "-O", "i386-pc", "-p", PREFIX, "-o", linked, *MODULES])
    paths[1].write_bytes(core(linked.read_bytes()))
    linked.unlink()
    tree = folder / "boot"
    _files(tree)
    make(paths[2], tree, File(BOOT_MIB * MIB, "gonogo-boot", BOOT_UUID, BOOT_FEATURES), epoch)
    shutil.rmtree(tree)
    return paths


def _files(tree: Path) -> None:
    grub = tree / "grub"
    grub.mkdir(parents=True)
    shutil.copyfile(GRUB_CFG, grub / "grub.cfg")
    run(["grub-editenv", grub / "grubenv", "create"])
    run(["grub-editenv", grub / "grubenv", "set", *COUNTERS])
    shutil.copyfile(grub / "grubenv", grub / "grubenv.good")
