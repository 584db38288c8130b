"""What the station file says of simulated cameras, and of the parts that the drawn one shows."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.scene.order import Order


# they take turns in this order (gonogo.drivers.scene.appearance): in another one a seed would show
# other defects
class Defect(str, Enum):
    """What can be wrong with a synthetic part; the value is its label."""

    SCRATCH = "scratch"
    DENT = "dent"
    MISSING_HOLE = "missing_hole"
    WRONG_COLOUR = "wrong_colour"
    WRONG_SIZE = "wrong_size"


class SimulatedSection(CameraSection):
    """Frame size and timing of a simulated camera, and which part shows what.

    With `rate_hz` the camera runs free: a part is seen by the first frame whose
    exposure begins after the trigger. Without it each part gets its own exposure.
    With `dma` the pixels are in the queued buffer without costing the processor time
    after the trigger, as with a camera that writes memory itself; without it they are
    copied then.
    """

    width_px: Annotated[int, Field(ge=16, le=16384)]
    """Width of the frames."""
    height_px: Annotated[int, Field(ge=16, le=16384)]
    """Height of the frames."""
    pixel_format: Literal["bgr8", "mono8"] = "bgr8"
    """Colour in the order blue, green, red, or grey."""
    order: Order = Order.SEQUENCE
    """Which appearance comes with which part."""
    seed: Annotated[int, Field(ge=0, lt=1 << 63)] = 0
    """Another seed, another order, and other drawn parts."""
    exposure_ms: Annotated[float, Field(ge=0.0, le=10_000.0)] = 0.0
    """How long an exposure takes after the trigger."""
    rate_hz: Annotated[float, Field(ge=0.01, le=10_000.0)] | None = None
    """The camera runs free at this rate; left out, each part gets its own exposure."""
    max_memory_mb: Annotated[int, Field(ge=1, le=1 << 20)] = 4096
    """The most memory that its images may take."""
    dma: bool = True
    """Whether pixels cost no processor time, as with a camera that writes memory itself."""

    @property
    def live(self) -> bool:
        """Whether no two frames are alike to the bit."""
        # a folder shows the same image again, to the bit
        return False

    own_process: bool = False
    """Whether it lives in a process of its own, as a camera with a device does."""

    @property
    def shareable(self) -> bool:
        """It holds no device."""
        return not self.own_process

    @property
    def blocks_s(self) -> float:
        """Its pictures are read or drawn while it opens, on a busy box for seconds."""
        return 10.0

    @property
    def geometry(self) -> FrameShape:
        """Geometry of the frames this section asks for."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)


class SyntheticSection(SimulatedSection):
    """Drawn parts: `pool` different ones, `defect_pct` of them (rounded up) defective.

    `noise` is the standard deviation in grey levels. A part lies up to `jitter_px`
    off the centre on each axis, turned by up to `jitter_deg`, lit up to
    `jitter_light_pct` brighter or darker. `only_good` shows good parts alone.
    """

    driver: Literal["synthetic"]
    """Draws machined parts, some of them with a defect."""
    width_px: Annotated[int, Field(ge=64, le=8192)]
    """Width of the frames."""
    height_px: Annotated[int, Field(ge=64, le=8192)]
    """Height of the frames."""
    order: Order = Order.SHUFFLE
    """Which appearance comes with which part."""
    pool: Annotated[int, Field(ge=1, le=65535)] = 64
    """How many different parts there are."""
    defect_pct: Annotated[float, Field(ge=0.0, le=100.0)] = 20.0
    """How many of them have a defect, rounded up."""
    defects: Annotated[tuple[Defect, ...], Field(min_length=1)] = tuple(Defect)
    """Which defects there are."""
    only_good: bool = False
    """Whether good parts alone are shown."""
    noise: Annotated[float, Field(ge=0.0, le=12.0)] = 2.0
    """Standard deviation of the sensor's noise, in grey levels."""
    jitter_px: Annotated[float, Field(ge=0.0, le=100.0)] = 3.0
    """How far a part lies off the centre on each axis, at most."""
    jitter_deg: Annotated[float, Field(ge=0.0, le=10.0)] = 1.5
    """How far it is turned, at most."""
    jitter_light_pct: Annotated[float, Field(ge=0.0, le=30.0)] = 4.0
    """How much brighter or darker it is lit, at most."""

    @property
    def live(self) -> bool:
        """Whether no two frames are alike: sensor noise differs from part to part."""
        return self.noise > 0
