"""`gonogo limits`: what the rules of a view measure on good parts, and limits that follow."""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import StationFileError
from gonogo.config.view import fit_of, rules_of
from gonogo.rules.good_images import image_files
from gonogo.rules.limits import measure_folder, propose_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.rules.ruleset import RuleSection


class Proposal(NamedTuple):
    """Limits for one rule in its unit, from so many `measured` values around `centre`.

    `far_off`: images whose value lies far from the others, with it. `unmeasured`: images.
    """

    rule: str
    low: float
    high: float
    centre: float
    measured: int
    far_off: tuple[tuple[str, float], ...]
    unmeasured: tuple[str, ...]


def propose_limits(
    station: Station, view: str | None, good: Path, *, pool: bool, say: Callable[[str], None]
) -> None:
    """Say limits for every rule of a view; `pool` puts the values of all rules together.

    Pooling is for one component in several places, such as four screws.
    """
    for found in proposals(find_view(station, view), good, pool=pool):
        say(f"# {found.rule}: {found.measured} measured, centre {found.centre:.4g}")
        # as it is typed into the section; all else is a comment there
        say(f"low = {found.low:.4g}\nhigh = {found.high:.4g}")
        for name, value in found.far_off:
            say(f"# look at {name}: {value:.4g} is far off")
        if found.unmeasured:
            say(f"# could not measure: {', '.join(found.unmeasured)}")


def proposals(view: ViewSection, good: Path, *, pool: bool) -> list[Proposal]:
    """For each rule of a view, from the images in `good`."""
    # one list a rule, in the order of the image files: what cannot be measured is a nan in its
    # place
    rules = rules_of(view)
    values = [_measure(rule, view, good) for rule in rules]
    if pool:
        # each rule is proposed the same: it keeps its own name and unit
        values = [list(chain.from_iterable(values))] * len(values)
    names = [path.name for path in image_files(good)]
    pairs = zip(rules, values, strict=True)
    return [_proposal(rule, measured, names) for rule, measured in pairs]


def _proposal(rule: RuleSection, measured: Sequence[float], names: Sequence[str]) -> Proposal:
    found = propose_for(rule, measured)

    def image(at: int) -> str:
        # pooled values are those of one rule after the other: the images come round again
        return names[at % len(names)]

    return Proposal(
        rule=rule.name,
        low=found.low,
        high=found.high,
        centre=found.centre,
        measured=found.measured,
        far_off=tuple((image(at), measured[at]) for at in found.suspects),
        unmeasured=tuple(image(k) for k, value in enumerate(measured) if not math.isfinite(value)),
    )


def find_view(station: Station, name: str | None) -> ViewSection:
    """The named view, or the only one; StationFileError lists what there is."""
    views = {view.name: view for view in station.view}
    if name is None and len(views) == 1:
        return station.view[0]
    if name not in views:
        raise StationFileError(f"--view: expected one of {sorted(views)}, got {name!r}")
    if not views[name].rule:
        raise StationFileError(f"view '{name}' has no [[view.rule]]: nothing to measure")
    return views[name]


def _measure(rule: RuleSection, view: ViewSection, good: Path) -> list[float]:
    # paths of a loaded station are absolute already
    return measure_folder(rule, view.camera.geometry, good, Path(), fit_of(view.camera))
