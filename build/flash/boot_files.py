"""What an empty disk gets beside a root file system: loader, boot partition, partition table."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import DiskFailed, ImageUnfit, TargetUnfit
from gonogo.build.flash import ext, grubenv, layout
from gonogo.build.flash.contents import ENV
from gonogo.build.flash.counters import on_trial, other, unfinished
from gonogo.build.flash.disk import SECTOR_BYTES
from gonogo.build.flash.image import opened

if TYPE_CHECKING:
    from gonogo.build.flash.image import Payload
    from gonogo.build.flash.layout import Table
    from gonogo.build.flash.plan import Plan

CODE_BYTES = 440  # of the first sector; behind it lies the protective table
_CORE_SECTOR_AT = 0x5C  # where GRUB's boot.img says in which sector its core begins


class BootFiles(NamedTuple):
    """Bytes, and where they go.

    `first`: the sector that makes the disk a station, written last. `rest`: of the table.
    """

    core: bytes
    boot: bytes
    first: bytes
    rest: bytes
    tail: bytes


def boot_files(payload: Payload, plan: Plan, table: Table) -> BootFiles:
    """Made before a byte is written; ImageUnfit where the image's do not fit that disk."""
    code, core = payload.file("disk/mbr.img"), payload.file("disk/core.img")
    bios, boot_part = plan.parts[layout.BIOS], plan.parts[layout.BOOT]
    (sector,) = struct.unpack_from("<Q", code.ljust(SECTOR_BYTES, b"\0"), _CORE_SECTOR_AT)
    if len(code) != CODE_BYTES or sector * SECTOR_BYTES != bios.at:
        raise ImageUnfit(
            f"disk/mbr.img: {len(code)} bytes that look for the loader in sector {sector}; "
            f"expected {CODE_BYTES} bytes and sector {bios.at // SECTOR_BYTES}"
        )
    boot = _with_counters(payload, plan.slot)
    if len(core) > bios.length or len(boot) > boot_part.length:
        raise ImageUnfit(
            f"disk/core.img has {len(core)} bytes and disk/boot.ext4 {len(boot)}; expected at most "
            f"{bios.length} and {boot_part.length}"
        )
    first = code + table.head[CODE_BYTES:SECTOR_BYTES]
    return BootFiles(core, boot, first, table.head[SECTOR_BYTES:], table.tail)


def _with_counters(payload: Payload, slot: str) -> bytes:
    """The boot partition, whose counters say that slot, and that the other one holds nothing."""
    data = payload.file("disk/boot.ext4")
    file = opened(payload.for_empty["disk/boot.ext4"])
    try:
        at = ext.place(file, 0, ENV)
        block = data[at : at + grubenv.BYTES]
        block = grubenv.edited(block, {**on_trial(slot), **unfinished(other(slot))})
    except (DiskFailed, TargetUnfit) as error:
        raise ImageUnfit(f"disk/boot.ext4: expected {ENV} in it: {error.args[0]}") from error
    return data[:at] + block + data[at + grubenv.BYTES :]
