"""`gonogo limits`: what the rules of a view measure on good and bad parts, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError, PicturesUnfit, StationFileError
from gonogo.base.good_and_bad import (
    BAD,
    GOOD,
    apart,
    listed,
    named_otherwise,
    one_kind,
    too_few,
)
from gonogo.base.picture_folder import LeftOut, oddities, read_pictures
from gonogo.build.drop import without
from gonogo.config.view import fit_of, rules_of
from gonogo.rules.both_sets import Sets, exchanged, expected, limits_from
from gonogo.rules.limits import FEWEST
from gonogo.rules.measured import Measured, measure, refuse_own_pictures
from gonogo.rules.ruleset import open_all, open_gauge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.base.picture_folder import Found, Progress, Read
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.rules.both_sets import Expected, Limits
    from gonogo.rules.ruleset import RuleSection
    from gonogo.rules.window import BoundRule

MOST = 1000  # pictures of a folder: more take minutes and tell little more

EXCHANGED = (
    "the rules reject most of the good parts, or tell hardly a bad one from them: are --good and "
    "--bad exchanged?"
)


class Asked(NamedTuple):
    """What was typed: a view, folders of pictures, good ones to leave out.

    `pool`: all rules look for one thing in several places.
    """

    view: str | None
    good: Path
    bad: Path | None = None
    drop: tuple[Path, ...] = ()
    pool: bool = False


class Proposal(NamedTuple):
    """Limits for each rule of a view, from `good` and `bad` parts; `notes` tell of the pictures.

    `left_out`: what was not measured, by folder.
    """

    view: ViewSection
    rules: tuple[RuleSection, ...]
    good: Measured
    bad: Measured
    limits: tuple[Limits, ...]
    expected: Expected
    left_out: tuple[tuple[str, LeftOut], ...]
    notes: tuple[str, ...]
    doubt: str


def propose(station: Station, asked: Asked, progress: Progress) -> Proposal:
    """Measure all pictures and propose; PicturesUnfit, StationFileError say what is in the way."""
    view = find_view(station, asked.view)
    rules = rules_of(view)
    for folder in filter(None, (asked.good, asked.bad)):
        refuse_own_pictures(rules, folder)
    # all rules that cannot be opened are told at once, before any picture is read
    gauges = open_all(open_gauge, rules, view.camera.geometry, Path())
    sets = _Pictures(view, gauges, progress)
    found = _find(asked)
    good, bad = sets.measure(GOOD, found[0], FEWEST), sets.measure(BAD, found[1], 1)
    both = Sets(rules, good.values, bad.values)
    limits = tuple(limits_from(both, pool=asked.pool))
    doubt = named_otherwise(asked.good, asked.bad) or (EXCHANGED if exchanged(both, limits) else "")
    return Proposal(
        view, rules, good, bad, limits, expected(both, pool=asked.pool), tuple(sets.left_out),
        tuple(sets.notes), doubt,
    )  # fmt: skip


def find_view(station: Station, name: str | None) -> ViewSection:
    """The named view, or the only one, with rules; StationFileError lists what there is."""
    view = named_view(station, name)
    if not view.rule:
        raise StationFileError(f"view '{view.name}' has no [[view.rule]]: nothing to measure")
    return view


def named_view(station: Station, name: str | None) -> ViewSection:
    """The named view, or the only one; StationFileError lists what there is."""
    views = {view.name: view for view in station.view}
    if name is None and len(views) == 1:
        return station.view[0]
    if name not in views:
        raise StationFileError(f"--view: expected one of {sorted(views)}, got {name!r}")
    return views[name]


class _Pictures:
    """Measures the pictures of folders, and remembers what was odd about them."""

    def __init__(self, view: ViewSection, gauges: Sequence[BoundRule], progress: Progress) -> None:
        self._view, self._gauges, self._progress = view, gauges, progress
        self.left_out: list[tuple[str, LeftOut]] = []
        self.notes: list[str] = []

    def measure(self, option: str, found: Found | None, least: int) -> Measured:
        """Every rule on every picture that can be read; PicturesUnfit for too few."""
        if found is None:
            return measure(self._gauges, ())
        left_out = list(found.left_out)
        geometry, fit = self._view.camera.geometry, fit_of(self._view.camera)
        pictures = read_pictures(found, geometry, fit, left_out)
        values = measure(self._gauges, self._counted(option, found, pictures))
        self.left_out += [(option, each) for each in left_out]
        self.notes += [f"{option}: {each}" for each in oddities(found.paths)]
        if values.pictures < least:
            raise too_few(option, found.folder, values.pictures, least, left_out)
        return values

    def _counted(self, option: str, found: Found, pictures: Iterator[Read]) -> Iterator[Read]:
        for done, picture in enumerate(pictures):
            self._progress(f"measuring {option}", done, len(found.paths))
            yield picture
        self._progress(f"measuring {option}", len(found.paths), len(found.paths))


def _find(asked: Asked) -> tuple[Found, Found | None]:
    good = listed(GOOD, asked.good, MOST)
    bad = None if asked.bad is None else listed(BAD, asked.bad, MOST)
    one_kind(good)
    try:
        (kept,) = without(asked.drop, good.paths)
    except BuildError as error:
        raise PicturesUnfit(error.args[0]) from error
    apart(good, bad)
    dropped = tuple(LeftOut(path.name, "by --drop") for path in good.paths if path not in kept)
    return good._replace(paths=tuple(kept), left_out=good.left_out + dropped), bad
