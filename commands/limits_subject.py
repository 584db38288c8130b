"""Whose limits are reviewed: a view's engine as the station file has it, and what it scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from gonogo.base.errors import PartsToReview

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.station import Review
    from gonogo.config.limits_in_file import Place
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.records.questions.files import Files


class Wishes(NamedTuple):
    """What was typed."""

    station: str | None
    view: str | None
    recipe: int
    first: int
    top: int
    to_list: Path | None
    answers: Path | None
    to_apply: bool
    yes: bool
    why: str


class Subject(NamedTuple):
    """Whose limits: a view's engine as the station file has it, with its id and what is in force.

    `station`: as that recipe judges.
    """

    file: Path
    station: Station
    place: Place
    view: ViewSection
    engine_id: int
    in_force: ScoreLimits

    @property
    def engine(self) -> str:
        """Its id, as records have it."""
        return f"{self.engine_id:016x}"


class Session(NamedTuple):
    """A review of a station's parts, and the files that it is of."""

    subject: Subject
    files: Files
    review: Review


def begin(wishes: Wishes) -> Session:
    """The parts with the highest scores; PartsToReview, RecordsUnreadable, StationFileError."""
    from gonogo.build.review.station import Review, Words, listed, ranked
    from gonogo.commands.station_files import station_file
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.scored import Asked

    subject = subject_of(station_file(wishes.station), wishes.view, wishes.recipe)
    station, name = subject.station, subject.view.name
    files = Files(station.records.path)
    # one set of limits for one kind of part: with recipes, those of this one alone
    recipe = wishes.recipe if station.recipe else None
    found = ranked(files, Asked(name, subject.engine, recipe), wishes.first)
    shown = [listed(files, part, name) for part in found.parts[: wishes.top]]
    for note in files.notes.values():
        click.echo(f"warning: {note}", err=True)
    words = Words(name, alone=len(station.view) == 1)
    return Session(subject, files, Review(subject.engine, subject.in_force, found, shown, words))


def subject_of(file: Path, view: str | None, recipe: int) -> Subject:
    """The engine that is meant; PartsToReview says which there are."""
    from gonogo.base.scores import ScoreLimits
    from gonogo.config.limits_in_file import Place
    from gonogo.config.recipe_switch import with_recipe
    from gonogo.config.station import load_station
    from gonogo.launch.view_limits import engines_of, limits_of

    loaded = load_station(file)
    try:
        station = with_recipe(loaded, recipe)
    except KeyError:
        numbers = [1, *(each.number for each in loaded.recipe)]
        raise PartsToReview(f"{file}: no recipe {recipe}, expected one of {numbers}") from None
    found = _view(file, station, view)
    engines = engines_of(station)
    limits = limits_of(found.engine, engines)
    if found.engine is None or limits is None:  # a view with an engine has limits
        raise PartsToReview(f"{file}: view '{found.name}' has no engine")
    engine_id = limits.engine_id
    if found.engine.bundle is not None:
        engine_id = engines[found.engine.bundle].manifest.engine_id
    in_force = ScoreLimits(limits.recheck_above, limits.reject_above)
    return Subject(file, station, Place(found.name, recipe), found, engine_id or 0, in_force)


def _view(file: Path, station: Station, name: str | None) -> ViewSection:
    judged = {view.name: view for view in station.view if view.engine is not None}
    if name is None and len(judged) == 1:
        return next(iter(judged.values()))
    if name not in judged:
        expected = f"--view with one of {', '.join(judged)}" if judged else "a view with an engine"
        raise PartsToReview(f"{file}: expected {expected}, got {name or 'none'}")
    return judged[name]
