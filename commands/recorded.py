"""Whose records are asked: of a running station, of a station file, or of a records path itself."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import GonogoError
from gonogo.console.known_engines import kept_names, makers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.config.station import Station
    from gonogo.console.show.part import Maker
    from gonogo.ipc.engine_names import NamedEngine


class Recorded(NamedTuple):
    """Where the records lie, and the engines that are known, the newest last.

    `station` is None where no station file was given.
    """

    path: Path
    named: tuple[NamedEngine, ...]
    station: Station | None = None

    @property
    def engines(self) -> dict[str, Maker]:
        """By their id in hex."""
        return makers(self.named)


def recorded(station: str | None) -> Recorded:
    """The records of the station of that name or file, or of the only one that runs.

    Engines have the names that were kept beside the records, and those that a station file knows.
    """
    from gonogo.config.station import load_station
    from gonogo.records.volumes import volumes

    if station is not None and station.endswith(".toml"):
        found = load_station(Path(station))
        path = found.records.path
        return Recorded(path, (*kept_names(path), *engines_of(found)), found)
    if station is not None and (Path(station).is_file() or volumes(Path(station))):
        return Recorded(Path(station), kept_names(Path(station)))
    path = _of_running(station)
    return Recorded(path, kept_names(path))


def engine_wish(typed: str | None, known: Iterable[NamedEngine]) -> dict[str, Any]:
    """What `--engine` means: every engine of that name, or the ids that begin so; BadParameter."""
    import click

    named = list(known)
    ids = tuple({each.engine_id: None for each in named if typed in each.forms})
    if typed is None or ids:
        return {"engine": None, "engines": ids or None}
    if re.fullmatch(r"[0-9a-f]{1,16}", typed.lower()):
        return {"engine": typed.lower()}
    there = dict.fromkeys(each.forms[:2][-1] for each in named)
    raise click.BadParameter(
        f"expected an id of up to 16 hex digits, or one of {', '.join(there) or 'no name at all'}; "
        f"got {typed!r}",
        param_hint="--engine",
    )


def engines_of(station: Station) -> list[NamedEngine]:
    """Installed bundles and model files of a station; what cannot be read is left out."""
    from gonogo.engines.card import read_card
    from gonogo.ipc.engine_names import MODEL_FILE, NamedEngine

    found = _installed(station.engines.folder) if station.engines is not None else []
    for view in station.view:
        model = view.engine.model if view.engine is not None else None
        if model is not None:
            with contextlib.suppress(GonogoError, OSError):
                card = read_card(model)
                found.append(NamedEngine(f"{card.engine_id:016x}", card.name, MODEL_FILE, ""))
    return found


def _installed(folder: Path) -> list[NamedEngine]:
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.bundles.read import Bundle
    from gonogo.engines.installed.registry import Registry
    from gonogo.ipc.engine_names import NamedEngine

    found = []
    with contextlib.suppress(GonogoError, OSError):
        for installed in Registry(folder).installed():
            # one that is damaged has no id that could be believed
            with contextlib.suppress(GonogoError), Bundle(installed.path, INSPECTION) as bundle:
                about = bundle.manifest
                signer = bundle.signer.fingerprint if bundle.signer else ""
                engine_id = f"{about.engine_id:016x}"
                found.append(NamedEngine(engine_id, about.name, about.version, signer))
    return found


def _of_running(station: str | None) -> Path:
    from gonogo.commands.running import running
    from gonogo.ipc.journal import Journal

    journal = Journal.attach(running(station))
    try:
        return Path(json.loads(journal.about)["path"])
    finally:
        journal.close()
