"""The score limits that a station starts with: its own, its engines' cards', or its bundles'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import ModelError
from gonogo.config.recipe import bundles_of
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.engines.card import read_card
from gonogo.engines.installed.choice import choose_installed
from gonogo.engines.section import ViewLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.config.station import Station
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import EngineSection


def engines_of(station: Station) -> Mapping[str, Chosen]:
    """The installed engines that a station starts with, opened and checked, by name.

    BundleError, RegistryError, KeyFileError where one cannot be had.
    """
    if station.engines is None:
        return {}
    return choose_installed(bundles_of(station.view, station.recipe), station.engines)


def limits_of(
    engine: EngineSection | None, engines: Mapping[str, Chosen] | None = None
) -> ViewLimits | None:
    """Score limits of a view: the station file's, or those its engine's card proposes.

    Of an installed engine: the strictest of the backends that may serve it, until the
    one that does says its own (gonogo.ipc.engine_slot).
    """
    if engine is None:
        return None
    # a file is judged by its card alone, a bundle by what each of its backends was measured at
    if engine.bundle is not None:
        return _strictest(engine, (engines or {})[engine.bundle])
    card = read_card(engine.file)
    reject = engine.reject_above if engine.reject_above is not None else card.reject_above
    # the card's recheck limit belongs to its own reject limit: with another one it could lie above
    # it
    proposed = card.recheck_above if engine.reject_above is None else reject
    recheck = engine.recheck_above if engine.recheck_above is not None else proposed
    # of file and card together, which no section can see alone
    if recheck > reject:
        raise ModelError(
            f"{engine.file}: recheck_above {recheck:g} is above reject_above {reject:g}; "
            "expected recheck_above <= reject_above in [view.engine]"
        )
    return ViewLimits(
        recheck_above=recheck, reject_above=reject, engine_id=card.engine_id, card=card.digest
    )


def backends_of(station: Station, engines: Mapping[str, Chosen]) -> set[str]:
    """All that may run an engine of this station, as far as its file and its bundles say it."""
    judged = [view.engine for view in station.view]
    judged += [view.engine for recipe in station.recipe for view in recipe.view]
    return {name for engine in judged if engine is not None for name in _may_run(engine, engines)}


def _may_run(engine: EngineSection, engines: Mapping[str, Chosen]) -> set[str]:
    if engine.backend != "auto":
        return {engine.backend}
    # a model file is one for CPUs, which any number of processes may share
    return set() if engine.bundle is None else set(engines[engine.bundle].manifest.backends)


def _strictest(engine: EngineSection, chosen: Chosen) -> ViewLimits:
    # "auto" may choose any of them on this box, when the host measures
    wanted = BACKENDS.names if engine.backend == "auto" else (engine.backend,)
    facts = [its for name, its in chosen.manifest.backends.items() if name in wanted]
    if not facts:
        raise ModelError(
            f"{chosen.path}: it is for {', '.join(chosen.manifest.backends)}, expected "
            f"{' or '.join(wanted)}; choose another backend, or ask its maker for that form"
        )
    return ViewLimits(
        # strictest: until the host says which one serves, a part may be rejected for it, never
        # passed
        recheck_above=min(its.recheck_above for its in facts),
        reject_above=min(its.reject_above for its in facts),
    )
