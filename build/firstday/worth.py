"""How good a new station is by its own pictures, in sentences, with their interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.firstday.choose import rejected

if TYPE_CHECKING:
    from gonogo.build.firstday.choose import Measurements
    from gonogo.build.firstday.judged import Expected, Judges

WANTED = 0.05  # of each: what a rehearsal calls good enough where a station file says nothing
FEW = 30  # good parts: of fewer the limits are wide
ESCAPE = (
    "too many bad parts would pass: light that shows the defect, more pictures of good parts, or a "
    "model of your own (gonogo build) are what helps"
)
OVERKILL = (
    "too many good parts would not be accepted: more pictures of good parts that lie alike under "
    "one light are what helps"
)


def worth(judges: Judges, found: Expected, values: Measurements) -> list[str]:
    """What is expected of parts to come, counted on parts left out; the last line sums it up."""
    return [_good(found), _bad(judges, found, values), *_few(values), _verdict(found)]


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


def _few(values: Measurements) -> list[str]:
    good = values.good.shape[1]
    few = f"{good} good parts say little of those to come: bring {FEW} or more"
    return [few] if good < FEW else []


def _verdict(found: Expected) -> str:
    """By the interval: what so few parts do not tell is not said."""
    sides = [(found.overkill, OVERKILL)]
    if found.escape is not None:
        sides.insert(0, (found.escape, ESCAPE))
    surely = [words for side, words in sides if side.low > WANTED]
    if surely:
        return f"NOT GOOD ENOUGH YET: {'; '.join(surely)}"
    perhaps = [words for side, words in sides if side.share > WANTED]
    if perhaps:
        return f"perhaps good enough, so few parts do not tell; if not, {'; '.join(perhaps)}"
    if found.escape is None:
        return "good parts pass it; photograph bad ones to know what it stops"
    return "good enough, as far as these parts tell; a line of good and bad parts tells more"
