"""What a station file says of a V4L2 camera."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.frame_shape import FrameShape
from gonogo.base.section import Section
from gonogo.drivers.camera_section import CameraSection

_PATIENCE_S = 2.0  # for the first frame, beside two exposures and read-outs
_SLOW_READOUT_MS = 1000.0  # where the station file does not say how long it is
WAYS = 3  # in which a camera may hand over its frames; each is tried so long
_US_PER_S, _MS_PER_S = 1e6, 1000


class ControlSection(Section):
    """A control of the camera's own, as `v4l2-ctl -L` lists it."""

    name: Annotated[str, Field(min_length=1)]
    """Its name there, say white_balance_temperature."""
    value: Annotated[int, Field(ge=-(1 << 31), lt=1 << 31)]
    """What it is set to, in its own unit; of a menu the number."""


class V4l2Section(CameraSection):
    """A camera that the kernel drives: USB (UVC), CSI, a frame grabber. It runs free.

    All of this is set each time the camera is opened, and read back. Exposure, gain, white
    balance and focus do nothing by themselves: their automatic controls are switched off.
    """

    driver: Literal["v4l2"]
    """Any camera of which the kernel makes a /dev/video."""
    device: Path
    """Its device file; best one below /dev/v4l/by-id or by-path, which stays the same."""
    width_px: Annotated[int, Field(ge=16, le=16384)]
    """Width of its frames."""
    height_px: Annotated[int, Field(ge=16, le=16384)]
    """Height of its frames."""
    pixel_format: Literal["bgr8", "mono8"] = "bgr8"
    """Colour in the order blue, green, red, or grey: what the line reads."""
    source_format: Literal["GREY", "BGR24", "RGB24", "YUYV"] | None = None
    """What the camera sends; left out: the one it offers that is the least work to convert."""
    exposure_us: Annotated[float, Field(gt=0, le=10_000_000)]
    """Exposure time; most cameras have steps of 100. One that cannot be set is believed to have
    it."""
    gain: Annotated[int, Field(ge=-(1 << 31), lt=1 << 31)] | None = None
    """Gain, in the camera's own steps; left out: as the camera has it."""
    control: tuple[ControlSection, ...] = ()
    """What else is set, in this order."""
    rate_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Frames a second; left out: as the camera has it."""
    readout_ms: Annotated[float, Field(ge=0, le=10_000)] | None = None
    """From the end of a frame's exposure until it is here, at most; left out: the time from frame
    to frame."""

    @property
    def looks(self) -> bool:
        """It runs free."""
        return True

    @property
    def geometry(self) -> FrameShape:
        """Known before it is opened: another size is refused."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """By its kind: plugged in again it may be another file."""
        return (("char-video4linux", "rw"),)

    @property
    def patience_s(self) -> float:
        """How long the first frame is waited for, each way."""
        readout_ms = _SLOW_READOUT_MS if self.readout_ms is None else self.readout_ms
        return _PATIENCE_S + 2 * (self.exposure_us / _US_PER_S + readout_ms / _MS_PER_S)

    @property
    def blocks_s(self) -> float:
        """While it is opened each way is tried in turn, if need be; and once more for the rest."""
        return (WAYS + 1) * self.patience_s

    @model_validator(mode="after")
    def _formats_agree(self) -> V4l2Section:
        becomes = {
            "GREY": ("mono8",), "BGR24": ("bgr8",), "RGB24": ("bgr8",), "YUYV": ("mono8", "bgr8"),
        }  # fmt: skip
        source = self.source_format
        if source is not None and self.pixel_format not in becomes[source]:
            raise ValueError(
                f"source_format: expected one that becomes {self.pixel_format}, got {source}"
            )
        if source == "YUYV" and self.width_px % 2:
            raise ValueError(f"width_px: expected an even number with YUYV, got {self.width_px}")
        return self
