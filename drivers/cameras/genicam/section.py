"""What a station file says of a camera behind a GenTL producer."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.drivers.cameras.machine_section import MachineSection, is_ipv4

if TYPE_CHECKING:
    from gonogo.drivers.camera_link import CameraLink

BLOCKS_S = 15.0  # a producer's own limits, which nobody states: as long as the slowest known one


class GenicamSection(MachineSection):
    """A camera of any maker and kind of wire, by the GenTL producer (.cti) that its maker ships.

    All of this is written into the camera each time it is opened, and read back.
    """

    driver: Literal["genicam"]
    """Any GenTL producer; `pip install 'gonogo[genicam]'`."""
    producer: Path
    """The producer's file, which ends in .cti."""
    camera_id: Annotated[str, Field(min_length=1)]
    """The camera's id or serial number, as the producer lists it."""
    lacks: tuple[Literal["ExposureTime", "TriggerMode"], ...] = ()
    """Features that this camera does not have: they are not set. One that it has is an error."""
    packet_bytes: Annotated[int, Field(ge=576, le=16384)] | None = None
    """Network packets; left out: as the producer makes them out."""
    heartbeat_ms: Annotated[int, Field(ge=1500, le=60_000)] | None = None
    """After so long without a word from us a network camera is free; left out: as it has it."""
    peer: str | None = None
    """Address of a network camera, for the firewall of `gonogo service`; left out: any."""

    @model_validator(mode="after")
    def _triggers_agree(self) -> GenicamSection:
        if "TriggerMode" in self.lacks and self.trigger != "free-run":
            raise ValueError(
                f'lacks: expected trigger = "free-run" of a camera without a trigger, '
                f'got "{self.trigger}"'
            )
        return self

    @property
    def peers(self) -> tuple[str, ...] | None:
        """Where the camera is, as far as the station file says."""
        return None if self.peer is None else (self.peer,)

    @property
    def light_keys(self) -> tuple[str, ...]:
        """Not the exposure of a camera that lacks one."""
        lacked = "exposure_us" if "ExposureTime" in self.lacks else ""
        return tuple(key for key in super().light_keys if key != lacked)

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """It may be one on USB."""
        return () if self.peer is not None else (("char-usb_device", "rw"),)

    @property
    def link(self) -> CameraLink:
        """Its frames, on their way through a network, or by a wire that nobody tells us."""
        peer = self.peer or ""
        return super().link._replace(
            address=peer if is_ipv4(peer) else "",
            packet_bytes=self.packet_bytes,
            may_be_usb=False,
        )

    @property
    def blocks_s(self) -> float:
        """What a call into the producer may take."""
        return BLOCKS_S
