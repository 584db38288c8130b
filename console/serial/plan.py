"""What the console's process is told."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.section import Section
from gonogo.config.console import ConsoleSection


class ConsolePlan(Section):
    """The process's one argument. `log`: where the station keeps its log, None: nowhere."""

    station: str
    console: ConsoleSection
    log: Path | None = None
