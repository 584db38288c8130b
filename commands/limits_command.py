"""`gonogo limits`: of rules from good images, and of an engine's scores from parts that passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gonogo.commands.auditing import given_why, why
from gonogo.commands.implied import Implied

FILE = click.Path(path_type=Path)
STATION = "the station file; or the name of a station that runs; else the one that runs"


class RulesUnlessSaid(Implied):
    """A word that is no command of it is a station file, whose rules are meant."""

    implied = "rules"


@click.group(cls=RulesUnlessSaid)
def limits() -> None:
    """Propose limits and apply them; `rules` may be left out."""


@limits.command()
@click.argument("station", type=FILE)
@click.option("--view", help="the view's name (the only one)")
@click.option("--good", required=True, type=FILE, help="a folder of pictures of good parts")
@click.option("--bad", type=FILE, help="a folder of pictures of bad parts")
@click.option("--drop", multiple=True, type=FILE,
              help="a good picture to leave out; may be given again")  # fmt: skip
@click.option("--pool", is_flag=True, help="one limit for all rules: the same thing many times")
@click.option("--write", is_flag=True,
              help="write them into the station file, and show what differs")  # fmt: skip
@why
def rules(station: Path, *, write: bool, **given: Any) -> None:  # noqa: ANN401 - one for each option
    """Propose limits for a view's rules from pictures of good parts, and of bad ones.

    Every rule is measured on every picture. A limit leaves room for good parts to come; a bad part
    that is let through, and lies beyond all good ones, draws it in. What all of it is expected to
    cost and to catch stands at the end. What is left out is named, with the reason.
    """
    from gonogo.commands.limits import Asked, propose
    from gonogo.commands.limits_write import refuse_unknown, write_limits
    from gonogo.commands.show.progress import progress_bar
    from gonogo.commands.show.rule_limits import proposal_lines
    from gonogo.config.station import load_station

    with progress_bar(to_stderr=True) as progress:
        proposal = propose(load_station(station), Asked(**given), progress)
    for line in proposal_lines(proposal):
        click.echo(line)
    if write:
        write_limits(station, proposal)
    refuse_unknown(proposal)


@limits.command()
@click.option("--station", help=STATION)
@click.option("--view", help="whose engine: a view's name (the only one that has an engine)")
@click.option("--recipe", default=1, type=click.IntRange(1), show_default=True,
              help="its engine in this recipe; 1 is what stands in [[view]]")  # fmt: skip
@click.option("--first", default=1000, type=click.IntRange(100, 1000), show_default=True,
              help="of the first so many parts that the engine in service scored")  # fmt: skip
@click.option("--top", default=30, type=click.IntRange(1, 1000), show_default=True,
              help="so many with the highest scores are shown")  # fmt: skip
@click.option("--list", "to_list", type=FILE,
              help="write them there as CSV to be labelled, a contact sheet beside it")  # fmt: skip
@click.option("--answers", type=FILE, help="that list, with good, bad or unsure in every row")
@click.option("--apply", "to_apply", is_flag=True,
              help="write them into the station file, or a new bundle; wants --why")  # fmt: skip
@click.option("--out", type=FILE, help="of a bundle: the new one to write, as NAME-1.0.1.gng")
@click.option("--key", type=FILE, help="the private key file that signs it")
@click.option("--backend", help="of a bundle of several forms: which one has scored the parts")
@click.option("--yes", is_flag=True, help="ask nothing: propose, or apply, from what was said")
@why
def review(**given: Any) -> None:  # noqa: ANN401 - one for each option above
    """Look at the parts with the highest scores, and have score limits proposed from that.

    Each is shown, the highest first: good, bad, unsure, back or stop. What was said is kept as
    dispositions, and the next call goes on where this one was left.
    """
    from gonogo.commands.limits_review import review_limits
    from gonogo.commands.limits_subject import Wishes

    review_limits(Wishes(why=given_why(), **given))


@limits.command()
@click.option("--station", help=STATION)
@click.option("--yes", is_flag=True, help="do not ask")
@why
def undo(station: str | None, *, yes: bool) -> None:
    """Take back the limits that were last applied to a station file."""
    from gonogo.commands.limits_change import undo_limits
    from gonogo.commands.station_files import station_file

    undo_limits(station_file(station), yes=yes)


COMMANDS: tuple[click.Command, ...] = (limits,)
"""Limits of rules, and of scores."""
