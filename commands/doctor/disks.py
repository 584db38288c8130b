"""Disks and memory: whether what a station keeps has a place, and room there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import DiskUnfit, RuntimeDirError
from gonogo.base.inotify import REMOTE, filesystem_of
from gonogo.base.runtime_dir import IN_MEMORY, ROOTS, in_memory, looked_at, whereabouts
from gonogo.commands.check_memory import room_in
from gonogo.commands.doctor.finding import Fine, Ill
from gonogo.launch.needs import written
from gonogo.records.metrics.alerts import low
from gonogo.records.metrics.standing import Disk

if TYPE_CHECKING:
    from gonogo.commands.doctor.finding import Looked, Scene
    from gonogo.config.station import Station

AREA, MEMORY = "disk", "memory"
FEW_FILES = 10_000  # a month's file, its log, and pictures of some shifts
SMALL_MB = 64  # a container has no more by itself
UNKEPT = "verdicts go on, and what is kept of parts is lost"
_MB = 1e6


def look(scene: Scene) -> Looked:
    """The folders of the station, or the one one stands in; and memory for frames."""
    folders = written(scene.station) if scene.station else (Path.cwd(),)
    for folder in folders:
        yield from _folder(scene, folder)
    yield from _memory(scene)


def _folder(scene: Scene, folder: Path) -> Looked:
    there = _nearest(folder)
    try:
        full = scene.stat_fs(there)
    except OSError as error:
        what = f"{there} cannot be looked at: {error.strerror}"
        yield Ill(AREA, DiskUnfit, what, UNKEPT, (f"ls -ld {there}",))
        return
    ills = [*_rights(folder, there, full), *_room(there, full), *_kind(scene, there)]
    yield from ills
    if not ills:
        free_mb = full.f_bavail * full.f_frsize / _MB
        yield Fine(AREA, f"{folder}: {free_mb:.0f} MB and {full.f_favail} files free")


def _nearest(folder: Path) -> Path:
    """Where the folder is, or would be made."""
    return next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))


def _rights(folder: Path, there: Path, full: os.statvfs_result) -> Looked:
    if full.f_flag & os.ST_RDONLY:
        what = f"{folder} lies on a file system that is mounted read-only"
        do = f"findmnt --target {there}"
        yield Ill(AREA, DiskUnfit, what, f"{UNKEPT}: a disk with a fault is made so", (do,))
    elif not there.is_dir():
        what = f"{there} is a file, expected a folder"
        yield Ill(AREA, DiskUnfit, what, UNKEPT, (f"ls -ld {there}",))
    elif not os.access(there, os.W_OK | os.X_OK):
        what = f"this user may not write into {there}"
        if there != folder:
            what += f", where {folder} is to be made"
        do = f"sudo install -d -o $USER -m 0750 {folder}"
        yield Ill(AREA, DiskUnfit, what, UNKEPT, (do,))


def _room(there: Path, full: os.statvfs_result) -> Looked:
    disk = Disk(full.f_bavail * full.f_frsize, full.f_blocks * full.f_frsize)
    if low(disk):
        what = f"{there}: {disk.free / _MB:.0f} MB free of {disk.size / _MB:.0f}"
        yield Ill(AREA, DiskUnfit, what, f"once it is full, {UNKEPT}", (f"du -xsh {there}/*",))
    # file systems without a table of inodes say 0 of 0
    if full.f_files and full.f_favail < FEW_FILES:
        what = f"{there}: {full.f_favail} inodes free, expected at least {FEW_FILES}"
        do = f"du -x --inodes {there} | sort -n | tail"
        means = f"no file can be made then, however much is free: {UNKEPT}"
        yield Ill(AREA, DiskUnfit, what, means, (do,))


def _kind(scene: Scene, there: Path) -> Looked:
    kind = filesystem_of(there.resolve(), scene.box.text("proc/self/mountinfo") or "")
    if kind in REMOTE:
        what = f"{there} lies on another computer ({kind}), expected a disk of this box"
        means = "a network that hangs holds the records up, and locks there may not hold"
        yield Ill(AREA, DiskUnfit, what, means, (f"findmnt --target {there}",))
    elif kind in IN_MEMORY:
        what = f"{there} lies in memory ({kind}), expected a disk"
        yield Ill(AREA, DiskUnfit, what, "all of it is gone after a restart of the box",
                  (f"findmnt --target {there}",))  # fmt: skip


# -- memory --------------------------------------------------------------------------------


def _memory(scene: Scene) -> Looked:
    place, by = whereabouts(ROOTS)
    try:
        looked_at(place)
    except RuntimeDirError as error:
        yield _no_memory(error.args[0], f"sudo rm -r {place}")
        return
    there = _nearest(place)
    named = f"runtime directory {place}{f' ({by})' if by else ''}"
    if not in_memory(there):
        what = f"{named} lies on a disk, expected a file system in memory (tmpfs)"
        yield _no_memory(what, "export GONOGO_RUNTIME_DIR=/dev/shm/gonogo")
    elif not os.access(there, os.W_OK | os.X_OK):
        mode = "1777" if there == ROOTS.shared else "0755"
        yield _no_memory(
            f"{named}: this user may not write into {there}", f"sudo chmod {mode} {there}"
        )
    else:
        yield Fine(MEMORY, named)
    if scene.station is not None:
        yield from _frames(there, scene.station)
        return
    full = scene.stat_fs(there)
    free_mb = full.f_bavail * full.f_frsize / _MB
    if free_mb < SMALL_MB:
        what = f"{there} has {free_mb:.0f} MB free, expected at least {SMALL_MB}"
        means = "the frames of a station hardly fit: some eight of each camera lie there"
        do = f"sudo mount -o remount,size=512M {_mount_of(there)}"
        yield Ill(MEMORY, RuntimeDirError, what, means, (do,))
    else:
        yield Fine(MEMORY, f"{there}: {free_mb:.0f} MB free")


def _no_memory(what: str, do: str) -> Ill:
    means = "no station of this user starts"
    return Ill(MEMORY, RuntimeDirError, what, means, (do,), stops=True)


def _frames(folder: Path, station: Station) -> Looked:
    room = room_in(folder, station)
    if room.needed_mb <= room.free_mb:
        yield Fine(MEMORY, f"{folder}: {room.needed_mb:.0f} of {room.free_mb:.0f} MB needed")
        return
    what = (
        f"{folder} has {room.free_mb:.0f} MB free, the frames of this station need "
        f"{room.needed_mb:.0f}"
    )
    means = "it does not start; or take fewer frame_slots"
    size_mb = int(room.needed_mb * 2) + 64
    do = f"sudo mount -o remount,size={size_mb}M {_mount_of(folder)}"
    yield Ill(MEMORY, RuntimeDirError, what, means, (do,), stops=True)


def _mount_of(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.is_mount())
