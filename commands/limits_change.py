"""Score limits into the station file, and taken back: shown, and agreed to by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gonogo.base.errors import LimitsNotApplied
from gonogo.commands.auditing import given_why

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.review.proposal import Proposal
    from gonogo.config.limits_applying import Change
    from gonogo.console.limits.subject import Subject


def apply_limits(subject: Subject, proposal: Proposal, *, yes: bool) -> None:
    """Write the limits of a model file, once a person has agreed; LimitsNotApplied."""
    from gonogo.console.limits import change as writing

    change = writing.planned(subject, proposal.limits)
    if change.after == change.before:
        click.echo("the station file has these limits already")
        return
    _agreed(change, yes=yes)
    writing.apply_limits(change, subject, proposal.expected, writing.Asking(given_why()))
    click.echo(
        f"{change.path}: limits written. `gonogo limits undo` takes them back; {writing.WHEN}"
    )


def undo_limits(station: Path, *, yes: bool) -> None:
    """Write what stood there before the last limits; NothingToUndo, LimitsNotApplied."""
    import sys

    from gonogo.config.limits_applying import last
    from gonogo.console.limits import change as writing

    if not (yes or sys.stdin.isatty()):
        raise LimitsNotApplied("limits are taken back by a person: expected a terminal, or --yes")
    change = last(station)
    _agreed(change, yes=yes)
    writing.undo_limits(change, writing.Asking(given_why()))
    click.echo(f"{change.path}: as it was before the limits were applied; {writing.WHEN}")


def _agreed(change: Change, *, yes: bool) -> None:
    """Show what differs, and have it agreed to."""
    from gonogo.console.limits.change import diff_lines

    for line in diff_lines(change):
        click.echo(line)
    if not yes and not click.confirm("write this into the station file?"):
        raise LimitsNotApplied(f"{change.path}: not agreed to; it is as it was")
