"""What a station file says of a camera that Aravis drives."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_section import LEAD_MS, CameraSection

# the library writes a register in at most 2.5 s. At worst a camera is lost while it is closed:
# to stop it takes two such times, and so does the stream; the device takes one
BLOCKS_S = 15.0

Format = Literal[
    "Mono8", "Mono10", "Mono12", "Mono16",
    "BGR8", "RGB8", "BayerRG8", "BayerGB8", "BayerGR8", "BayerBG8",
]  # fmt: skip
Activation = Literal["RisingEdge", "FallingEdge", "AnyEdge", "LevelHigh", "LevelLow"]


class AravisSection(CameraSection):
    """A GigE Vision or USB3 Vision camera, by the library Aravis (Debian: libaravis-0.8-0).

    All of this is written into the camera each time it is opened, and read back; what it keeps
    in its own user sets does not matter.
    """

    driver: Literal["aravis"]
    """Any GigE Vision or USB3 Vision camera."""
    address: Annotated[str, Field(min_length=1)]
    """Its IPv4 address (opened soonest), or its id as `arv-tool-0.8` lists it."""
    width_px: Annotated[int, Field(ge=8, le=16384)]
    """Width of the region that is read out."""
    height_px: Annotated[int, Field(ge=8, le=16384)]
    """Height of the region that is read out."""
    offset_x_px: Annotated[int, Field(ge=0, le=16384)] = 0
    """Where the region begins, from the left of the sensor."""
    offset_y_px: Annotated[int, Field(ge=0, le=16384)] = 0
    """Where the region begins, from the top of the sensor."""
    pixel_format: Literal["bgr8", "mono8"] = "bgr8"
    """Colour in the order blue, green, red, or grey: what the line reads."""
    source_format: Format | None = None
    """What the camera sends; left out: the one it offers that is the least work to convert."""
    bayer_origin: Literal["image", "sensor"] | None = None
    """Whose first pixel a Bayer format names; wanted where an offset of the region is odd."""
    exposure_us: Annotated[float, Field(gt=0, le=10_000_000)]
    """Exposure time; automatic exposure is switched off."""
    gain_db: Annotated[float, Field(ge=-20, le=100)] = 0.0
    """Gain, in the camera's unit, dB with most; automatic gain is switched off."""
    trigger: Literal["hardware", "software", "free-run"] = "hardware"
    """The photo-eye at the camera's input, this box for each part, or nobody (for trials)."""
    trigger_source: str = "Line1"
    """The input of the camera that a hardware trigger comes by."""
    trigger_activation: Activation = "RisingEdge"
    """What of the input's signal is a hardware trigger."""
    trigger_lead_ms: Annotated[float, Field(ge=2, le=10_000)] = 50.0
    """How long before the line hears of a part its hardware trigger may have come; below the
    time between two parts."""
    rate_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Frames a second of a free-running camera; left out: as the camera has it."""
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
    def geometry(self) -> FrameShape:
        """The region, in the line's format."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)

    @property
    def needs_part(self) -> bool:
        """The photo-eye exposes it, and nothing else."""
        return self.trigger == "hardware"

    @property
    def lead_ms(self) -> float:
        """The edge is there before the PLC's program and its word have come by."""
        return self.trigger_lead_ms if self.trigger == "hardware" else LEAD_MS

    @property
    def peers(self) -> tuple[str, ...] | None:
        """The camera, where it is named by address; an id is looked for by everybody."""
        return (self.address,) if self._by_address else None

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """A camera that is named by its id may be one on USB."""
        return () if self._by_address else (("char-usb_device", "rw"),)

    @property
    def _by_address(self) -> bool:
        try:
            return bool(IPv4Address(self.address))
        except ValueError:
            return False

    @property
    def blocks_s(self) -> float:
        """The library's own limits for a camera that does not answer."""
        return BLOCKS_S

    @model_validator(mode="after")
    def _formats_agree(self) -> AravisSection:
        if self.source_format is not None:
            grey = self.source_format.startswith("Mono")
            if grey != (self.pixel_format == "mono8"):
                raise ValueError(
                    "source_format: expected one that becomes "
                    f"{self.pixel_format}, got {self.source_format}"
                )
        return self
