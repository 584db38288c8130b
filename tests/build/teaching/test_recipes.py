"""Which recipe a method is."""

from __future__ import annotations

from gonogo.build.teaching.recipes import FILTERS, METHODS, PRETRAINED, recipe_for
from gonogo.build.teaching.weights import installed


def test_recipe_for_a_method_is_what_was_asked_for() -> None:
    """Never the other one in its place; auto is the better one that is there."""
    assert recipe_for("filters") is FILTERS
    assert recipe_for("pretrained") is PRETRAINED
    assert recipe_for("auto") is (PRETRAINED if installed() else FILTERS)
    assert METHODS[0] == "auto"


def test_recipes_say_whose_work_they_are_and_what_they_hardly_see() -> None:
    """For the card: the package and its licence where there is one."""
    assert "Apache-2.0" in PRETRAINED.credit
    assert len(PRETRAINED.weights) == 64
    assert not FILTERS.credit
    assert all("hardly sees" in recipe.limits_of for recipe in (PRETRAINED, FILTERS))
