"""What a start tells the audit trail: by which station file and by what the station judges now.

Engines, limits, calibrations and keys may be changed by other hands than our commands: whatever
it was, it is told at the start from which on it counts, beside what counted before.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import AuditError, GonogoError, StationFileError
from gonogo.base.log.logger import get_logger
from gonogo.config.key_changes import key_changes
from gonogo.config.recipe_switch import others
from gonogo.config.started_by import START
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.engines.bundles.keys import read_public
from gonogo.engines.card import sha256_of
from gonogo.ipc.audit.change import told
from gonogo.ipc.audit.files import beside_records, in_engines, read_head
from gonogo.ipc.audit.row import Entry, bounded
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.last_good_file import digest, last_good, unmarked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.config.last_good import Loaded
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import ViewLimits

log = get_logger(__name__)

JUDGES = "judges by"
TAKEN_BACK = "station file taken back"  # as gonogo.watchdog.trials has it
ENGINES_TRAIL = "engines trail"  # its newest row at a start: that trail is held by this one, too


class StartTold:
    """The rows of one start."""

    def __init__(self, path: Path, loaded: Loaded, why: str) -> None:
        self._station, self._path = loaded.station, path
        self._trail = Trail(beside_records(loaded.station.records.path))
        self._asked: int | None = None
        self._entry = Entry(START, "asked", *_files(path, loaded), why)

    def ask(self) -> None:
        """Before anything of it takes effect: which file, and what is new in it."""
        row = told(self._trail, self._entry)
        self._asked = None if row is None else row.number

    def taken_back(self, left: list[Path]) -> None:
        """A change was on trial when the last run ended: nobody has confirmed it in time."""
        log.warning(
            "change_taken_back_at_start",
            text="a change of the station file was on trial and not confirmed: %(file)s is as it "
            "was before",
            file=self._path,
        )
        new = {"file": str(self._path.absolute()), "left": [str(each) for each in left]}
        told(self._trail, Entry(TAKEN_BACK, "noted", new=new, why="the station began anew"))

    def judges(self) -> None:
        """Engines, limits, keys and files that judge from now on, where they are not as before."""
        now = bounded(judging(self._station))
        try:
            row = self._trail.last(JUDGES)
        except AuditError:
            row = None
        before = None if row is None else row.new
        if now != before:
            told(self._trail, Entry(JUDGES, "noted", before, now, asked=self._asked))

    def failed(self, error: BaseException) -> None:
        """The station did not start."""
        new = {"asked": self._entry.new, "error": str(error) or type(error).__name__}
        entry = self._entry._replace(state="failed", new=new, why="", asked=self._asked)
        told(self._trail, entry)


def _files(path: Path, loaded: Loaded) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The file with which the station last came up, and this one with what differs in it."""
    new: dict[str, Any] = {"sha256": digest(loaded.raw), "file": str(path.absolute())}
    if loaded.fell_back:
        new["fell_back"] = "to the last good file: the station file is wrong"
    try:
        kept = unmarked(last_good(path), last_good(path).read_bytes())
    except (OSError, StationFileError):
        return None, {**new, "changes": "no file of an earlier start to compare with"}
    with contextlib.suppress(ValueError):
        new["changes"] = key_changes(kept, loaded.raw)
    return {"sha256": digest(kept)}, new


def judging(station: Station) -> dict[str, Any]:
    """What a verdict depends on beside the station file itself: by view, and of the whole."""
    try:
        engines = engines_of(station)
    except GonogoError as error:
        return {"engines": str(error)}
    found: dict[str, Any] = {"views": _views(station, engines)}
    for number, other in others(station).items():
        found[f"recipe {number}"] = _views(other, engines)
    if station.engines is not None:
        found["trusted keys"] = {str(path): _key(path) for path in station.engines.trust}
        head = read_head(in_engines(station.engines.folder))
        found[ENGINES_TRAIL] = None if head is None else list(head)
    return found


def _views(station: Station, engines: Mapping[str, Chosen]) -> dict[str, Any]:
    return {view.name: _view(view, engines) for view in station.view}


def _view(view: ViewSection, engines: Mapping[str, Chosen]) -> dict[str, Any]:
    files = {"calibration": view.calibration, "trust": view.trust and view.trust.learnt}
    found: dict[str, Any] = {name: _sha256(path) for name, path in files.items() if path}
    with contextlib.suppress(GonogoError):
        limits = limits_of(view.engine, engines)
        if limits is not None:
            found["limits"] = _limits(limits)
    bundle = view.engine.bundle if view.engine is not None else None
    if bundle is not None:
        chosen = engines[bundle]
        found["engine"] = f"{chosen.manifest.name} {chosen.manifest.version}"
        found["engine_id"] = f"{chosen.manifest.engine_id:016x}"
        found["signer"] = chosen.signer.fingerprint if chosen.signer else "nobody"
    elif view.engine is not None and view.engine.model is not None:
        found["model"] = str(view.engine.model)
        found["model_sha256"] = _sha256(view.engine.model)
    return found


def _limits(limits: ViewLimits) -> dict[str, Any]:
    return {"recheck_above": limits.recheck_above, "reject_above": limits.reject_above}


def _key(path: Path) -> str:
    try:
        return read_public(path).fingerprint
    except GonogoError as error:
        return str(error)


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        return str(error.strerror)
