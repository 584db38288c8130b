"""What a station file says of any GenICam camera, whichever library drives it."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_link import CameraLink
from gonogo.drivers.camera_section import LEAD_MS, CameraSection
from gonogo.drivers.cameras.formats import SOURCES, Source

_US_PER_MS = 1000

Format = Literal[
    "Mono8", "Mono10", "Mono12", "Mono16", "Mono10Packed", "Mono12Packed", "Mono12p", "Mono10p",
    "BGR8", "RGB8",
    "BayerRG8", "BayerGB8", "BayerGR8", "BayerBG8",
    "BayerRG10", "BayerGB10", "BayerGR10", "BayerBG10",
    "BayerRG12", "BayerGB12", "BayerGR12", "BayerBG12",
    "BayerRG10Packed", "BayerGB10Packed", "BayerGR10Packed", "BayerBG10Packed",
    "BayerRG12Packed", "BayerGB12Packed", "BayerGR12Packed", "BayerBG12Packed",
    "BayerRG12p", "BayerGB12p", "BayerGR12p", "BayerBG12p",
    "BayerRG10p", "BayerGB10p", "BayerGR10p", "BayerBG10p",
]  # fmt: skip
Activation = Literal["RisingEdge", "FallingEdge", "AnyEdge", "LevelHigh", "LevelLow"]


class MachineSection(CameraSection):
    """Written into the camera each time it is opened, and read back."""

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
    """How long before the line hears of a part its hardware trigger may have come; with exposure
    and read-out below the time between two parts."""
    readout_ms: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    """What the sensor takes to be read out, by its data sheet, where the link is faster."""
    link_mbit_s: Annotated[float, Field(ge=10, le=1_000_000)] = 1000.0
    """How fast the slowest link is that its frames come by, in Mbit/s; of USB 3 some 3000."""
    rate_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Frames a second of a free-running camera; left out: as the camera has it."""

    @property
    def light_keys(self) -> tuple[str, ...]:
        """Both are the camera's."""
        return ("exposure_us", "gain_db")

    @property
    def geometry(self) -> FrameShape:
        """The region, in the line's format."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)

    @property
    def needs_part(self) -> bool:
        """The photo-eye exposes it, and nothing else."""
        return self.trigger == "hardware"

    @property
    def looks(self) -> bool:
        """By itself; dated as the light began, where a frame that we trigger may be dated late."""
        return self.trigger == "free-run"

    @property
    def lead_ms(self) -> float:
        """The edge is there before the PLC's program and its word have come by."""
        return self.trigger_lead_ms if self.trigger == "hardware" else LEAD_MS

    @property
    def late_ms(self) -> float:
        """How much later than its light began a frame may be dated at most, if all goes well.

        A frame is dated when it is here, where no frame before it came sooner after its light.
        """
        return self.link.planned_ms + LEAD_MS

    @property
    def before_ms(self) -> float:
        """A frame of so long before its trigger could be dated as one of the lead."""
        # of one that runs free the driver takes as much off each date
        return self.lead_ms + (0.0 if self.trigger == "free-run" else self.late_ms)

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the camera may send: the one that is named, or all that become what is read."""
        return tuple(
            source
            for source in SOURCES[self.pixel_format]
            if self.source_format in {None, source.name} and self.width_px % source.group == 0
        )

    @property
    def needs(self) -> str:
        """The same in words, for one that does not offer it; those of more bits are too many."""
        plain = [source.name for source in self.sources if source.bits == 8]  # noqa: PLR2004 - a byte
        wanted = self.source_format or f"{' or '.join(plain)}, or one of them with more bits"
        return f'pixel_format = "{self.pixel_format}" needs {wanted}'

    @property
    def link(self) -> CameraLink:
        """Its frames; where it may choose the format, in the one that is taken first."""
        return CameraLink(
            address="",
            frame_bytes=self.sources[0].size_bytes(self.geometry),
            exposure_ms=self.exposure_us / _US_PER_MS,
            rate_hz=self.rate_hz if self.trigger == "free-run" else None,
            readout_ms=self.readout_ms,
            mbit_s=self.link_mbit_s,
        )

    @model_validator(mode="after")
    def _formats_agree(self) -> MachineSection:
        group = {source.name: source.group for source in SOURCES[self.pixel_format]}
        if self.source_format is not None and self.source_format not in group:
            raise ValueError(
                "source_format: expected one that becomes "
                f"{self.pixel_format}, got {self.source_format}"
            )
        if self.source_format is not None and not self.sources:
            packed = group[self.source_format]
            raise ValueError(
                f"width_px: {self.source_format} packs {packed} pixels: expected a multiple of "
                f"{packed}, got {self.width_px}"
            )
        return self


class VisionSection(MachineSection):
    """Of a camera that speaks GigE Vision or USB3 Vision: how its frames come by the network."""

    address: Annotated[str, Field(min_length=1)]
    """Its IPv4 address, or the id by which its library finds it."""
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
    def by_address(self) -> bool:
        """Whether it is a network camera, named by its address."""
        return is_ipv4(self.address)

    @property
    def peers(self) -> tuple[str, ...] | None:
        """The camera, where it is named by address; an id is looked for by everybody."""
        return (self.address,) if self.by_address else None

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """A camera that is named by its id may be one on USB."""
        return () if self.by_address else (("char-usb_device", "rw"),)

    @property
    def link(self) -> CameraLink:
        """Its frames, on their way through a network, or by USB."""
        return super().link._replace(
            address=self.address if self.by_address else "",
            packet_bytes=self.packet_bytes,
            packet_delay_us=self.packet_delay_us,
            socket_buffer_kb=self.socket_buffer_kb,
        )


def is_ipv4(text: str) -> bool:
    """Whether a camera is named by its address in a network."""
    try:
        return bool(IPv4Address(text))
    except ValueError:
        return False
