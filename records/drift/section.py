"""What the station file says of drift: [records.drift]."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section


class DriftSection(Section):
    """Charts whether what was decided still holds, in a process of its own; left out, nobody does.

    It reads the rows of the parts, and a frame of each view now and then. An alarm is a warning:
    FAULT drift at the PLC, which stops nothing.
    """

    look_every_s: Annotated[float, Field(ge=0.5, le=60)] = 5.0
    """How often a frame of each view is measured: light, sharpness, noise and, where the engine
    gives one, its embedding."""
    reviews: bool = True
    """Whether a shift with rejects, of which nobody has reviewed any by the end of the next shift,
    is an alarm."""

    def in_words(self) -> str:
        """For whoever checks a station file."""
        return (
            f"drift: charted from the records, and from a frame of each view every "
            f"{self.look_every_s:g} s; the first 160 hours of production are its reference"
        )
