"""What the station file says of its log: [log]."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gonogo.base.section import Section


class LogSection(Section):
    """In which form messages go to stderr, how many, and where they are kept.

    Without `path` they go to stderr alone: on a box with systemd into its journal. With it a
    process of its own writes them to files, which `gonogo log` reads.
    """

    form: Literal["auto", "console", "json"] = "auto"
    """On stderr: sentences, or lines of JSON; auto is sentences on a terminal, JSON elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is said."""
    path: Path | None = None
    """The file in which they are kept as lines of JSON; left out, stderr is all there is."""
    file_mb: Annotated[float, Field(ge=0.1, le=1000)] = 10.0
    """How large that file may grow before the next one is begun."""
    files: Annotated[int, Field(ge=2, le=100)] = 5
    """How many there are with the ones before, which end in .1 (the newest of them) and so on."""

    @property
    def number(self) -> int:
        """The level as the standard library counts it."""
        found: int = getattr(logging, self.level.upper())
        return found
