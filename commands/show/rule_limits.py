"""Limits of rules as lines: what is typed into the station file, and all else as a remark there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.base.picture_folder import LeftOut, left_out_words
from gonogo.rules.both_sets import rejected, stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.commands.limits import Proposal
    from gonogo.rules.both_sets import Limits

SHOWN = 10  # pictures by name


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """All of a proposal; a line that is no remark is a key of the rule named above it."""
    yield from (f"# {note}" for note in proposal.notes)
    yield from _left_out(proposal.left_out)
    if proposal.doubt:
        yield f"# WARNING: {proposal.doubt}"
    for number in range(len(proposal.rules)):
        yield from _rule(proposal, number)
    yield from _together(proposal)


def key_lines(limits: Limits) -> Iterator[str]:
    """As they are typed into the section of a rule."""
    for key, value in (("low", limits.low), ("high", limits.high)):
        if math.isfinite(value):
            yield f"{key} = {value:.10g}"


def _left_out(left_out: Sequence[tuple[str, LeftOut]]) -> Iterator[str]:
    for option in dict.fromkeys(option for option, _ in left_out):
        of_it = [each for its, each in left_out if its == option]
        yield from (f"# {option}: {line}" for line in left_out_words(of_it))


def _rule(proposal: Proposal, number: int) -> Iterator[str]:
    rule, limits, values = (
        proposal.rules[number], proposal.limits[number], proposal.good.values[number]
    )  # fmt: skip
    found = limits.from_good
    if found is None:
        yield f"# {rule.name}: no limits: {limits.why_not}"
    else:
        yield f"# {rule.name}: {found.measured} measured, centre {found.centre:.4g} {rule.unit}"
        yield from key_lines(limits)
        if math.isinf(limits.low) and math.isinf(limits.high):
            yield "# no limits: good parts differ over all that it can measure"
        yield from _caught(proposal, number)
        yield from _suspects(proposal, number)
    blind = [name for name, value in zip(proposal.good.names, values, strict=True)
             if not math.isfinite(value)]  # fmt: skip
    if blind:
        yield f"# could not measure: {', '.join(blind)}"


def _caught(proposal: Proposal, number: int) -> Iterator[str]:
    bad = proposal.bad
    if not bad.pictures:
        return
    count = int(proposal.limits[number].reject(bad.values[number]).sum())
    found = proposal.limits[number].from_good
    drawn = found is not None and proposal.limits[number][:2] != (found.low, found.high)
    why = "; drawn in towards the good ones for that" if drawn else ""
    yield f"# rejects {count} of {bad.pictures} bad parts{why}"


def _suspects(proposal: Proposal, number: int) -> Iterator[str]:
    found, names = proposal.limits[number].from_good, proposal.good.names
    for at in () if found is None else found.suspects:
        # pooled values are those of one rule after the other: the pictures come round again
        value = (
            proposal.good.values.ravel()[at] if at >= len(names) else _value(proposal, number, at)
        )
        name = names[at % len(names)]
        yield (
            f"# look at {name}: {value:.4g} is far off; it was not left out, the limits reach to "
            f"it: --drop {name} leaves it out"
        )


def _value(proposal: Proposal, number: int, at: int) -> float:
    pooled = proposal.limits[number].from_good
    several = pooled is not None and pooled.measured + pooled.unmeasured > proposal.good.pictures
    return float(proposal.good.values[0 if several else number, at])


def _together(proposal: Proposal) -> Iterator[str]:
    """What all rules of the view together are expected to cost and to catch."""
    overkill, escape = proposal.expected
    yield "# expected of parts to come, all rules together, counted on parts left out in turn:"
    yield f"#   overkill {overkill or 'not known: too few good parts to leave any out'}"
    if not proposal.bad.pictures:
        yield "#   escape not known: no bad parts were given (--bad DIR)"
    else:
        yield f"#   escape {escape or 'not known: too few good parts'}"
        yield from _missed(proposal)
    yield from _now(proposal)


def _missed(proposal: Proposal) -> Iterator[str]:
    out = rejected(proposal.limits, proposal.bad.values)
    names = [name for name, caught in zip(proposal.bad.names, out, strict=True) if not caught]
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield (
            f"# no rule tells {len(names)} bad parts from good ones: "
            f"{', '.join(names[:SHOWN])}{more}; see with gonogo measure what differs, and add a "
            "rule or an engine for it"
        )


def _now(proposal: Proposal) -> Iterator[str]:
    """The same parts by the limits in the station file, where every rule has some."""
    limits = stated(proposal.rules)
    if limits is None:
        return
    good, bad = (int(rejected(limits, each.values).sum()) for each in (proposal.good, proposal.bad))
    yield (
        f"# by the limits in the station file now: {good} of {proposal.good.pictures} good parts "
        f"rejected, {proposal.bad.pictures - bad} of {proposal.bad.pictures} bad parts accepted"
    )
