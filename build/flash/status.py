"""What is on a disk, or what a station says at its line: read, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import StationSilent
from gonogo.build.flash import targets
from gonogo.build.flash.contents import Kind, contents
from gonogo.build.flash.counters import NAMES, TRIES

if TYPE_CHECKING:
    from gonogo.build.flash.contents import Contents
    from gonogo.build.flash.means import Means
    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.report import Report


def status(asked: Asked, means: Means, report: Report) -> str:
    """A line for each slot; of a line, the station's own word. TargetAbsent, StationSilent."""
    line = asked.target if asked.target.startswith("serial:") else asked.station
    if line is not None:
        return _of_station(line, means, report)
    auto = asked.target == "auto"
    target = targets.only_one(targets.listed()) if auto else targets.named(asked.path)
    disk = means.disk(target.path, False)  # noqa: FBT003 - whether it is written
    try:
        found = contents(target.path)
        for said in _lines(found):
            report.note(f"  {said}", slot=said)
    finally:
        disk.close()
    kind = found.kind.value + (f": {found.says}" if found.says else "")
    return f"{target.path}: {kind}; {found.active or 'no slot'} starts next"


def _of_station(line: str, means: Means, report: Report) -> str:
    station = means.station(line)
    try:
        found = station.health()
    finally:
        station.close()
    if found.word is None:
        raise StationSilent(f"{line}: {found.says}")
    report.note(f"  version {found.version or 'not said'}", version=found.version)
    return f"{line}: {found.word}: {found.says}"


def _lines(found: Contents) -> list[str]:
    if found.kind is not Kind.STATION or found.counters is None:
        return []
    said = []
    for name in NAMES:
        may = "may be started" if found.counters.ok[name] else "may not be started"
        begun = found.counters.begun[name]
        tried = f", begun {begun} of {TRIES} times and not healthy since" if begun else ""
        said.append(f"slot {name}: {found.versions[name] or 'says no version'}, {may}{tried}")
    said.append(f"data: {'a file system' if found.has_data else 'no file system'}")
    return said
