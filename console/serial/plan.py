"""What the console's process is told."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.section import Section
from gonogo.config.access import AccessSection
from gonogo.config.console import ConsoleSection


class ConsolePlan(Section):
    """The process's one argument. `log`: where the station keeps its log, None: nowhere.

    `records`: `path` of [records], beside which accounts and audit trail lie. `file`: the station
    file by which the station was started, None where it has none.
    """

    station: str
    console: ConsoleSection
    records: Path
    access: AccessSection = AccessSection()
    log: Path | None = None
    file: Path | None = None
