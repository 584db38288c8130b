"""What a section of the station file needs of its box: devices, lines of chips, rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.section import Section

if TYPE_CHECKING:
    from pathlib import Path


class Holding(Section):
    """Nothing, unless a driver's own section says otherwise."""

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """What systemd's DeviceAllow= must name for it, and how it is used (r, w)."""
        return ()

    @property
    def owned(self) -> tuple[tuple[Path, str], ...]:
        """Its device files, each with the group that owns such ones where it is not there now."""
        return ()

    @property
    def chip_lines(self) -> tuple[tuple[str, str], ...]:
        """Lines of GPIO chips that it holds, as (chip, line)."""
        return ()

    @property
    def low_port(self) -> bool:
        """Whether it serves a port of the system, for which a user needs a right of its own."""
        return False

    @property
    def rights(self) -> str:
        """What whoever runs the station must be allowed, for people; "" for nothing."""
        return ""
