"""What was typed of a review, and the parts that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.limits.session import Session


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
    out: Path | None = None
    key: Path | None = None
    backend: str | None = None


def begin(wishes: Wishes) -> Session:
    """The parts with the highest scores; PartsToReview, RecordsUnreadable, StationFileError."""
    from gonogo.commands.station_files import station_file
    from gonogo.console.limits.session import session_of
    from gonogo.console.limits.subject import subject_of

    file = station_file(wishes.station)
    subject = subject_of(file, wishes.view, wishes.recipe, wishes.backend)
    session = session_of(subject, wishes.first, wishes.top)
    for note in session.files.notes.values():
        click.echo(f"warning: {note}", err=True)
    return session
