"""What a station file says of a camera of Basler's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.drivers.cameras.machine_section import MachineSection, is_ipv4

if TYPE_CHECKING:
    from gonogo.drivers.camera_link import CameraLink

BLOCKS_S = 15.0  # a register write fails after some seconds, and to close takes several

_FIRST_FRAMES = 65  # of the largest ring, and one more
_US_PER_S = 1e6


class BaslerSection(MachineSection):
    """A GigE Vision or USB3 Vision camera of Basler's, by its library pylon (pypylon).

    All of this is written into the camera each time it is opened, and read back.
    """

    driver: Literal["basler"]
    """Basler's cameras; `pip install 'gonogo[basler]'`."""
    address: Annotated[str, Field(min_length=1)]
    """Its IPv4 address, or its serial number."""
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
        """The camera, where it is named by address; a serial number is looked for by everybody."""
        return (self.address,) if self.by_address else None

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """A camera that is named by its serial number may be one on USB."""
        return () if self.by_address else (("char-usb_device", "rw"),)

    @property
    def by_address(self) -> bool:
        """Whether it is a network camera, named by its address."""
        return is_ipv4(self.address)

    @property
    def link(self) -> CameraLink:
        """Its frames, on their way through a network, or by USB."""
        return super().link._replace(
            address=self.address if self.by_address else "",
            packet_bytes=self.packet_bytes,
            packet_delay_us=self.packet_delay_us,
            socket_buffer_kb=self.socket_buffer_kb,
        )

    @property
    def blocks_s(self) -> float:
        """The library's limits for a camera that does not answer; at opening, a frame a slot."""
        return BLOCKS_S + _FIRST_FRAMES * self.exposure_us / _US_PER_S
