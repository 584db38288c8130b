"""What a station file says of a camera of Basler's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.drivers.cameras.machine_section import VisionSection

BLOCKS_S = 15.0  # a register write fails after some seconds, and to close takes several

_FIRST_FRAMES = 65  # of the largest ring, and one more
_US_PER_S = 1e6


class BaslerSection(VisionSection):
    """A GigE Vision or USB3 Vision camera of Basler's, by its library pylon (pypylon).

    All of this is written into the camera each time it is opened, and read back.
    """

    driver: Literal["basler"]
    """Basler's cameras; `pip install 'gonogo[basler]'`."""
    address: Annotated[str, Field(min_length=1)]
    """Its IPv4 address, or its serial number."""

    @property
    def blocks_s(self) -> float:
        """The library's limits for a camera that does not answer; at opening, a frame a slot."""
        return BLOCKS_S + _FIRST_FRAMES * self.exposure_us / _US_PER_S
