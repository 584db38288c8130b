"""What a station file says of a camera that finds the parts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.section import Section
from gonogo.drivers.triggers.trigger import TriggerSection

if TYPE_CHECKING:
    from typing_extensions import Self

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.camera_section import CameraSection

EARLY_SHARE = 0.8  # of the time from part to part; who comes sooner was not meant to
LOOK_SHARE = 0.4

Px = Annotated[int, Field(ge=0, le=16384)]


class GateSection(Section):
    """Where in the picture a part is seen that is wholly in place, and how it differs there."""

    x_px: Px
    """Where it begins, from the left of the frame."""
    y_px: Px
    """Where it begins, from the top of the frame."""
    width_px: Annotated[int, Field(ge=1, le=16384)]
    """Its width."""
    height_px: Annotated[int, Field(ge=1, le=16384)]
    """Its height."""
    part_is: Literal["brighter", "darker"]
    """Than `level`; the empty belt is not."""
    level: Annotated[int, Field(ge=1, le=254)]
    """Grey level between belt and part (of a colour frame, of its green)."""
    on_pct: Annotated[float, Field(gt=0, le=100)] = 50.0
    """A part is there from this share of the gate's pixels on."""
    off_pct: Annotated[float, Field(ge=0, lt=100)] = 20.0
    """It has left when no more than this share is left; below on_pct."""

    @model_validator(mode="after")
    def _apart(self) -> GateSection:
        if self.off_pct >= self.on_pct:
            raise ValueError(
                f"off_pct: expected less than on_pct ({self.on_pct:g} %), got {self.off_pct:g} %"
            )
        return self

    def problem(self, frame: FrameShape) -> str:
        """What is wrong with it in frames of that size; "" for nothing."""
        right_px, below_px = self.x_px + self.width_px, self.y_px + self.height_px
        if right_px <= frame.width_px and below_px <= frame.height_px:
            return ""
        return (
            f"trigger.gate: expected to lie within the first view's frames of {frame.width_px} x "
            f"{frame.height_px} px, got one up to column {right_px} and row {below_px}"
        )


class CameraTriggerSection(TriggerSection):
    """The first view's camera runs free, and a part starts in the frame in which it is in place.

    The frame that shows it so is the part's frame.
    """

    driver: Literal["camera"]
    """The first view's camera looks at the belt, and finds the parts itself."""
    gate: GateSection
    """Where in the picture a part is seen that is wholly in place."""
    min_pitch_ms: Annotated[float, Field(gt=0, le=3_600_000)] | None = None
    """Time from part to part; one that comes sooner is refused as OVERRATE. Left out: 80 % of what
    [station] says."""
    look_within_ms: Annotated[float, Field(gt=0, le=60_000)] | None = None
    """From one look at the belt to the next, at most: no longer than a part, or the gap behind it,
    takes to pass the gate; after a longer one the next part is rejected. Left out: 40 % of the time
    from part to part."""

    station: Annotated[str, Field(max_length=64)] = ""
    """Whose camera it is. Left out, as it should be: this station's."""

    @property
    def looks(self) -> bool:
        """By the first view's camera."""
        return True

    def find_problem(self, camera: CameraSection) -> str:
        """It must bring frames without a part, and say when their light fell."""
        if not camera.looks:
            return (
                'trigger: driver "camera": expected a first view whose camera takes frames by '
                "itself and dates them: v4l2, gstreamer, or aravis, basler, genicam with trigger = "
                '"free-run"'
            )
        return self.gate.problem(camera.geometry)

    @property
    def holds_device(self) -> bool:
        """The camera may go."""
        return True

    def least_pitch_ms(self, pitch_ms: float) -> float:
        """Who comes sooner than that is not inspected."""
        return self.min_pitch_ms or EARLY_SHARE * pitch_ms

    def of_station(self, name: str, pitch_ms: float, pitch_mm: float) -> Self:
        """With the times that were left out."""
        del pitch_mm
        return self.model_copy(
            update={
                "station": self.station or name,
                "min_pitch_ms": self.least_pitch_ms(pitch_ms),
                "look_within_ms": self.look_within_ms or LOOK_SHARE * pitch_ms,
            }
        )

    def in_words(self) -> str:
        """For whoever checks a station file: what is looked for, and what is left out."""
        gate = self.gate
        return (
            f"{gate.on_pct:g} % of {gate.width_px} x {gate.height_px} px at ({gate.x_px}, "
            f"{gate.y_px}) {gate.part_is} than {gate.level}; a part every "
            f"{self.min_pitch_ms or 0:.0f} ms at most, a look every "
            f"{self.look_within_ms or 0:.0f} ms at least"
        )
