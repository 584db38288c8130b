"""Where the station file says parts are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section


class RecordsSection(Section):
    """Where the rows go; one file a month."""

    path: Path
    """Where the SQLite files lie: of `records.sqlite` there is one a month beside it,
    `records-2026-11.sqlite`."""
    # what a power cut may cost is what came since the last poll; 5000: well below the 30 s after
    # which records counts as hung
    poll_ms: Annotated[int, Field(ge=5, le=5000)] = 50
    """How often the journal is looked at."""
