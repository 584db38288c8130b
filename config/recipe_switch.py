"""A station with another of its recipes in force, and what that decides as one number."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.config.station import Station

FIRST = 1  # the number of what stands in [[view]] itself


def with_recipe(station: Station, number: int) -> Station:
    """The station as that recipe judges; KeyError where it has none of that number."""
    if number == FIRST:
        return station
    recipe = next((r for r in station.recipe if r.number == number), None)
    if recipe is None:
        raise KeyError(number)
    by_name = {view.name: view for view in recipe.view}
    views = tuple(
        view.model_copy(
            # names were checked when the file was read (gonogo.config.recipe): each view is there
            update={"engine": by_name[view.name].engine, "rule": by_name[view.name].rule}
        )
        for view in station.view
    )
    return station.model_copy(update={"view": views})


def others(station: Station) -> dict[int, Station]:
    """The station as each [[recipe]] judges, by number."""
    return {recipe.number: with_recipe(station, recipe.number) for recipe in station.recipe}


def checksum_of(station: Station, sha256: str = "") -> int:
    """A number that changes with all that stands in a station file to judge by in one recipe.

    `sha256`: of the file; what else stands in it may decide, too. What engines and rules have
    learnt is added by those who read it.
    """
    # no secret: it is to change when anything changes
    crc = zlib.crc32(sha256.encode())
    crc = zlib.crc32(station.station.model_dump_json().encode(), crc)
    for view in station.view:
        # as parsed, so that recipes differ though they stand in one file
        crc = zlib.crc32(view.model_dump_json().encode(), crc)
    return crc
