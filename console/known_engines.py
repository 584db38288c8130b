"""The engines whose names were kept beside a station's records."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.console.show.part import Maker
from gonogo.ipc.engine_names import MODEL_FILE, beside_records, read_names
from gonogo.records.volumes import base_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.ipc.engine_names import NamedEngine


def makers(named: Iterable[NamedEngine]) -> dict[str, Maker]:
    """By their id in hex, the newest last."""
    found: dict[str, Maker] = {}
    for each in named:
        maker, known = maker_of(each), found.get(each.engine_id)
        # of two bundles with the very same model nobody can tell by the id which it was
        found[each.engine_id] = maker if known is None else known.joined(maker)
    return found


def kept_names(records: Path) -> tuple[NamedEngine, ...]:
    """Those beside the records, also of one file of a month; none where they cannot be read."""
    found = []
    for base in dict.fromkeys((base_of(records), records)):
        with contextlib.suppress(OSError):
            found += read_names(beside_records(base))
    return tuple(found)


def maker_of(engine: NamedEngine) -> Maker:
    """As people read it."""
    if engine.version == MODEL_FILE:
        return Maker(engine.name, "", "a model file, not signed")
    signed = f"signed by {engine.signer}" if engine.signer else "NOT SIGNED"
    return Maker(engine.name, engine.version, signed)
