"""GRUB's own part of a rehearsal: which slot it takes, with slots that hold nothing.

A kernel that cannot be read costs a try like any other, and GRUB starts anew by itself: its whole
logic runs in seconds, without a system behind it.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.box.disk import MIB, divide, first_mib, smallest_mib
from gonogo.tests.flashed.bench import changed, put
from gonogo.tests.flashed.guest import switched_on

if TYPE_CHECKING:
    from pathlib import Path

SLOT_MIB = 16
LIMIT_S = 300  # between two lines of GRUB's


class Case(NamedTuple):
    """Counters as they lie on the disk (none: the block is damaged), and what GRUB then takes."""

    name: str
    counters: tuple[str, ...]
    takes: tuple[str, ...]
    copy: tuple[str, ...] = ()


CASES = (
    Case(
        "fresh", ("ORDER=A B", "A_OK=1", "A_TRY=0", "B_OK=0", "B_TRY=0"), ("A1", "A2", "A3", "A1")
    ),
    Case(
        "updated",
        ("ORDER=B A", "A_OK=1", "A_TRY=0", "B_OK=1", "B_TRY=0"),
        ("B1", "B2", "B3", "A1", "A2", "A3", "B1"),
    ),
    Case("refused", ("ORDER=B A", "A_OK=1", "A_TRY=0", "B_OK=0", "B_TRY=1"), ("A1", "A2")),
    Case("both refused", ("ORDER=B A", "A_OK=0", "A_TRY=0", "B_OK=0", "B_TRY=0"), ("B1",)),
    Case(
        "damaged",
        (),
        ("B1", "B2"),
        ("ORDER=B A", "A_OK=1", "A_TRY=0", "B_OK=1", "B_TRY=0"),
    ),
)


def block(path: Path, counters: tuple[str, ...]) -> None:
    """An environment block of GRUB's; without counters one that is damaged."""
    if not counters:
        path.write_bytes(b"\0" * 1024)
        return
    path.unlink(missing_ok=True)
    subprocess.run(["grub-editenv", str(path), "create"], check=True)
    subprocess.run(["grub-editenv", str(path), "set", *counters], check=True)


def disk_of(case: Case, parts: Path, folder: Path) -> Path:
    """A disk with GRUB, and nothing in its slots. `parts`: mbr.img, core.img, boot.ext4."""
    boot, disk = folder / "counters.ext4", folder / "counters.img"
    boot.write_bytes((parts / "boot.ext4").read_bytes())
    for name, counters in (("grubenv", case.counters), ("grubenv.good", case.copy)):
        block(folder / name, counters)
        changed(boot, (f"rm /grub/{name}", f"write {folder / name} /grub/{name}"))
    with disk.open("wb") as file:
        file.truncate(smallest_mib(SLOT_MIB) * MIB)
    divide(disk, SLOT_MIB)
    with disk.open("r+b") as file:
        file.write((parts / "mbr.img").read_bytes())
    at = first_mib(SLOT_MIB)
    put(disk, parts / "core.img", at["gonogo-bios"])
    put(disk, boot, at["gonogo-boot"])
    return disk


def tried(case: Case, parts: Path, folder: Path) -> list[str]:
    """What GRUB takes, one boot after the other: the slot, and which try of it that is."""
    disk, found = disk_of(case, parts, folder), []
    with switched_on(disk, folder / "counters.ext4", folder) as guest:
        for _ in case.takes:
            line = guest.slot(LIMIT_S)
            slot = line.split()[2]
            tries = re.search(rf"{slot}_TRY=(\d)", line)
            found.append(slot + (tries[1] if tries else "?"))
    return found
