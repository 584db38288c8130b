"""What a station file says of a photo-eye on a GPIO chip, and of an encoder beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.gpio.lines import Order, Wanted
from gonogo.base.gpio.section import LABEL_LENGTH, ChipName, ChipSection, LineName, consumer
from gonogo.drivers.triggers.trigger import TriggerSection

if TYPE_CHECKING:
    from typing_extensions import Self

EDGES_PER_S_MAX = 2000  # of an encoder: beyond it the line would have no time for parts
# what a kernel takes beyond the time of debouncing: it rounds that up to whole ticks, and begins in
# the middle of one; two ticks of 100 Hz, the slowest that x86 and Arm have
DEBOUNCE_LATE_MS = 20.0
EARLY_SHARE = 0.8  # of the time from part to part; who comes sooner was not meant to


class EyeSection(TriggerSection, ChipSection):
    """A photo-eye at a line of a GPIO chip; `gpioinfo` (Debian: gpiod) shows chips and lines."""

    chip: ChipName
    """The chip: its path, or its name or label as `gpiodetect` shows them; a label stays when an
    expander on USB is plugged in again."""
    line: LineName
    """The line of the photo-eye: its name, or its offset in digits."""
    edge: Literal["rising", "falling"] = "rising"
    """Which edge is the part's: rising is the one to active."""
    active_low: bool = False
    """Whether a low level is active, as of an eye that pulls the line down."""
    bias: Literal["as-is", "disabled", "pull-up", "pull-down"] = "as-is"
    """The resistor within the chip; not every chip has them."""
    debounce_ms: Annotated[float, Field(ge=0, le=100)] = 0.0
    """How long a level must stand before the kernel believes it; 0: it does not ask. It believes it
    up to 20 ms later (two ticks of 100 Hz), so 20 ms more than this are taken back from the stamp;
    what the eye bounces before it stands is not: then the stamp is that of the last bounce."""
    bounce_ms: Annotated[float, Field(ge=0, le=1000)] = 2.0
    """Edges for so long after one that counted are its bounces: the same part."""
    min_pitch_ms: Annotated[float, Field(gt=0, le=3_600_000)] | None = None
    """Time from part to part; one that comes sooner is refused as OVERRATE. Left out: 80 % of what
    [station] says."""
    buffer_edges: Annotated[int, Field(ge=16, le=1024)] = 64
    """Edges that the kernel keeps while the line is busy with a part."""
    consumer: Annotated[str, Field(max_length=LABEL_LENGTH)] = ""
    """What `gpioinfo` shows of us; left out: gonogo and the station's name."""

    @property
    def holds_device(self) -> bool:
        """An expander may be unplugged."""
        return True

    @property
    def order(self) -> Order:
        """What is asked of the chip."""
        return Order(self.chip, (self._eye,), self.consumer or "gonogo", self.buffer_edges)

    @property
    def _eye(self) -> Wanted:
        return Wanted(self.line, self.active_low, self.bias, round(self.debounce_ms * 1000))

    @property
    def debounced_ms(self) -> float:
        """How long before the kernel tells of it an edge may have been, debounced as it is."""
        return self.debounce_ms + self.early_ms

    @property
    def early_ms(self) -> float:
        """What the kernel may have taken beyond the debouncing, and need not."""
        return DEBOUNCE_LATE_MS if self.debounce_ms else 0.0

    def least_pitch_ms(self, pitch_ms: float) -> float:
        """Who comes sooner than that is not inspected."""
        return self.min_pitch_ms or EARLY_SHARE * pitch_ms

    def of_station(self, name: str, pitch_ms: float, pitch_mm: float) -> Self:
        """Named after the station, so that whoever finds the line taken is told by whom."""
        del pitch_mm
        return self.model_copy(
            update={
                "consumer": self.consumer or consumer(name),
                "min_pitch_ms": self.least_pitch_ms(pitch_ms),
            }
        )

    def in_words(self) -> str:
        """For whoever checks a station file: which edge counts, and what is left out."""
        return (
            f"{self.edge} edge{', active low' if self.active_low else ''}; a part every "
            f"{self.min_pitch_ms or 0:.0f} ms at most, bounces of {self.bounce_ms:g} ms, debounced "
            f"for {self.debounce_ms:g} ms"
        )

    def problem(self, budget_ms: float, pitch_ms: float) -> str:
        """A bounce must be over before the next part may come, and time left for a frame."""
        pitch_ms, half_ms = self.least_pitch_ms(pitch_ms), budget_ms / 2
        late = f" and the kernel's {DEBOUNCE_LATE_MS:g} ms" if self.debounce_ms else ""
        if self.debounced_ms >= half_ms:
            return (
                f"trigger.debounce_ms: expected less than {half_ms:g} ms together with the "
                f"kernel's {DEBOUNCE_LATE_MS:g} ms, got {self.debounced_ms:g} ms: frames must be "
                "there by half of budget_ms"
            )
        if self.bounce_ms + self.debounced_ms < pitch_ms:
            return ""
        return (
            f"trigger.bounce_ms: expected less than {pitch_ms:g} ms together with debounce_ms"
            f"{late}, got {self.bounce_ms + self.debounced_ms:g} ms: the next part would be taken "
            "for a bounce"
        )


class GpioSection(EyeSection):
    """A photo-eye at a line of a GPIO chip; `gpioinfo` (Debian: gpiod) shows chips and lines."""

    driver: Literal["gpio"]
    """An edge of a line of a GPIO chip starts a part."""


class EncoderSection(EyeSection):
    """A photo-eye and a quadrature encoder at lines of one GPIO chip, up to 2,000 edges a second.

    A faster encoder belongs at the PLC, which counts it in hardware: its encoder words (P110-P111)
    and `[eject] by = "encoder"`.
    """

    driver: Literal["encoder"]
    """An edge of a photo-eye starts a part, where the belt has moved on since the part before."""
    line_a: LineName
    """The line of the encoder's channel A."""
    line_b: LineName
    """The line of the encoder's channel B."""
    mm_per_edge: Annotated[float, Field(gt=0, le=1000)]
    """Way of the belt from one edge to the next, of both channels: a quarter of a pulse's."""
    first: Literal["a", "b"] = "a"
    """Which channel's rising edge comes before the other's while the belt runs forwards."""
    speed_max_mm_s: Annotated[float, Field(gt=0, le=20_000)]
    """Above it a part is refused (BELT); with mm_per_edge at most 2,000 edges a second."""
    speed_min_mm_s: Annotated[float, Field(ge=0, le=20_000)] = 0.0
    """Below it a part is refused (BELT): where [eject] goes by time, it would come there late."""
    same_part_mm: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Edges so close behind one that counted are of the same part. Left out: half of
    [station] pitch_mm."""
    part_within_mm: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """A part must come before the belt has moved so far; otherwise one counts as missed, and the
    next one is rejected. Left out: gaps are no fault."""
    buffer_edges: Annotated[int, Field(ge=16, le=1024)] = 1024
    """Edges of all three lines that the kernel keeps while the line is busy with a part."""

    @property
    def order(self) -> Order:
        """The eye first, then the channels."""
        eye = super().order
        channels = (Wanted(self.line_a, bias=self.bias), Wanted(self.line_b, bias=self.bias))
        return eye._replace(lines=(*eye.lines, *channels))

    def in_words(self) -> str:
        """The speeds as well."""
        return (
            f"{super().in_words()}; belt {self.speed_min_mm_s:g} to {self.speed_max_mm_s:g} mm/s, "
            f"{self.edges_per_s:.0f} edges a second at most"
        )

    @property
    def edges_per_s(self) -> float:
        """Of both channels, at the greatest speed."""
        return self.speed_max_mm_s / self.mm_per_edge

    def of_station(self, name: str, pitch_ms: float, pitch_mm: float) -> Self:
        """With the distance within which an edge is of the same part."""
        section = super().of_station(name, pitch_ms, pitch_mm)
        same_mm = self.same_part_mm or pitch_mm / 2
        return section.model_copy(update={"same_part_mm": same_mm})

    def problem(self, budget_ms: float, pitch_ms: float) -> str:
        """The kernel must keep what comes while a part is judged."""
        edges = self.edges_per_s * budget_ms / 1000
        if edges <= self.buffer_edges:
            return super().problem(budget_ms, pitch_ms)
        return (
            f"trigger.buffer_edges: expected at least {edges:.0f} (budget_ms at "
            f"{self.edges_per_s:.0f} edges a second), got {self.buffer_edges}; a kernel keeps 1024 "
            "at most: a larger mm_per_edge, or a smaller budget"
        )

    @model_validator(mode="after")
    def _fits(self) -> EncoderSection:
        if self.edges_per_s > EDGES_PER_S_MAX:
            raise ValueError(
                f"speed_max_mm_s: expected at most {EDGES_PER_S_MAX} edges a second, got "
                f"{self.edges_per_s:.0f} ({self.speed_max_mm_s:g} mm/s of {self.mm_per_edge:g} mm)"
                '; a faster encoder belongs at the PLC (P110-P111, [eject] by = "encoder"), with '
                '[trigger] driver = "plc" or "gpio"'
            )
        if self.speed_min_mm_s >= self.speed_max_mm_s:
            raise ValueError(
                f"speed_min_mm_s: expected less than speed_max_mm_s ({self.speed_max_mm_s:g} "
                f"mm/s), got {self.speed_min_mm_s:g} mm/s"
            )
        if len({self.line, self.line_a, self.line_b}) != len(self.order.lines):
            raise ValueError(
                "line_a: expected three lines for line, line_a and line_b, got "
                f"{self.line}, {self.line_a}, {self.line_b}"
            )
        return self
