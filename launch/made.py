"""What a station file says is made on the box: whether it is there, before a station starts.

A start makes nothing. It would take minutes in which no part is judged, and a picture more in a
folder would exchange the engine that judges; `gonogo prepare` makes it, when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import StationFileError
from gonogo.config.recipe_switch import others
from gonogo.engines.card import is_whole, read_card
from gonogo.rules.seal import seal_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.rules.ruleset import RuleSection


class Unmade(NamedTuple):
    """What is to be made: engine files, each once, in the order in which they are made; images."""

    engines: tuple[Path, ...]
    images: tuple[Path, ...]


def check_made(station: Station) -> None:
    """In every recipe; ModelError of an engine, StationFileError of an image of a rule."""
    for rules, engine in _made(station):
        for rule in rules:
            _check_image(rule)
        if engine is not None:
            read_card(engine)


def unmade(station: Station) -> Unmade:
    """In every recipe, also images whose seal is gone; nothing of what makes them is imported."""
    engines: dict[Path, None] = {}
    images: dict[Path, None] = {}
    for rules, engine in _made(station):
        images.update(
            (rule.makes, None) for rule in rules if rule.makes and not _sealed(rule.makes)
        )
        if engine is not None and not is_whole(engine):
            engines[engine] = None
    return Unmade(tuple(engines), tuple(images))


def _made(station: Station) -> Iterator[tuple[tuple[RuleSection, ...], Path | None]]:
    """Of each view of each recipe its rules, and the file of an engine that is made here."""
    for each in (station, *others(station).values()):
        for view in each.view:
            engine = view.engine
            # one that is copied here is read by its process, which says so itself
            made = engine.file if engine is not None and engine.prepare is not None else None
            yield tuple(view.rule), made


def _sealed(image: Path) -> bool:
    # a power cut between the two leaves an image that nobody takes
    return image.exists() and seal_path(image).exists()


def _check_image(rule: RuleSection) -> None:
    if rule.makes is not None and not rule.makes.exists():
        raise StationFileError(
            f"rule '{rule.name}': image: {rule.makes} is missing; a start makes nothing: "
            "`gonogo prepare STATION` learns it from the pictures in learn_from"
        ) from FileNotFoundError(rule.makes)  # the file is right: a service tries again
