"""Numbers of rules into the station file: what differs is shown, `limits undo` takes it back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import PicturesUnfit, RuleLimitsUnknown

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.commands.limits import Proposal
    from gonogo.config.rule_keys_in_file import RuleKeys

KEYS = ("low", "high")


def write_limits(station: Path, proposal: Proposal) -> None:
    """Write what was proposed; LimitsNotApplied, PicturesUnfit leave the file as it was.

    A rule for which nothing follows keeps what it has.
    """
    if proposal.doubt:
        raise PicturesUnfit(f"{proposal.doubt} Nothing was written")
    pairs = list(zip(proposal.rules, proposal.limits, strict=True))
    known = [(rule, limits) for rule, limits in pairs if limits.known]
    old = {rule.name: dict(zip(KEYS, (rule.low, rule.high), strict=True)) for rule, _ in known}
    new = {rule.name: dict(zip(KEYS, map(_end, limits[:2]), strict=True)) for rule, limits in known}
    write_keys(station, proposal.view.name, new, old)


def write_keys(station: Path, view: str, new: RuleKeys, old: RuleKeys) -> None:
    """Write numbers of rules of a view; `old`: what the file says of them."""
    from gonogo.commands.auditing import given_why
    from gonogo.config.limits_applying import planned_rules
    from gonogo.console.limits import change as writing

    change = planned_rules(station, view, new, old)
    if change.after == change.before:
        click.echo("the station file says that already")
        return
    for line in writing.diff_lines(change):
        click.echo(line)
    writing.apply_rules(change, writing.Asking(given_why()))
    click.echo(f"{change.path}: written. `gonogo limits undo` takes it back; {writing.WHEN}")


def refuse_unknown(proposal: Proposal) -> None:
    """RuleLimitsUnknown with every rule for which no limits follow."""
    without = [
        f"rule '{rule.name}': {limits.why_not or 'good parts differ over all that it can measure'}"
        for rule, limits in zip(proposal.rules, proposal.limits, strict=True)
        if not limits.known
    ]
    if without:
        lines = "\n".join(without)
        raise RuleLimitsUnknown(f"{len(without)} of {len(proposal.rules)} rules:\n{lines}")


def _end(value: float) -> float | None:
    """A side without a limit has no key."""
    return value if math.isfinite(value) else None
