"""`[view.trust]` of the station file: the file with what good pictures of a view look like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section


class TrustSection(Section):
    """What every frame of the view is held against, before it reaches rules or engine.

    Without this section a frame is rejected that is late, flat or a copy, and no other.
    """

    learnt: Path
    """The file that `gonogo learn-view` wrote from good pictures of this view."""
    look_every_s: Annotated[float, Field(ge=0.05, le=3600)] = 1.0
    """Seconds between two frames that are looked at for dead pixels and dust."""
