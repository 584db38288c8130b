"""What a station file says of a camera that Aravis drives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.drivers.cameras.machine_section import VisionSection

# the library writes a register in at most 2.5 s. At worst a camera is lost while it is closed:
# to stop it takes two such times, and so does the stream; the device takes one
BLOCKS_S = 15.0


class AravisSection(VisionSection):
    """A GigE Vision or USB3 Vision camera, by the library Aravis (Debian: libaravis-0.8-0).

    All of this is written into the camera each time it is opened, and read back. What of its own
    user sets would mirror, delay or regulate the picture is set back.
    """

    driver: Literal["aravis"]
    """Any GigE Vision or USB3 Vision camera."""
    address: Annotated[str, Field(min_length=1)]
    """Its IPv4 address (opened soonest), or its id as `arv-tool-0.8` lists it."""
    chunks: bool = False
    """Whether the exposure that the camera really used comes with each frame, and is held against
    `exposure_us`; costs a copy of the frame."""

    @property
    def blocks_s(self) -> float:
        """The library's own limits for a camera that does not answer."""
        return BLOCKS_S
