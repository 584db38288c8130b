"""What a station file says of a camera that Aravis drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.drivers.cameras.machine_section import MachineSection, is_ipv4

if TYPE_CHECKING:
    from gonogo.drivers.camera_link import CameraLink

# the library writes a register in at most 2.5 s. At worst a camera is lost while it is closed:
# to stop it takes two such times, and so does the stream; the device takes one
BLOCKS_S = 15.0


class AravisSection(MachineSection):
    """A GigE Vision or USB3 Vision camera, by the library Aravis (Debian: libaravis-0.8-0).

    All of this is written into the camera each time it is opened, and read back; what it keeps
    in its own user sets does not matter.
    """

    driver: Literal["aravis"]
    """Any GigE Vision or USB3 Vision camera."""
    address: Annotated[str, Field(min_length=1)]
    """Its IPv4 address (opened soonest), or its id as `arv-tool-0.8` lists it."""
    chunks: bool = False
    """Whether the exposure that the camera really used comes with each frame, and is held against
    `exposure_us`; costs a copy of the frame."""
    packet_bytes: Annotated[int, Field(ge=576, le=16384)] | None = None
    """Network packets; left out: as large as the interface allows, 9000 at most."""
    packet_delay_us: Annotated[float, Field(ge=0, le=100_000)] = 0.0
    """Pause of the camera between two packets, where several share a link."""
    socket_buffer_kb: Annotated[int, Field(ge=64, le=1 << 20)] = 4096
    """Memory for packets that wait; net.core.rmem_max must allow it."""
    frame_retention_ms: Annotated[float, Field(ge=4, le=1000)] = 20.0
    """How long missing packets are waited for; below half of the budget."""
    heartbeat_ms: Annotated[int, Field(ge=1500, le=60_000)] = 3000
    """After so long without a word from us the camera is free for another client."""

    @property
    def peers(self) -> tuple[str, ...] | None:
        """The camera, where it is named by address; an id is looked for by everybody."""
        return (self.address,) if self._by_address else None

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """A camera that is named by its id may be one on USB."""
        return () if self._by_address else (("char-usb_device", "rw"),)

    @property
    def link(self) -> CameraLink:
        """Its frames, on their way through a network, or by USB."""
        return super().link._replace(
            address=self.address if self._by_address else "",
            packet_bytes=self.packet_bytes,
            packet_delay_us=self.packet_delay_us,
            socket_buffer_kb=self.socket_buffer_kb,
        )

    @property
    def _by_address(self) -> bool:
        return is_ipv4(self.address)

    @property
    def blocks_s(self) -> float:
        """The library's own limits for a camera that does not answer."""
        return BLOCKS_S
