"""`gonogo limits review`: a person looks at the highest scores, and limits follow from that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import LimitsNotApplied

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.review.remake import Remake
    from gonogo.commands.limits_subject import Wishes
    from gonogo.console.limits.session import Session


def review_limits(wishes: Wishes) -> None:
    """List, ask, propose and apply, as was typed."""
    from gonogo.commands.limits_bundle import remake_of
    from gonogo.commands.limits_subject import begin
    from gonogo.commands.show.limits import found_lines

    _check(wishes)
    session = begin(wishes)
    # before anybody is asked about parts: what cannot be written is said now
    remake = remake_of(session.subject, wishes) if wishes.to_apply else None
    for line in found_lines(session.review):
        click.echo(line)
    if wishes.to_list is not None:
        _list(session, wishes.to_list)
        return
    _answer(session, wishes)
    _propose(session, wishes, remake)


def _check(wishes: Wishes) -> None:
    if wishes.to_list is not None and (wishes.answers is not None or wishes.to_apply):
        raise click.UsageError("--list writes the list alone: answer it, then --answers, --apply")
    if not wishes.to_apply:
        if wishes.out is not None or wishes.key is not None:
            raise click.UsageError("--out and --key are of --apply: without it nothing is written")
        return
    if not wishes.why.strip():
        raise LimitsNotApplied('limits are applied with --why "...": the reason is kept')
    if not (wishes.yes or sys.stdin.isatty()):
        raise LimitsNotApplied(
            "limits are applied by a person: expected a terminal, or --yes of somebody who has "
            "read the proposal"
        )


def _list(session: Session, path: Path) -> None:
    from gonogo.build.review.partlist import LABELS, sheet, write_parts
    from gonogo.engines.card import replace_file

    review = session.review
    picture = path.with_suffix(".png")
    title = f"{review.words.view}: the {len(review.shown)} highest of {len(review.found.parts)}"
    replace_file(picture, sheet(f"{title} - good or bad?", review.shown))
    write_parts(path, session.subject.engine_id, review.shown)
    click.echo(f"{path}: {len(review.shown)} parts, the highest score first; {picture} shows them")
    click.echo("write into the column 'label' of every row:")
    for label, what in LABELS.items():
        click.echo(f"  {label:<6} {what}")
    click.echo(f"then the same command with --answers {path} in place of --list")


def _answer(session: Session, wishes: Wishes) -> None:
    """Have what is not said yet said, by a list or at the terminal."""
    from gonogo.build.review.partlist import read_parts
    from gonogo.commands.limits_asking import Asking, ask, take

    # read whole before anything is written down
    rows = [] if wishes.answers is None else read_parts(
        wishes.answers, session.subject.engine_id, session.review.shown
    )  # fmt: skip
    if wishes.answers is None and wishes.yes:
        return
    asking = Asking(session)
    if wishes.answers is None:
        ask(asking)
    else:
        take(asking, rows)


def _propose(session: Session, wishes: Wishes, remake: Remake | None) -> None:
    from gonogo.commands.limits_bundle import how, make
    from gonogo.commands.limits_change import apply_limits
    from gonogo.commands.show.limits import proposal_lines

    subject, proposal = session.subject, session.propose()
    for line in proposal_lines(proposal, subject.in_force):
        click.echo(line)
    if remake is not None:
        make(subject, proposal, remake, yes=wishes.yes)
    elif wishes.to_apply:
        apply_limits(subject, proposal, yes=wishes.yes)
    else:
        click.echo(f"written nowhere: {how(subject)}")
