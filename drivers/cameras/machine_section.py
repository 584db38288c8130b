"""What a station file says of any GenICam camera, whichever library drives it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_section import LEAD_MS, CameraSection

Format = Literal[
    "Mono8", "Mono10", "Mono12", "Mono16",
    "BGR8", "RGB8", "BayerRG8", "BayerGB8", "BayerGR8", "BayerBG8",
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
    """How long before the line hears of a part its hardware trigger may have come; below the
    time between two parts."""
    rate_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Frames a second of a free-running camera; left out: as the camera has it."""

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

    @model_validator(mode="after")
    def _formats_agree(self) -> MachineSection:
        if self.source_format is not None:
            grey = self.source_format.startswith("Mono")
            if grey != (self.pixel_format == "mono8"):
                raise ValueError(
                    "source_format: expected one that becomes "
                    f"{self.pixel_format}, got {self.source_format}"
                )
        return self
