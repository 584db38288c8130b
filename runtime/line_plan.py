"""What the line process is told at its start."""

from __future__ import annotations

from pydantic import Field

from gonogo.base.section import Section
from gonogo.config.station import Station
from gonogo.engines.section import ViewLimits


class LinePlan(Section):
    """The process's one argument; `limits` has one entry a view, None where no engine is.

    `recipe_limits`: the same of every recipe but the first. `checksums`: of what each recipe
    judges by, its number first.
    `fell_back`: the station file is wrong, and this is the last good one.
    """

    station: Station
    limits: tuple[ViewLimits | None, ...]
    recipe_limits: dict[int, tuple[ViewLimits | None, ...]] = Field(default_factory=dict)
    checksums: dict[int, int] = Field(default_factory=dict)
    fell_back: bool = False
