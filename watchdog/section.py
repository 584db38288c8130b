"""What the station file says of its watchdogs and of maintenance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gonogo.runtime.section import Section


class WatchdogSection(Section):
    """The hardware watchdog, where the box has one: it resets the box when cycles stop."""

    device: Path | None = None
    timeout_s: Annotated[int, Field(ge=2, le=300)] = 10


class MaintenanceSection(Section):
    """`key_sha256`: SHA-256 of the key that unlocks fault injection; left out, it is locked."""

    key_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
