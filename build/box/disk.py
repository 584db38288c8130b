"""How the disk of a box is divided; the flasher divides an empty one by the same table.

1  gonogo-bios   1 MiB, at sector 2048     GRUB's core, found by the boot record
2  gonogo-boot   64 MiB                    GRUB's files, and the counters of the slots
3  gonogo-a      a slot                    the root, read-only
4  gonogo-b      a slot of the same size
5  gonogo-data   the rest                  station file, engines, records, keys
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
SECTOR_BYTES = 512
BIOS_SECTOR = 2048  # GRUB's boot record and its core hold this number
BOOT_MIB, DATA_MIN_MIB = 64, 256
BIOS_TYPE, LINUX_TYPE = "ef02", "8300"


class Partition(NamedTuple):
    """One row; `mib` None: all that is left."""

    name: str
    mib: int | None
    type_code: str = LINUX_TYPE


def partitions(slot_mib: int) -> tuple[Partition, ...]:
    """The table of a disk, in order from sector 2048 on."""
    return (
        Partition("gonogo-bios", 1, BIOS_TYPE),
        Partition("gonogo-boot", BOOT_MIB),
        Partition("gonogo-a", slot_mib),
        Partition("gonogo-b", slot_mib),
        Partition("gonogo-data", None),
    )


def smallest_mib(slot_mib: int) -> int:
    """What a disk must hold at least, with a MiB for the table at each end."""
    return 2 + 1 + BOOT_MIB + 2 * slot_mib + DATA_MIN_MIB


def first_mib(slot_mib: int) -> dict[str, int]:
    """Where each partition begins, MiB from the start of the disk."""
    found, at_mib = {}, BIOS_SECTOR * SECTOR_BYTES // MIB
    for partition in partitions(slot_mib):
        found[partition.name] = at_mib
        at_mib += partition.mib or 0
    return found


def divide(disk: Path, slot_mib: int) -> None:
    """Write the table to a disk, or to a file that stands for one; BoxToolFailed."""
    words: list[str] = ["--clear"]
    for number, each in enumerate(partitions(slot_mib), 1):
        size = "0" if each.mib is None else f"+{each.mib}M"
        words += [
            f"--new={number}:{BIOS_SECTOR if number == 1 else 0}:{size}",
            f"--typecode={number}:{each.type_code}",
            f"--change-name={number}:{each.name}",
        ]
    run(["sgdisk", *words, disk])
