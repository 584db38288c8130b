"""Score limits into the station file, and taken back: shown, agreed to, and told in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import LimitsNotApplied
from gonogo.commands.auditing import audited, of_station

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.review.proposal import Proposal
    from gonogo.commands.limits_subject import Subject
    from gonogo.config.limits_applying import Change

WHEN = (
    "a station that runs judges by its former limits until it is started again: it reads its file "
    "at the start alone"
)


def apply_limits(subject: Subject, proposal: Proposal, *, yes: bool) -> None:
    """Write the limits of a model file, once a person has agreed; LimitsNotApplied."""
    from gonogo.config.limits_applying import apply, planned
    from gonogo.config.limits_in_file import limits_in

    limits = proposal.limits
    change = planned(subject.file, subject.place, limits, limits_in(subject.view.engine))
    if change.after == change.before:
        click.echo("the station file has these limits already")
        return
    told = {
        "expected": proposal.expected.expected(), "how": proposal.expected.how,
        "in force before": list(subject.in_force[:2]),  # also where they were the card's
    }  # fmt: skip
    changed(change, "limits", yes=yes, told=told,
             do=lambda: apply(change, lambda copy: _check(copy, change, subject)))  # fmt: skip
    click.echo(f"{change.path}: limits written. `gonogo limits undo` takes them back; {WHEN}")


def undo_limits(station: Path, *, yes: bool) -> None:
    """Write what stood there before the last limits; NothingToUndo, LimitsNotApplied."""
    import sys

    from gonogo.config.limits_applying import last, undo
    from gonogo.config.station import load_station

    if not (yes or sys.stdin.isatty()):
        raise LimitsNotApplied("limits are taken back by a person: expected a terminal, or --yes")
    change = last(station)
    changed(
        change,
        "limits undo",
        yes=yes,
        told={},
        do=lambda: undo(change, lambda copy: load_station(copy, change.folder)),
    )
    click.echo(f"{change.path}: as it was before the limits were applied; {WHEN}")


def changed(
    change: Change, what: str, *, yes: bool, told: dict[str, Any], do: Callable[[], None]
) -> None:
    """Show what differs, have it agreed to, and do it between two rows of the audit trail."""
    from gonogo.commands.show.limits import diff_lines
    from gonogo.config.station import load_station
    from gonogo.ipc.last_good_file import digest

    for line in diff_lines(change):
        click.echo(line)
    if not yes and not click.confirm("write this into the station file?"):
        raise LimitsNotApplied(f"{change.path}: not agreed to; it is as it was")
    where = {"file": change.path, "view": change.place.view, "recipe": change.place.recipe}
    old = {**where, **change.old, "sha256": digest(change.before)}
    new = {**where, **change.new, "sha256": digest(change.after), **told}
    with audited(of_station(load_station(change.path, change.folder)), what, new, old):
        do()


def _check(copy: Path, change: Change, subject: Subject) -> None:
    """The copy is a station file that is right, and judges by these limits."""
    from gonogo.commands.limits_subject import subject_of

    limits = change.new["recheck_above"], change.new["reject_above"]
    place = change.place
    found = subject_of(copy, place.view, place.recipe, folder=change.folder).in_force
    if found[:2] != limits:
        raise LimitsNotApplied(
            f"{subject.file}: with the new limits it would judge by {found[:2]}, expected "
            f"{limits}; type them in"
        )
