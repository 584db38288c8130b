"""The engines that a station judges by, and what their own proof promises."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import GonogoError

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.engines.card import Card
    from gonogo.engines.section import EngineSection, EnginesSection
    from gonogo.records.export.proposal import Promise

WINDOW_MS = 30 * 86_400_000  # of parts that agreement is weighed by, at the most


class _One(NamedTuple):
    """Of one engine; shares of 0 to 1."""

    name: str
    engine_id: int
    made_ms: int
    overkill: float
    escape: float | None


def promise_of(station: Station) -> Promise | None:
    """Of all engines of a station together; None where one has no proof, or there is none.

    Overkill of several adds up, for each can reject; of escape the highest counts. A bundle's own
    histogram says both; of a card alone the scores of the good parts that it was made from say
    overkill. BundleError, ModelError, RegistryError.
    """
    from gonogo.records.export.proposal import Promise

    sections = [view.engine for view in station.view if view.engine is not None]
    # once a view: each can reject
    found = [_of(each, station.engines) for each in sections]
    if not found:
        return None
    passed = 1.0
    for one in found:
        passed *= 1 - one.overkill
    escapes = [one.escape for one in found if one.escape is not None]
    return Promise(
        overkill=1 - passed,
        escape=max(escapes) if len(escapes) == len(found) else None,
        made_ms=max(one.made_ms for one in found),
        engines=tuple(sorted({f"{one.engine_id:016x}" for one in found})),
        names=", ".join(sorted({one.name for one in found})),
    )


def station_of(records: Path) -> Station | None:
    """The station whose records they are, by the file of its last start; None if that is gone."""
    from gonogo.config.started_by import file_of, last_start
    from gonogo.config.station import load_station
    from gonogo.ipc.audit.files import beside_records
    from gonogo.ipc.audit.trail import Trail

    with contextlib.suppress(GonogoError, OSError):
        file = file_of(last_start(Trail(beside_records(records))))
        return None if file is None else load_station(file)
    return None


def _of(section: EngineSection, engines: EnginesSection | None) -> _One:
    if section.bundle is not None and engines is not None:
        return _of_bundle(section.bundle, engines)
    from gonogo.engines.card import card_path, read_card

    if section.model is None:
        raise ValueError("an engine is a bundle or a model")
    card = read_card(section.model)
    made_ms = card_path(section.model).stat().st_mtime_ns // 1_000_000
    return _One(card.name, card.engine_id, made_ms, _overkill(card), None)


def _of_bundle(name: str, engines: EnginesSection) -> _One:
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.installed.registry import Registry

    with Registry(engines.folder).open_active(name, INSPECTION) as bundle:
        about, card = bundle.manifest, bundle.card
        proof = bundle.document("histogram") if about.find("histogram") else {}
    made_ms = round(about.created.timestamp() * 1000)
    overkill = _share(proof, "overkill")
    return _One(
        f"{about.name} {about.version}", about.engine_id, made_ms,
        _overkill(card) if overkill is None else overkill, _share(proof, "escape"),
    )  # fmt: skip


def _share(proof: Any, kind: str) -> float | None:  # noqa: ANN401 - a JSON value of a bundle
    found = proof.get(kind) if isinstance(proof, dict) else None
    share = found.get("share") if isinstance(found, dict) else None
    return float(share) if isinstance(share, (int, float)) and 0 <= share <= 1 else None


def _overkill(card: Card) -> float:
    scores = card.good_scores
    return sum(score > card.reject_above for score in scores) / len(scores) if scores else 0.0
