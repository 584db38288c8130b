"""Whether a disk has the room that it says: some say more than they have, and lose what is beyond.

Onto an empty disk marks are written, from its end downward, and read back when all of them are: one
that wraps round gives a later mark in place of an earlier one, one that is short gives none. What a
disk keeps in a memory of its own for that long is found by the verify at the latest. A disk
with a station is only read: its table has a second copy, at the end, which says where it lies.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from gonogo.base.errors import DiskLies
from gonogo.build.flash.disk import ALIGN_BYTES, MIB, SECTOR_BYTES

if TYPE_CHECKING:
    from gonogo.build.flash.disk import Disk

_GPT, _MY_SECTOR_AT, _OTHER_SECTOR_AT = b"EFI PART", 24, 32  # UEFI 2.10, 5.3.2
_BEYOND = 1 << 50  # sectors


def probe_empty(disk: Disk) -> None:
    """Write marks and read them back; DiskLies. What stood there is lost."""
    marks = {at: os.urandom(16) * (ALIGN_BYTES // 16) for at in _places(disk.size_bytes)}
    for at, mark in marks.items():
        disk.write(at, mark)
    disk.flush()
    wrong = [at for at, mark in marks.items() if disk.fresh(at, ALIGN_BYTES) != mark]
    if wrong:
        raise _lies(disk, min(wrong))
    for at in marks:
        disk.write(at, bytes(ALIGN_BYTES))
    disk.flush()


def probe_station(disk: Disk) -> None:
    """Read the second copy of the table; DiskLies where it does not stand. Writes nothing."""
    second = _sector_named(disk.fresh(SECTOR_BYTES, SECTOR_BYTES), _OTHER_SECTOR_AT)
    header = disk.fresh(second * SECTOR_BYTES, SECTOR_BYTES)
    if not header.startswith(_GPT) or _sector_named(header, _MY_SECTOR_AT) != second:
        raise _lies(disk, second * SECTOR_BYTES)


def _sector_named(header: bytes, at: int) -> int:
    """A number of a sector in a header of a GPT; 0, where none is one, where it has none."""
    if len(header) < at + 8:
        return 0
    found: int = struct.unpack_from("<Q", header, at)[0]
    return min(found, _BEYOND)


def _places(size_bytes: int) -> list[int]:
    """The last block of the disk, every power of two MiB below it, downward, and the first block.

    Chips have powers of two, or a little less: what is beyond them wraps to the beginning.
    """
    last = size_bytes // ALIGN_BYTES * ALIGN_BYTES - ALIGN_BYTES
    powers = [MIB << k for k in range(size_bytes.bit_length()) if MIB << k < last]
    return [last, *reversed(powers), 0]


def _lies(disk: Disk, at: int) -> DiskLies:
    return DiskLies(
        f"the disk says {disk.size_bytes / MIB:.0f} MiB, and does not keep what is written at "
        f"{at / MIB:.1f} MiB; it has less room than it says, or was cut short when it was copied: "
        "take another one"
    )
