"""What the process that works out why is told of a station: its rules, and where engines lie."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section
from gonogo.engines.section import EnginesSection
from gonogo.rules.ruleset import RuleSection


class WhyView(Section):
    """One view in one recipe: `model`: its engine, where that is a file."""

    name: str
    calibration: Path | None = None
    model: Path | None = None
    rule: tuple[RuleSection, ...] = ()


class WhyPlan(Section):
    """`views` by recipe; the first recipe stands for those that are not there any more."""

    engines: EnginesSection | None
    recipes: Annotated[dict[int, tuple[WhyView, ...]], Field(min_length=1)]
