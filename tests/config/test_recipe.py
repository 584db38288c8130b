"""Recipes in a station file: what must fit together, and what is said when it does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.scores import ScoreLimits
from gonogo.base.words import VerdictKind
from gonogo.config.station import Station, load_station
from gonogo.runtime.decide import Policy

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"


def demo_with(*recipes: dict[str, Any]) -> Station:
    """The demo station with these recipes."""
    return Station.model_validate(load_station(DEMO).model_dump() | {"recipe": recipes})


def recipe(number: int = 2, **view: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the view
    """A recipe that judges the demo's view by one of its rules and its engine."""
    top = load_station(DEMO).view[0]
    judged = {"name": "top", "engine": top.engine, "rule": top.rule[:1]} | view
    return {"number": number, "name": f"number {number}", "view": (judged,)}


@pytest.mark.parametrize(
    ("recipes", "problem"),
    [
        ((recipe(2), recipe(2)), "expected a number of its own for every [[recipe]], got [2, 2]"),
        ((recipe(2, name="side"),), "expected a [[recipe.view]] for each of ['top'], got ['side']"),
        ((recipe(2, engine=None),), "expected an engine for the same views as in [[view]]"),
        ((recipe(1),), "greater than or equal to 2"),
        ((recipe(2) | {"view": ()},), "at least 1 item"),
    ],
)
def test_recipes_that_do_not_fit_are_refused(
    recipes: tuple[dict[str, Any], ...], problem: str
) -> None:
    """The very thing, by number and name."""
    with pytest.raises(ValidationError, match=re.escape(problem)):
        demo_with(*recipes)


def test_word_of_a_policy_is_never_nothing_and_follows_its_engines() -> None:
    """0 in D8 would look like a station that says nothing."""
    one = Policy((ScoreLimits(1.0, 2.0, 7),), VerdictKind.ACCEPT, 1)
    limits = (ScoreLimits(1.0, 2.0, 8), ScoreLimits(1.0, 2.5, 7))
    others = [one._replace(limits=(each,)) for each in limits] + [one._replace(checksum=2)]
    words = {policy.word for policy in (one, *others)}
    assert len(words) == 4
    assert all(0 < word <= 0xFFFF for word in words)
    assert all(0 < one._replace(checksum=k).word <= 0xFFFF for k in range(5000))
