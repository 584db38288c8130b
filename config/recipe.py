"""Recipes: named sets of engine, rules and thresholds, one of which is in force.

The [[view]]s of a station file are recipe 1; a [[recipe]] replaces what judges them.
Cameras, geometry and the engines' places stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gonogo.base.section import Section
from gonogo.config.rule_room import room_problem
from gonogo.engines.section import EngineSection
from gonogo.rules.ruleset import RuleSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.config.view import ViewSection


class RecipeViewSection(Section):
    """What judges one view in this recipe; `name` is that of its [[view]]."""

    name: str
    """The view that it is about."""
    engine: EngineSection | None = None
    """Its engine in this recipe."""
    rule: tuple[RuleSection, ...] = ()
    """Its rules in this recipe."""


class RecipeSection(Section):
    """A recipe: the number by which the PLC asks for it, and its views, all of them."""

    number: Annotated[int, Field(ge=2, le=65535)]
    """By which the PLC asks for it; 1 is what stands in [[view]]."""
    name: Annotated[str, Field(min_length=1, max_length=40)]
    """Names it in messages."""
    view: Annotated[tuple[RecipeViewSection, ...], Field(min_length=1)]
    """Its views: all of them, by the same names."""


def problem(recipes: Sequence[RecipeSection], views: Sequence[ViewSection]) -> str:
    """What is wrong with the recipes of a station with these views; '' where nothing is."""
    numbers = [recipe.number for recipe in recipes]
    # the PLC asks by number: two of one number, and nobody knows which judges
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
    # places of engines are made at the start: a recipe can load another, not add one
    if judged != here:
        return (
            f"expected an engine for the same views as in [[view]] ({sorted(judged) or 'none'}), "
            f"got {sorted(here) or 'none'}"
        )
    if any(view.engine is None and not view.rule for view in recipe.view):
        return "expected an engine or a rule in every view, got a view that nothing judges"
    return room_problem([rule for view in recipe.view for rule in view.rule])


def bundles_of(views: Sequence[ViewSection], recipes: Sequence[RecipeSection]) -> list[str]:
    """The installed engines that views and recipes name, each once."""
    judged = [view.engine for view in views]
    judged += [view.engine for recipe in recipes for view in recipe.view]
    # engines from model files have none
    named = (engine.bundle for engine in judged if engine is not None)
    return list(dict.fromkeys(name for name in named if name is not None))
