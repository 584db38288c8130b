"""Where the station file says the technician's console is: [console]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.base.section import Section


class ConsoleSection(Section):
    """A console for a technician on a serial port and the local socket, in a process of its own.

    `gonogo console` on a terminal of the box needs no section.
    """

    device: Annotated[str, Field(pattern="^/")]
    """File of the serial port, best one of /dev/serial/by-id, which keeps its name."""
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 115200
    """Bits a second on the line, 8N1, without flow control."""
    idle_s: Annotated[float, Field(ge=30, le=86_400)] = 600.0
    """Where nobody signs in `log follow` ends after so long without a key; else see [access]."""

    def in_words(self) -> str:
        """For whoever checks a station file."""
        return f"console at {self.device} ({self.baud} baud 8N1)"
