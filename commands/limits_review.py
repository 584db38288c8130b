"""`gonogo limits review`: a person looks at the highest scores, and limits follow from that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from gonogo.base.errors import LimitsNotApplied, PartsToReview

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.partlist import Listed
    from gonogo.build.review.station import Ranked, Words
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


class Review(NamedTuple):
    """What is reviewed: the parts, those that are shown, and how words of them are known."""

    subject: Subject
    files: Files
    found: Ranked
    shown: list[Listed]
    words: Words


def review_limits(wishes: Wishes) -> None:
    """List, ask, propose and apply, as was typed."""
    from gonogo.commands.show.limits import found_lines

    _check(wishes)
    review = begin(wishes)
    for line in found_lines(review):
        click.echo(line)
    if wishes.to_list is not None:
        _list(review, wishes.to_list)
        return
    _answer(review, wishes)
    _propose(review, wishes)


def begin(wishes: Wishes) -> Review:
    """The parts with the highest scores; PartsToReview, RecordsUnreadable, StationFileError."""
    from gonogo.build.review.station import Words, listed, ranked
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
    return Review(subject, files, found, shown, Words(name, alone=len(station.view) == 1))


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


def _check(wishes: Wishes) -> None:
    if wishes.to_list is not None and (wishes.answers is not None or wishes.to_apply):
        raise click.UsageError("--list writes the list alone: answer it, then --answers, --apply")
    if not wishes.to_apply:
        return
    if not wishes.why.strip():
        raise LimitsNotApplied('limits are applied with --why "...": the reason is kept')
    if not (wishes.yes or sys.stdin.isatty()):
        raise LimitsNotApplied(
            "limits are applied by a person: expected a terminal, or --yes of somebody who has "
            "read the proposal"
        )


def _list(review: Review, path: Path) -> None:
    from gonogo.build.review.partlist import LABELS, sheet, write_parts
    from gonogo.engines.card import replace_file

    picture = path.with_suffix(".png")
    title = f"{review.words.view}: the {len(review.shown)} highest of {len(review.found.parts)}"
    replace_file(picture, sheet(f"{title} - good or bad?", review.shown))
    write_parts(path, review.subject.engine_id, review.shown)
    click.echo(f"{path}: {len(review.shown)} parts, the highest score first; {picture} shows them")
    click.echo("write into the column 'label' of every row:")
    for label, what in LABELS.items():
        click.echo(f"  {label:<6} {what}")
    click.echo(f"then the same command with --answers {path} in place of --list")


def _answer(review: Review, wishes: Wishes) -> None:
    """Have what is not said yet said, by a list or at the terminal."""
    from gonogo.build.review.partlist import read_parts
    from gonogo.commands.limits_asking import Asking, ask, take

    # read whole before anything is written down
    rows = [] if wishes.answers is None else read_parts(
        wishes.answers, review.subject.engine_id, review.shown
    )  # fmt: skip
    if wishes.answers is None and wishes.yes:
        return
    asking = Asking(review)
    if wishes.answers is None:
        ask(asking)
    else:
        take(asking, rows)


def _propose(review: Review, wishes: Wishes) -> None:
    from gonogo.build.review.proposal import propose
    from gonogo.build.review.station import known, said
    from gonogo.commands.limits_change import apply_limits
    from gonogo.commands.show.limits import proposal_lines
    from gonogo.records.dispositions.reading import beside_records

    subject, parts = review.subject, review.found.parts
    told = said(beside_records(review.files.path), parts, review.words)
    proposal = propose(known(parts, told, wishes.top), subject.in_force)
    for line in proposal_lines(proposal, subject.in_force):
        click.echo(line)
    if wishes.to_apply:
        apply_limits(subject, proposal, yes=wishes.yes)
    else:
        click.echo('written nowhere: --apply --why "..." writes them into the station file')
