"""What the engine process is told at its start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gonogo.base.realtime import RealtimeSection
from gonogo.base.section import Section
from gonogo.engines.section import EnginesSection, Threads


class ViewPlan(Section):
    """One view that has an engine: its ring's geometry, and its model file or bundle."""

    view: int
    height_px: int
    width_px: int
    channels: int
    # one of the two: the station file's section has checked that
    model: Path | None = None
    bundle: str | None = None
    backend: str  # or auto, as threads
    threads: Threads
    cuda: str = "auto"


class HostPlan(Section):
    """The process's one argument; `recipes` has the views of every recipe but the first.

    `engines`: bundles are taken as ordered for the place; None: all views have model files.
    """

    station: str  # whose shared memory it attaches to
    place: int  # 0 is A, 1 is B
    views: tuple[ViewPlan, ...]
    # a change of recipe ends the process: the next one finds what it must load here
    recipes: dict[int, tuple[ViewPlan, ...]] = Field(default_factory=dict)
    realtime: RealtimeSection
    engines: EnginesSection | None = None
