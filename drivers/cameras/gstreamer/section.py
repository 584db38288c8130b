"""What a station file says of a camera that a pipeline reads."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import Annotated, Literal

from pydantic import Field

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_section import CameraSection

START_S = 10.0  # for the first frame: the daemon behind a CSI camera takes its time
STOP_S = 5.0


class GstreamerSection(CameraSection):
    """Any pipeline of GStreamer that ends in raw video; it is live, and is never stopped.

    Exposure, gain and white balance are set by the elements' own properties, in `pipeline`.
    """

    driver: Literal["gstreamer"]
    """Any camera that GStreamer has an element for."""
    pipeline: Annotated[str, Field(min_length=1)]
    """As `gst-launch-1.0` takes it, without a sink: the frames go to the station."""
    width_px: Annotated[int, Field(ge=8, le=16384)]
    """Width of the frames; another size is refused."""
    height_px: Annotated[int, Field(ge=8, le=16384)]
    """Height of the frames."""
    pixel_format: Literal["bgr8", "mono8"] = "bgr8"
    """Colour in the order blue, green, red, or grey: what the pipeline must end in."""
    exposure_us: Annotated[float, Field(gt=0, le=10_000_000)]
    """The longest exposure that the pipeline lets the camera take."""
    readout_ms: Annotated[float, Field(ge=0, le=10_000)] | None = None
    """From the end of a frame's exposure until its stamp, at most; left out: the time from frame
    to frame."""
    device: tuple[Path, ...] = ()
    """Device files that the pipeline opens, for `gonogo service`."""
    peer: tuple[str, ...] = ()
    """Addresses that the pipeline fetches from, for `gonogo service`."""

    @property
    def looks(self) -> bool:
        """It runs free."""
        return True

    @property
    def geometry(self) -> FrameShape:
        """Known before the pipeline runs."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """As the file says: what a pipeline opens cannot be read off it."""
        return tuple((str(path), "rw") for path in self.device)

    @property
    def peers(self) -> tuple[str, ...]:
        """As the file says."""
        return self.peer

    @property
    def blocks_s(self) -> float:
        """To its first frame, and to stop it: elements may wait for a device."""
        return START_S + STOP_S
