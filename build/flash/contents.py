"""What a target holds: nothing, a station, a station that cannot be read, or something else."""

from __future__ import annotations

import json
import os
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import DiskFailed, TargetUnfit
from gonogo.build.flash import ext, grubenv, layout
from gonogo.build.flash.counters import NAMES, counters
from gonogo.build.flash.disk import SECTOR_BYTES
from gonogo.build.flash.tools import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.build.flash.counters import Counters
    from gonogo.build.flash.layout import Part

ENV = "/grub/grubenv"
ENV_COPY = "/grub/grubenv.good"  # the health gate keeps it
# where a root file system says its version: the image's own words, the program's, os-release(5)
_IMAGE, _RELEASE = "/usr/lib/gonogo-box/image.json", "/usr/lib/gonogo/release.json"
_OS_RELEASE = "/etc/os-release"
_SITE = "/usr/lib/gonogo/site"
_INSTALLED = re.compile(rb"/gonogo-([^/]+)\.dist-info/")
_OS_VERSION = re.compile(r'^IMAGE_VERSION="?([^"\n]+)"?$', re.MULTILINE)
_SYSTEM = "/etc/rauc/system.conf"
_COMPATIBLE = re.compile(r"^compatible\s*=\s*(\S+)", re.MULTILINE)


class Kind(Enum):
    """What there is on a disk, as far as a flash is concerned."""

    EMPTY = "empty"
    STATION = "a station"
    DAMAGED = "a station whose boot partition cannot be read"
    FOREIGN = "something else"


class Contents(NamedTuple):
    """What was found on a disk, without a byte of it changed.

    `says`: what something else is. `env`: GRUB's environment block, and where it lies in bytes.
    """

    kind: Kind
    says: str = ""
    parts: Mapping[str, Part] = {}
    env: bytes = b""
    env_at: int = 0
    counters: Counters | None = None
    versions: Mapping[str, str | None] = {}
    compatible: str | None = None
    has_data: bool = False

    @property
    def active(self) -> str | None:
        """The slot that starts next."""
        return None if self.counters is None else self.counters.active


def contents(disk: Path) -> Contents:
    """Look at a disk, read-only."""
    parts = layout.read(disk)
    if set(parts) == set(layout.NAMES):
        return _station(disk, parts)
    signatures = _signatures(disk)
    if signatures and not (signatures == ["gpt"] and _is_unfinished(disk)):
        return Contents(Kind.FOREIGN, ", ".join(signatures))
    return Contents(Kind.EMPTY)


def _signatures(disk: Path) -> list[str]:
    """Kinds of tables and file systems that wipefs knows at the ends of the whole disk."""
    ran = run("wipefs", "--json", "--no-act", str(disk))
    if ran.code:
        raise DiskFailed(f"{disk}: what it holds cannot be read: {ran.last}")
    found = json.loads(ran.out or b"{}").get("signatures", [])
    return sorted({str(each["type"]) for each in found})


def _is_unfinished(disk: Path) -> bool:
    """A table of ours whose first sector, the last that is written, was not: no station yet."""
    with disk.open("rb") as opened:
        first = opened.read(SECTOR_BYTES)
        opened.seek(-layout.TABLE_SECTORS * SECTOR_BYTES, os.SEEK_END)
        second_copy = opened.read()
    return not any(first) and layout.DATA.encode("utf-16-le") in second_copy


def _station(disk: Path, parts: Mapping[str, Part]) -> Contents:
    with disk.open("rb") as opened:
        opened.seek(parts[layout.DATA].at)
        has_data = ext.begins(opened.read(4096))
    boot = parts[layout.BOOT].at
    try:
        env = ext.cat(disk, boot, ENV) or b""
        env_at = _placed(disk, boot, env)
        env = _whole(disk, boot, env)
        found = counters(grubenv.parse(env))
    except (DiskFailed, TargetUnfit) as error:
        return Contents(Kind.DAMAGED, str(error.args[0]), parts, has_data=has_data)
    roots = {name: parts[layout.SLOTS[name]].at for name in NAMES}
    here = roots.get(found.active or "A", roots["A"])
    return Contents(
        Kind.STATION,
        parts=parts,
        env=env,
        env_at=env_at,
        counters=found,
        versions={name: version_of(disk, at) for name, at in roots.items()},
        compatible=_compatible(disk, here),
        has_data=has_data,
    )


def _whole(disk: Path, boot: int, env: bytes) -> bytes:
    """The block, or the copy that GRUB takes where a power cut has damaged it."""
    try:
        grubenv.parse(env)
    except TargetUnfit:
        return ext.cat(disk, boot, ENV_COPY) or env
    return env


def _placed(disk: Path, boot: int, env: bytes) -> int:
    """Where the block lies, and there are the bytes that its file has."""
    at = ext.place(disk, boot, ENV)
    with disk.open("rb") as opened:
        opened.seek(at)
        if opened.read(grubenv.BYTES) != env:
            raise DiskFailed(f"{disk}: {ENV} does not lie where its file system says")
    return at


def version_of(disk: Path, at: int) -> str | None:
    """What a root file system at that offset says of itself; None where it says nothing."""
    for name in (_IMAGE, _RELEASE):
        said_there = ext.cat(disk, at, name)
        if said_there is not None:
            return _version_in(said_there)
    said = _OS_VERSION.search((ext.cat(disk, at, _OS_RELEASE) or b"").decode(errors="replace"))
    return said[1] if said else None


def program_of(disk: Path, at: int) -> str | None:
    """The version of the program in it, which is what its console says; None: not known."""
    release = ext.cat(disk, at, _RELEASE)
    if release is not None:
        return _version_in(release)
    installed = _INSTALLED.search(ext.listed(disk, at, _SITE))
    return installed[1].decode(errors="replace") if installed else None


def _version_in(document: bytes) -> str | None:
    try:
        return str(json.loads(document)["version"])
    except (ValueError, LookupError, TypeError):
        return None


def _compatible(disk: Path, at: int) -> str | None:
    """Which images the station itself takes, by its RAUC."""
    said = _COMPATIBLE.search((ext.cat(disk, at, _SYSTEM) or b"").decode(errors="replace"))
    return said[1] if said else None
