"""Where the partitions of a station lie: planned for a disk, read from one, written as a GPT.

gonogo-bios   1 MiB      the core of GRUB, at sector 2048, where mbr.img looks for it
gonogo-boot   64 MiB     GRUB's files, and its environment with the counters of the slots
gonogo-a, -b             a root file system each
gonogo-data   the rest   station file, engines, records, keys
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from gonogo.base.errors import FlashNoRoom, TargetUnfit
from gonogo.build.flash.disk import MIB, SECTOR_BYTES
from gonogo.build.flash.tools import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BIOS, BOOT, DATA = "gonogo-bios", "gonogo-boot", "gonogo-data"
SLOTS = {"A": "gonogo-a", "B": "gonogo-b"}
NAMES = (BIOS, BOOT, *SLOTS.values(), DATA)
_TYPES = {BIOS: "ef02"}
_LINUX = "8300"
TABLE_SECTORS = 33  # of a GPT of 128 entries: the entries, and a header


class Wanted(BaseModel):
    """layout.json of an image: sizes in MiB, and what its root file system is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    slot_mib: int = Field(ge=1, le=1 << 20)
    boot_mib: int = Field(ge=1, le=1 << 12)
    data_min_mib: int = Field(ge=1, le=1 << 24)
    rootfs_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    rootfs_bytes: int = Field(ge=1)
    version: str
    target: str


class Part(NamedTuple):
    """A partition: where it begins and how long it is, in bytes."""

    at: int
    length: int


class Table(NamedTuple):
    """A GPT as bytes: what lies at the beginning of the disk, and at its end."""

    head: bytes
    tail: bytes


def planned(size_bytes: int, wanted: Wanted) -> dict[str, Part]:
    """The partitions of a disk of that size; TargetUnfit where it is too small."""
    found: dict[str, Part] = {}
    at = MIB
    fixed = {BIOS: 1, BOOT: wanted.boot_mib, **dict.fromkeys(SLOTS.values(), wanted.slot_mib)}
    for name, mib in fixed.items():
        found[name] = Part(at, mib * MIB)
        at += mib * MIB
    # the last MiB is the table's second copy, and what a disk has beyond a whole number of MiB
    left_mib = size_bytes // MIB - 1 - at // MIB
    if left_mib < wanted.data_min_mib:
        needed_mib = at // MIB + wanted.data_min_mib + 1
        raise TargetUnfit(
            f"the disk has {size_bytes / MIB:.0f} MiB; expected at least {needed_mib} MiB: two "
            f"slots of {wanted.slot_mib} MiB and {wanted.data_min_mib} MiB for data; take a "
            "larger one"
        )
    return {**found, DATA: Part(at, left_mib * MIB)}


def read(disk: Path) -> dict[str, Part]:
    """Partitions of ours by their names; none where another table is, or none."""
    ran = run("partx", "--raw", "--noheadings", "--output", "START,SECTORS,NAME", str(disk))
    found = {}
    for line in ran.out.decode(errors="replace").splitlines():
        start, sectors, *name = line.split(" ")
        if len(name) == 1 and name[0] in NAMES:
            found[name[0]] = Part(int(start) * SECTOR_BYTES, int(sectors) * SECTOR_BYTES)
    return found


def table(size_bytes: int, parts: Mapping[str, Part], scratch: Path) -> Table:
    """The GPT that sgdisk makes for such a disk, made in a file beside it.

    So that every byte on the disk itself is written by us, in an order of ours.
    """
    file = scratch / "table.img"
    size_bytes -= size_bytes % SECTOR_BYTES  # a disk image may be as long as it likes
    try:
        with file.open("wb") as made:
            made.truncate(size_bytes)  # without a block of its own: sgdisk writes its two ends
    except OSError as error:
        raise FlashNoRoom(
            f"{scratch}: {error.strerror}; expected a file system that takes a file of "
            f"{size_bytes / MIB:.0f} MiB without blocks; name another folder by TMPDIR"
        ) from error
    ran = run("sgdisk", "--set-alignment=1", *_created(parts), str(file))
    if ran.code:
        raise TargetUnfit(f"sgdisk: {ran.last}")
    with file.open("rb") as made:
        head = made.read((1 + TABLE_SECTORS) * SECTOR_BYTES)
        made.seek(size_bytes - TABLE_SECTORS * SECTOR_BYTES)
        tail = made.read()
    file.unlink()
    return Table(head, tail)


def _created(parts: Mapping[str, Part]) -> Sequence[str]:
    said = []
    for number, (name, part) in enumerate(parts.items(), 1):
        first = part.at // SECTOR_BYTES
        said += [
            f"--new={number}:{first}:{first + part.length // SECTOR_BYTES - 1}",
            f"--typecode={number}:{_TYPES.get(name, _LINUX)}",
            f"--change-name={number}:{name}",
        ]
    return said
