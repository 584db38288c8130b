"""Recipes: named sets of engine, rules and thresholds, one of which is in force.

The [[view]]s of a station file are recipe 1; a [[recipe]] replaces what judges them.
Cameras, geometry and the engines' places stay as they are.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gonogo.base.section import Section
from gonogo.engines.section import EngineSection
from gonogo.ipc.journal import MAX_CHECKS
from gonogo.rules.ruleset import RuleSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection

FIRST = 1  # the number of what stands in [[view]] itself


class RecipeViewSection(Section):
    """What judges one view in this recipe; `name` is that of its [[view]]."""

    name: str
    engine: EngineSection | None = None
    rule: tuple[RuleSection, ...] = ()


class RecipeSection(Section):
    """A recipe: the number by which the PLC asks for it, and its views, all of them."""

    number: Annotated[int, Field(ge=2, le=65535)]
    name: Annotated[str, Field(min_length=1, max_length=40)]
    view: Annotated[tuple[RecipeViewSection, ...], Field(min_length=1)]


def problem(recipes: Sequence[RecipeSection], views: Sequence[ViewSection]) -> str:
    """What is wrong with the recipes of a station with these views; '' where nothing is."""
    numbers = [recipe.number for recipe in recipes]
    if len(set(numbers)) != len(numbers):
        return f"recipe: expected a number of its own for every [[recipe]], got {numbers}"
    for recipe in recipes:
        found = _problem_of(recipe, views)
        if found:
            return f"recipe {recipe.number} ('{recipe.name}'): {found}"
    return ""


def _problem_of(recipe: RecipeSection, views: Sequence[ViewSection]) -> str:
    wanted, got = [view.name for view in views], [view.name for view in recipe.view]
    if sorted(wanted) != sorted(got):
        return f"expected a [[recipe.view]] for each of {wanted}, got {got}"
    judged = {view.name for view in views if view.engine is not None}
    here = {view.name for view in recipe.view if view.engine is not None}
    if judged != here:
        return (
            f"expected an engine for the same views as in [[view]] ({sorted(judged) or 'none'}), "
            f"got {sorted(here) or 'none'}"
        )
    if any(view.engine is None and not view.rule for view in recipe.view):
        return "expected an engine or a rule in every view, got a view that nothing judges"
    rules = sum(len(view.rule) for view in recipe.view)
    return "" if rules <= MAX_CHECKS else f"expected at most {MAX_CHECKS} rules, got {rules}"


def bundles_of(views: Sequence[ViewSection], recipes: Sequence[RecipeSection]) -> list[str]:
    """The installed engines that views and recipes name, each once."""
    judged = [view.engine for view in views]
    judged += [view.engine for recipe in recipes for view in recipe.view]
    named = (engine.bundle for engine in judged if engine is not None)
    return list(dict.fromkeys(name for name in named if name is not None))


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
    crc = zlib.crc32(sha256.encode())
    crc = zlib.crc32(station.station.model_dump_json().encode(), crc)
    for view in station.view:
        crc = zlib.crc32(view.model_dump_json().encode(), crc)
    return crc
