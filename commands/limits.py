"""`gonogo limits`: what the rules of a view measure on good parts, and limits that follow."""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import StationFileError
from gonogo.config.view import fit_of
from gonogo.rules.good_images import image_files
from gonogo.rules.limits import measure_folder, propose_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.rules.ruleset import RuleSection


def propose_limits(
    station: Station, view: str | None, good: Path, *, pool: bool, say: Callable[[str], None]
) -> None:
    """Say limits for every rule of a view; `pool` puts the values of all rules together.

    Pooling is for one component in several places, such as four screws.
    """
    chosen = find_view(station, view)
    values = [_measure(rule, chosen, good) for rule in chosen.rule]
    if pool:
        values = [list(chain.from_iterable(values))] * len(values)
    names = [path.name for path in image_files(good)]
    for rule, measured in zip(chosen.rule, values, strict=True):
        found = propose_for(rule, measured)
        say(f"# {rule.name}: {found.measured} measured, centre {found.centre:.4g}")
        say(f"low = {found.low:.4g}\nhigh = {found.high:.4g}")
        for place in found.suspects:
            say(f"# look at {names[place % len(names)]}: {measured[place]:.4g} is far off")
        unmeasured = [k for k, value in enumerate(measured) if not math.isfinite(value)]
        if unmeasured:
            say(f"# could not measure: {', '.join(names[k % len(names)] for k in unmeasured)}")


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
    return measure_folder(rule, view.camera.geometry, good, Path(), fit_of(view.camera))
