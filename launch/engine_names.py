"""The names of the engines that a station starts with, kept beside its records for good."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.config.recipe_switch import others
from gonogo.config.view_limits import engines_of
from gonogo.engines.card import read_card
from gonogo.ipc.engine_names import MODEL_FILE, NamedEngine, beside_records, note_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station


def keep_names(station: Station) -> None:
    """Note those of all views and recipes; an engine that cannot be had is told of elsewhere."""
    note_names(beside_records(station.records.path), names_of(station))


def names_of(station: Station) -> Iterator[NamedEngine]:
    """Chosen bundles, and model files by their cards; what cannot be read is left out."""
    with contextlib.suppress(GonogoError):
        for chosen in engines_of(station).values():
            about, signer = chosen.manifest, chosen.signer
            signed = signer.fingerprint if signer else ""
            yield NamedEngine(f"{about.engine_id:016x}", about.name, about.version, signed)
    for each in (station, *others(station).values()):
        for view in each.view:
            model = view.engine.model if view.engine is not None else None
            if model is not None:
                with contextlib.suppress(GonogoError, OSError):
                    card = read_card(model)
                    yield NamedEngine(f"{card.engine_id:016x}", card.name, MODEL_FILE, "")
