"""What a station file names and a box that boots may not have yet: disks, engines, pictures.

Cameras that hold a device, the PLC's wire (an adapter, a port, a name that is not resolved) and a
chip of GPIO lines are not asked for here: each is tried again by whoever opens it, for ever.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import EngineNotThere, FileNotThere, GonogoError, MountNotThere
from gonogo.config.recipe_switch import others
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.launch.made import check_made
from gonogo.launch.needs import paths_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station

FSTAB, MOUNTS = Path("/etc/fstab"), Path("/proc/self/mounts")
_POINT, _OPTIONS = 1, 3  # fields of a line of fstab(5)
_ESCAPES = {r"\040": " ", r"\011": "\t", r"\012": "\n", r"\134": "\\"}


def not_there(station: Station, fstab: Path = FSTAB, mounts: Path = MOUNTS) -> GonogoError | None:
    """The first thing that the start of a station lacks, and why; None: all is there.

    Raises what is wrong with the station file itself, and what `gonogo prepare` has to make first.
    """
    if (disk := _disk(station, fstab, mounts)) is not None:
        return disk
    check_made(station)
    try:
        for each in (station, *others(station).values()):
            for path in _read_at_the_start(each):
                _ask_file(path)
            _ask_engines(each)
    except GonogoError as error:
        if error.wrong_file:
            raise
        return error
    return None


def _disk(station: Station, fstab: Path, mounts: Path) -> MountNotThere | None:
    """A folder below a disk that is not mounted yet would be made on the disk beneath it."""
    mounted = set(_points(mounts))
    for point in _points(fstab):
        below = [path for path in paths_in(station) if path.is_relative_to(point)]
        if below and point not in mounted:
            return MountNotThere(
                f"{below[0]}: {point} is not mounted, and {fstab} says that a disk belongs there: "
                f"`mount {point}` says why; take it out of {fstab} if there is none any more"
            )
    return None


def _points(table: Path) -> list[Path]:
    """Where something is mounted, or is to be without being asked; none where nobody may know."""
    try:
        lines = table.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    rows = [line.split() for line in lines if not line.lstrip().startswith("#")]
    return [
        Path(_plain(row[_POINT]))
        for row in rows
        if len(row) > _OPTIONS
        and row[_POINT].startswith("/")
        and row[_POINT] != "/"
        and "noauto" not in row[_OPTIONS].split(",")
    ]


def _plain(field: str) -> str:
    for written, meant in _ESCAPES.items():
        field = field.replace(written, meant)
    return field


def _read_at_the_start(station: Station) -> Iterator[Path]:
    """Files and folders without which the line of a station cannot begin."""
    for view in station.view:
        # one that holds a device has a process of its own, which waits for it
        if view.camera.shareable:
            yield from paths_in(view.camera)
        if view.trust is not None:
            yield view.trust.learnt
        if view.calibration is not None:
            yield view.calibration
        for rule in view.rule:
            image = getattr(rule, "image", None)
            # what `gonogo prepare` makes is asked for before (gonogo.launch.made)
            if image is not None and rule.makes is None:
                yield image


def _ask_file(path: Path) -> None:
    if not path.exists():
        raise FileNotThere(
            f"{path}: no such file or folder; expected one that this user may read: mount its "
            "disk, copy it there, or correct the station file"
        )
    rights = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
    if not os.access(path, rights):
        raise FileNotThere(f"{path}: this user may not read it; expected that it may: chmod, chown")
    if path.is_dir() and not any(path.iterdir()):
        raise FileNotThere(f"{path}: the folder is empty; expected files in it: mount its disk")


def _ask_engines(station: Station) -> None:
    """Cards and bundles whole, and of the engines that lie there."""
    engines = engines_of(station)
    for view in station.view:
        engine = view.engine
        # a file that is still being copied does not fit its card: read_card compares them
        try:
            limits_of(engine, engines)
        except GonogoError as error:
            if error.wrong_file:
                raise
            raise EngineNotThere(
                f"view '{view.name}': no engine that can be loaded: {error}"
            ) from error
