"""How good a new station is by its own pictures, in sentences, with their interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.firstday.choose import rejected

if TYPE_CHECKING:
    from gonogo.build.firstday.choose import Measurements
    from gonogo.build.firstday.judged import Expected, Judges

WANTED = 0.05  # of each: what a rehearsal calls good enough where a station file says nothing
FEW = 30  # good parts: of fewer the limits are wide


def worth(judges: Judges, found: Expected, values: Measurements) -> list[str]:
    """What is expected of parts to come, counted on parts left out; what would make it better."""
    lines = [_good(found), _bad(judges, found, values), *_better(found, values)]
    return [line for line in lines if line]


def _good(found: Expected) -> str:
    return (
        f"of good parts to come about {found.overkill} would not be accepted: counted on good "
        "parts that were left out in turn"
    )


def _bad(judges: Judges, found: Expected, values: Measurements) -> str:
    if found.escape is None:
        return (
            "how many bad parts would pass nobody knows: there were no bad pictures (--bad); the "
            "rules hold together what the good parts have in common"
        )
    told = int(rejected(judges.rules, values.bad).sum())
    return (
        f"of bad parts like these about {found.escape} would pass: counted on bad parts that were "
        f"left out in turn; the rules reject {told} of {values.bad.shape[1]}"
        + (", the engine judges the rest" if told < values.bad.shape[1] else "")
    )


def _better(found: Expected, values: Measurements) -> list[str]:
    lines = []
    good = values.good.shape[1]
    if good < FEW:
        lines.append(f"{good} good parts say little of those to come: bring {FEW} or more")
    if found.escape is not None and found.escape.share > WANTED:
        lines.append(
            "NOT GOOD ENOUGH YET: too many bad parts would pass; light that shows the defect, more "
            "pictures of good parts, or a model of your own (gonogo build) are what helps"
        )
    if found.overkill.share > WANTED:
        lines.append(
            "too many good parts would not be accepted: bring more pictures of good parts, and see "
            "that they lie alike under one light"
        )
    return lines
