"""What a station file says is made on the box: whether it is there, before a station starts.

A start makes nothing. It would take minutes in which no part is judged, and a picture more in a
folder would exchange the engine that judges; `gonogo prepare` makes it, when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import StationFileError
from gonogo.config.recipe_switch import others
from gonogo.engines.card import read_card

if TYPE_CHECKING:
    from gonogo.config.station import Station
    from gonogo.rules.ruleset import RuleSection


def check_made(station: Station) -> None:
    """In every recipe; ModelError of an engine, StationFileError of an image of a rule."""
    for each in (station, *others(station).values()):
        for view in each.view:
            for rule in view.rule:
                _check_image(rule)
            if view.engine is not None and view.engine.prepare is not None:
                # one that is copied here is read by its process, which says so itself
                read_card(view.engine.file)


def _check_image(rule: RuleSection) -> None:
    if rule.makes is not None and not rule.makes.exists():
        raise StationFileError(
            f"rule '{rule.name}': image: {rule.makes} is missing; a start makes nothing: "
            "`gonogo prepare STATION` learns it from the pictures in learn_from"
        ) from FileNotFoundError(rule.makes)  # the file is right: a service tries again
