"""What the engine process is told at its start."""

from __future__ import annotations

from pathlib import Path

from gonogo.runtime.realtime import RealtimeSection
from gonogo.runtime.section import Section


class ViewPlan(Section):
    """One view that has an engine: its ring's geometry and its model."""

    view: int
    height_px: int
    width_px: int
    channels: int
    model: Path
    backend: str
    threads: int


class HostPlan(Section):
    """The process's one argument."""

    station: str
    place: int
    views: tuple[ViewPlan, ...]
    realtime: RealtimeSection
