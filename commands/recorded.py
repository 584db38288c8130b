"""Whose records are asked: of a running station, of a station file, or of a records path itself."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import GonogoError
from gonogo.commands.show.part import Maker

if TYPE_CHECKING:
    from gonogo.config.station import Station


class Recorded(NamedTuple):
    """Where the records lie, and the engines that are known, by their id in hex.

    `station` is None where no station file was given.
    """

    path: Path
    engines: dict[str, Maker]
    station: Station | None = None


def recorded(station: str | None) -> Recorded:
    """The records of the station of that name or file, or of the only one that runs.

    Of a name alone the engines are not known by theirs: the station file says where they are.
    """
    from gonogo.config.station import load_station
    from gonogo.records.volumes import volumes

    if station is not None and station.endswith(".toml"):
        found = load_station(Path(station))
        return Recorded(found.records.path, engines_of(found), found)
    if station is not None and (Path(station).is_file() or volumes(Path(station))):
        return Recorded(Path(station), {})
    return Recorded(_of_running(station), {})


def engines_of(station: Station) -> dict[str, Maker]:
    """Installed bundles and model files of a station; what cannot be read is left out."""
    from gonogo.engines.card import read_card

    found = _installed(station.engines.folder) if station.engines is not None else {}
    for view in station.view:
        model = view.engine.model if view.engine is not None else None
        if model is not None:
            with contextlib.suppress(GonogoError, OSError):
                card = read_card(model)
                found[f"{card.engine_id:016x}"] = Maker(card.name, "", "a model file, not signed")
    return found


def _installed(folder: Path) -> dict[str, Maker]:
    from gonogo.commands.show.bundles import signed
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.bundles.read import Bundle
    from gonogo.engines.installed.registry import Registry

    found = {}
    with contextlib.suppress(GonogoError, OSError):
        for installed in Registry(folder).installed():
            # one that is damaged has no id that could be believed
            with contextlib.suppress(GonogoError), Bundle(installed.path, INSPECTION) as bundle:
                about = bundle.manifest
                maker = Maker(about.name, about.version, signed(bundle.signer))
                found[f"{about.engine_id:016x}"] = maker
    return found


def _of_running(station: str | None) -> Path:
    from gonogo.commands.running import running
    from gonogo.ipc.journal import Journal

    journal = Journal.attach(running(station))
    try:
        return Path(json.loads(journal.about)["path"])
    finally:
        journal.close()
