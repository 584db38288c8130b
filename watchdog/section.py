"""What the station file says of its watchdogs and of maintenance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gonogo.base.maintenance_key import PATTERN
from gonogo.base.section import Section


class WatchdogSection(Section):
    """What is done about processes that hang or grow.

    `device`: the hardware watchdog, where the box has one; it resets the box when cycles
    stop. `growth_mb`: a process that has lost so much memory is exchanged; 0 lets it grow.
    """

    device: Path | None = None
    """The hardware watchdog, which resets the box when cycles stop; left out, there is none."""
    timeout_s: Annotated[int, Field(ge=2, le=300)] = 10
    """How long it waits."""
    growth_mb: Annotated[float, Field(ge=0, le=100_000)] = 500.0
    """A process that has lost so much memory is exchanged; 0 lets it grow."""


class MaintenanceSection(Section):
    """`key_scrypt`: of the key that unlocks faults (`gonogo fault key`); left out, it is locked."""

    key_scrypt: Annotated[str, Field(pattern=PATTERN)] | None = None
    """Of the key that unlocks faults on request; left out, they are locked."""
