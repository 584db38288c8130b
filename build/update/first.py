"""The first boot of a box: its station from a stick, where it has none yet.

    gonogo-station/station.toml     what it inspects, and with what
    gonogo-station/engines/...      the files that this names as /data/engines/...

A box that has a station keeps it: a stick never writes over one. The station file itself comes
last, so that a power cut or a pulled stick leaves a box without a station, which takes it again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from gonogo.base import atomic_file
from gonogo.base.errors import StickGone, StickStationUnfit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.update.places import Places

FOLDER, FILE, ENGINES = "gonogo-station", "station.toml", "engines"
LARGEST_FILE_BYTES, LARGEST_BYTES, SPARE_BYTES = 1 << 20, 4 << 30, 64 << 20
_CHECK_S = 600.0


def take_station(stick: Path, places: Places, tell: Callable[[str], None]) -> bool:
    """Whether the box has got its station of the stick; StickStationUnfit, StickGone."""
    source, target = stick / FOLDER, places.station / FILE
    if not (source / FILE).is_file():
        return False
    if target.exists():
        tell(f"{source}: not taken: this box has a station, and a stick writes over none")
        return False
    try:
        text = _station_of(source)
        files = _engines_of(source)
        _demand_room(places, sum(path.stat().st_size for path in files))
        for path in files:
            _copied(path, places.engines / path.relative_to(source / ENGINES), places)
    except OSError as error:
        if isinstance(error, StickGone):
            raise
        raise StickGone(
            f"{error.filename or source}: {error.strerror}, while the station was copied; plug the "
            "stick in again"
        ) from error
    _put(text, target, places)
    tell(f"{source}: this box has its station from there")
    return True


def _station_of(source: Path) -> bytes:
    for path in (source, source / FILE, source / ENGINES):
        if path.is_symlink():
            raise StickStationUnfit(f"{path}: a link; expected files and folders alone")
    with (source / FILE).open("rb") as file:
        text = file.read(LARGEST_FILE_BYTES + 1)
    if len(text) > LARGEST_FILE_BYTES:
        raise StickStationUnfit(f"{source / FILE}: larger than 1 MiB; expected a station file")
    return text


def _engines_of(source: Path) -> list[Path]:
    """What lies in its folder of engines; StickStationUnfit for a link."""
    found = sorted((source / ENGINES).rglob("*"))
    for path in found:
        if path.is_symlink():
            raise StickStationUnfit(f"{path}: a link; expected files and folders alone")
    return [path for path in found if path.is_file()]


def _demand_room(places: Places, needed: int) -> None:
    free = shutil.disk_usage(places.engines).free
    if needed > LARGEST_BYTES or needed + SPARE_BYTES > free:
        raise StickStationUnfit(
            f"{places.engines}: {free >> 20} MiB free; expected {(needed + SPARE_BYTES) >> 20} MiB "
            "for the engines of the stick, 4 GiB at most"
        )


def _copied(path: Path, target: Path, places: Places) -> None:
    """Whole or not at all, and the station's user's own."""
    for folder in reversed(target.relative_to(places.engines).parents):
        (places.engines / folder).mkdir(exist_ok=True)
        _given(places.engines / folder, places)
    fresh = target.with_name(f"{target.name}.new")
    with path.open("rb") as source:
        pieces = iter(lambda: source.read(1 << 20), b"")
        atomic_file.fill(fresh, pieces, atomic_file.SYSTEM, os.O_TRUNC)
    _given(fresh, places)
    atomic_file.move(fresh, target)


def _put(text: bytes, target: Path, places: Places) -> None:
    """Under another name first, where `gonogo check` finds it good as the station's user."""
    trial = target.with_name("station.trial.toml")
    try:
        atomic_file.replace(trial, text)
        _given(trial, places)
        _demand_good(trial, places)
        atomic_file.move(trial, target)
    except OSError as error:
        raise StickStationUnfit(
            f"{target}: {error.strerror}; is the data partition full?"
        ) from error
    finally:
        trial.unlink(missing_ok=True)


def _demand_good(trial: Path, places: Places) -> None:
    try:
        done = subprocess.run(
            places.as_user("check", str(trial)),
            capture_output=True, text=True, timeout=_CHECK_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise StickStationUnfit(f"gonogo check took more than {_CHECK_S:.0f} s") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        found = [line for line in said if "GN" in line] or said or ["it said nothing"]
        raise StickStationUnfit(f"the station of the stick: gonogo check: {found[0].strip()}")


def _given(path: Path, places: Places) -> None:
    """To the station's user; a folder keeps its mode."""
    if places.user:
        shutil.chown(path, places.user, places.user)
