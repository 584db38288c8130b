"""Disks of this machine, and which of them may be written: each that may not says why.

A regular file is a disk image, and offered only when it is named.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import FlashUsage, TargetAbsent, TargetBusy, TargetUnfit
from gonogo.build.flash.disk import MIB, SECTOR_BYTES
from gonogo.build.flash.tools import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.base.errors import FlashError

LEAST_MIB = 32  # no station has less; how much one wants is said by its image
_COLUMNS = "NAME,PATH,TYPE,SIZE,RO,TRAN,MODEL,SERIAL,WWN,MOUNTPOINTS,FSTYPE,LOG-SEC"
_SYSTEM = ("/", "/boot", "/boot/efi", "/usr", "/var", "/home")
_HELD = ("crypt", "lvm", "dm", "mpath", "raid", "md")
_NOT_DISKS = ("rom", "loop")  # loop devices, as disk images, only when they are named


class Target(NamedTuple):
    """A disk. `why_not`: what keeps it from being written, None where nothing does."""

    path: Path
    size_bytes: int
    model: str
    serial: str
    transport: str
    why_not: FlashError | None = None

    @property
    def last_four(self) -> str:
        """What is typed to confirm: of the serial number, else of the name."""
        return (self.serial or self.path.stem)[-4:]


def listed() -> list[Target]:
    """Every disk of this machine, those that may be written first."""
    found = [_target(each) for each in _asked() if each["type"] not in _NOT_DISKS and each["size"]]
    return sorted(found, key=lambda target: (target.why_not is not None, target.path))


def named(path: Path) -> Target:
    """The disk of that name; TargetAbsent, FlashUsage."""
    if "?" in path.name:
        raise FlashUsage(f"{path}: expected a name without '?'")
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise TargetAbsent(
            f"{path}: {error.strerror}; flash.sh --list shows the disks of this machine"
        ) from error
    if stat.S_ISREG(mode):
        return _of_file(path)
    if not stat.S_ISBLK(mode):
        raise TargetAbsent(f"{path}: expected a disk, as /dev/sdb, or a disk image in a file")
    real = str(path.resolve())
    for row in _asked(real):
        if row["path"] == real and row["type"] in {"disk", "loop"}:
            return _target(row)
    raise TargetAbsent(f"{path}: expected the whole disk, as /dev/sdb, not a part of it")


def only_one(found: Sequence[Target]) -> Target:
    """That which may be written, where there is but one; TargetAbsent."""
    fit = [target for target in found if target.why_not is None]
    if len(fit) != 1:
        names = ", ".join(str(target.path) for target in fit) or "none"
        raise TargetAbsent(f"--target auto: expected one disk that may be written, found {names}")
    return fit[0]


def _of_file(path: Path) -> Target:
    facts = path.stat()
    why: FlashError | None = None
    loop = _looped(path)
    if loop is not None:
        why = TargetBusy(f"{path}: attached as {loop}; losetup -d {loop}, and do the same again")
    elif not facts.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        why = TargetUnfit(f"{path}: read-only; chmod u+w {path}, if it is the right one")
    elif facts.st_size < LEAST_MIB * MIB:
        why = _too_small(path, facts.st_size)
    return Target(path, facts.st_size, "disk image", "", "file", why)


def _looped(path: Path, devices: Path = Path("/sys/block")) -> str | None:
    """The loop device behind which a file is mounted, or may be; None where there is none."""
    for each in devices.glob("loop*/loop/backing_file"):
        if each.read_text(encoding="utf-8").strip() == str(path.resolve()):
            return f"/dev/{each.parent.parent.name}"
    return None


def _asked(*paths: str) -> list[dict[str, Any]]:
    ran = run("lsblk", "--json", "--bytes", "--output", _COLUMNS, *paths)
    if ran.code:
        raise TargetAbsent(f"lsblk: {ran.last}")
    found: list[dict[str, Any]] = json.loads(ran.out)["blockdevices"]
    return found


def _target(row: dict[str, Any]) -> Target:
    path = Path(row["path"])
    return Target(
        path,
        int(row["size"]),
        (row.get("model") or "").strip() or "unknown model",
        (row.get("serial") or row.get("wwn") or "").strip(),
        row.get("tran") or row["type"],
        _why_not(path, row),
    )


def _why_not(path: Path, row: dict[str, Any]) -> FlashError | None:
    """The first that keeps it from being written, the worst one first."""
    below = list(_tree(row))
    mounted = {each for part in below for each in part.get("mountpoints") or () if each}
    system = sorted(mounted & set(_SYSTEM))
    held = [part["type"] for part in below if part["type"].startswith(_HELD)]
    if system:
        return TargetBusy(f"{path}: the disk of this system ({system[0]} is on it)")
    if mounted:
        where = min(mounted)
        return TargetBusy(f"{path}: mounted at {where}; umount {where}, and do the same again")
    if held:
        return TargetBusy(f"{path}: in use ({held[0]}); take that apart first")
    if row["ro"]:
        return TargetUnfit(f"{path}: write-protected; look for its switch, or take another disk")
    if row["log-sec"] != SECTOR_BYTES:
        return TargetUnfit(
            f"{path}: its sectors have {row['log-sec']} bytes; expected {SECTOR_BYTES}, which the "
            "boot loader of the image reads"
        )
    return None if row["size"] >= LEAST_MIB * MIB else _too_small(path, row["size"])


def _too_small(path: Path, size_bytes: int) -> TargetUnfit:
    return TargetUnfit(f"{path}: {size_bytes / MIB:.0f} MiB; no station is as small as that")


def _tree(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield row
    for each in row.get("children", ()):
        yield from _tree(each)
