"""Whose limits are reviewed: a view's engine as the station file has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import PartsToReview
from gonogo.base.scores import ScoreLimits
from gonogo.config.limits_in_file import Place
from gonogo.config.recipe_switch import FIRST, others, with_recipe
from gonogo.config.station import load_station
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.engines.backends.catalogue import AUTO

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.installed.choice import Chosen


class Subject(NamedTuple):
    """Whose limits: a view's engine as the station file has it, with its id and what is in force.

    `station`: as that recipe judges. `installed`: the bundle that it is; None for a model file.
    """

    file: Path
    station: Station
    place: Place
    view: ViewSection
    engine_id: int
    in_force: ScoreLimits
    installed: Chosen | None = None

    @property
    def engine(self) -> str:
        """Its id, as records have it."""
        return f"{self.engine_id:016x}"


def subject_of(
    file: Path,
    view: str | None,
    recipe: int,
    backend: str | None = None,
    folder: Path | None = None,
) -> Subject:
    """The engine that is meant; PartsToReview says which there are.

    `backend`: that which judges, where the station file leaves it open. `folder`: where relative
    paths start, if not where the file lies.
    """
    loaded = load_station(file, folder)
    try:
        station = with_recipe(loaded, recipe)
    except KeyError:
        numbers = [1, *(each.number for each in loaded.recipe)]
        raise PartsToReview(f"{file}: no recipe {recipe}, expected one of {numbers}") from None
    found = _by(backend, _view(file, station, view))
    engines = engines_of(station)
    limits = limits_of(found.engine, engines)
    if found.engine is None or limits is None:  # a view with an engine has limits
        raise PartsToReview(f"{file}: view '{found.name}' has no engine")
    installed = engines.get(found.engine.bundle or "")
    engine_id = limits.engine_id if installed is None else installed.manifest.engine_id
    in_force = ScoreLimits(limits.recheck_above, limits.reject_above)
    place = Place(found.name, recipe)
    return Subject(file, station, place, found, engine_id or 0, in_force, installed)


def places_of(station: Station) -> list[Place]:
    """Wherever an engine judges, the recipe that stands in [[view]] itself first."""
    return [
        Place(view.name, number)
        for number, each in {FIRST: station, **others(station)}.items()
        for view in each.view
        if view.engine is not None
    ]


def _by(backend: str | None, view: ViewSection) -> ViewSection:
    """The view as that backend judges it: each form of a bundle has limits of its own."""
    if backend is None or view.engine is None:
        return view
    if view.engine.bundle is None or view.engine.backend not in {AUTO, backend}:
        has = "a model file" if view.engine.bundle is None else f"backend = '{view.engine.backend}'"
        raise PartsToReview(f"view '{view.name}' has {has}: expected no --backend {backend}")
    return view.model_copy(update={"engine": view.engine.model_copy(update={"backend": backend})})


def _view(file: Path, station: Station, name: str | None) -> ViewSection:
    judged = {view.name: view for view in station.view if view.engine is not None}
    if name is None and len(judged) == 1:
        return next(iter(judged.values()))
    if name not in judged:
        expected = f"--view with one of {', '.join(judged)}" if judged else "a view with an engine"
        raise PartsToReview(f"{file}: expected {expected}, got {name or 'none'}")
    return judged[name]
