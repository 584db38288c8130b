"""USB sticks that are mounted: by the mounts of this process and what the kernel says of disks.

A stick is a disk that can be taken out, or hangs on USB, and that the system does not live on.
Sources: proc_pid_mountinfo(5); sysfs, Documentation/ABI/stable/sysfs-block (removable).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import NotTakenAlong

if TYPE_CHECKING:
    from collections.abc import Sequence

_SYSTEM = ("/", "/boot", "/etc", "/home", "/opt", "/root", "/srv", "/usr", "/var")
_BELOW = ("/boot/", "/etc/", "/usr/", "/var/")
_LAYERS = re.compile(r"(?:lowerdir|upperdir|workdir)\+?=([^,]+)")
_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """A line of mountinfo: device as MAJOR:MINOR, where, with which options; its file system."""

    device: str
    folder: str
    options: str
    kind: str
    more: str


class Stick(NamedTuple):
    """`disk`: as the kernel calls it. `read_only`: nothing can be written there."""

    folder: Path
    disk: str
    read_only: bool


class Disks:
    """Where the kernel says it; a test has folders of its own."""

    def __init__(
        self,
        mounts: Path = Path("/proc/self/mountinfo"),
        devices: Path = Path("/sys/dev/block"),
    ) -> None:
        self._mounts, self._devices = mounts, devices

    def sticks(self, ours: Path) -> list[Stick]:
        """All that are mounted now; none is the disk that the file `ours` lies on."""
        mounts = [mount for line in self._lines() if (mount := _mount(line)) is not None]
        lives = {self._disk(each.device) for each in mounts if _is_system(each, mounts, ours)}
        found = []
        for each in mounts:
            disk = self._disk(each.device)
            if disk is not None and disk not in lives and _goes_out(disk):
                read_only = "ro" in each.options.split(",") or "ro" in each.more.split(",")
                found.append(Stick(Path(each.folder), disk.name, read_only))
        return found

    def _lines(self) -> list[str]:
        return self._mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()

    def _disk(self, device: str) -> Path | None:
        """The whole disk of a partition; None of a file system without a device."""
        place = self._devices / device
        if not place.exists():
            return None
        real = place.resolve()
        return real.parent if (real / "partition").exists() else real


def chosen(sticks: Sequence[Stick], name: str) -> Stick:
    """The one that is meant, by its disk or folder, or the only one; NotTakenAlong."""
    meant = [each for each in sticks if name in ("", each.disk, str(each.folder))]
    there = ", ".join(f"{each.disk} at {each.folder}" for each in sticks) or "none"
    if len(meant) != 1:
        raise NotTakenAlong(
            f"expected one USB stick that is mounted{f' as {name}' if name else ''}, found: "
            f"{there}; plug it in and mount it (lsblk, mount), or name one of several"
        )
    if meant[0].read_only:
        raise NotTakenAlong(
            f"{meant[0].folder}: the stick is mounted read-only (a switch on it, or a file system "
            "that wants to be checked); expected one that can be written"
        )
    return meant[0]


def _mount(line: str) -> Mount | None:
    head, dash, tail = line.partition(" - ")
    fields, more = head.split(), tail.split()
    if not dash or len(fields) < 6 or len(more) < 3:  # noqa: PLR2004 - of the format
        return None
    folder = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
    return Mount(fields[2], folder, fields[5], more[0], more[2])


def _is_system(mount: Mount, mounts: Sequence[Mount], ours: Path) -> bool:
    """Whether the system, or the station, lives there."""
    folder = mount.folder
    if folder in _SYSTEM or folder.startswith(_BELOW) or folder == _place_of(ours, mounts):
        return True
    # the root may be an overlay of folders on it
    layers = [part for each in mounts for text in _LAYERS.findall(each.more)
              for part in text.split(":")]  # fmt: skip
    return any(_place_of(Path(layer), mounts) == folder for layer in layers if layer[0] == "/")


def _place_of(path: Path, mounts: Sequence[Mount]) -> str:
    """The mount that a path lies on: the longest folder above it."""
    above = {str(path), *map(str, path.parents)}
    return max((each.folder for each in mounts if each.folder in above), key=len, default="")


def _goes_out(disk: Path) -> bool:
    try:
        removable = (disk / "removable").read_text(encoding="ascii").strip() == "1"
    except OSError:
        removable = False
    return removable or any(part.startswith("usb") for part in disk.parts)
