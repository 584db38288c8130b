"""What the process that works out why is told, of a station file: by whoever may know all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.config.recipe_switch import FIRST, others
from gonogo.console.why.plan import WhyPlan, WhyView

if TYPE_CHECKING:
    from gonogo.config.station import Station


def why_plan(station: Station) -> WhyPlan:
    """What may be asked why, of every recipe."""
    recipes = {FIRST: station, **others(station)}
    return WhyPlan(
        engines=station.engines,
        recipes={
            number: tuple(
                WhyView(
                    name=view.name,
                    calibration=view.calibration,
                    model=None if view.engine is None else view.engine.model,
                    rule=view.rule,
                )
                for view in each.view
            )
            for number, each in recipes.items()
        },
    )
