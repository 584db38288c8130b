"""Good pictures that stand out in what the rules measure: named, to be looked at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gonogo.build.listed import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.firstday.choose import Measurements
    from gonogo.rules.limits import RuleLimits

SHOWN = 3
FEWEST = 10  # pictures: of fewer nobody knows which one is odd
SHARE = 0.2  # of the measures in which a picture must be far off
PLAIN = ("dimension", "colour")


def odd_pictures(
    values: Measurements, fits: Sequence[RuleLimits | None], names: Sequence[str]
) -> list[str]:
    """A sentence where some good pictures are far off in several measures; none else."""
    if len(names) < FEWEST:
        return []
    counts: Counter[int] = Counter()
    measures = 0
    for candidate, fit in zip(values.candidates, fits, strict=True):
        if fit is not None and candidate.keys["kind"] in PLAIN:
            counts.update(fit.suspects)
            measures += 1
    # a measure is off by chance now and then
    found = [names[k] for k, often in counts.most_common() if often > max(1, SHARE * measures)]
    if not found:
        return []
    line = (
        f"--good: look at {listed(found, SHOWN)}: far off from the others; a picture that shows no "
        "good part widens every limit: take it out, and make the station again"
    )
    return [line]
