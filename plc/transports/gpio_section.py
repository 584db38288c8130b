"""What a station file says of an ejector at a line of a GPIO chip; apart from what opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.gpio.lines import Bias, Drive, Order, Wanted
from gonogo.base.gpio.section import LABEL_LENGTH, ChipName, ChipSection, LineName, consumer
from gonogo.base.section import Section
from gonogo.plc.transports.gpio_encoder import EDGES_PER_S_MAX
from gonogo.plc.transports.module import ModuleSection
from gonogo.plc.transports.senses import ConfirmSection, FeedbackSection

if TYPE_CHECKING:
    from typing_extensions import Self

    from gonogo.plc.reject_tracker import EjectSection

OUTPUT, PULSE, FEEDBACK, COVERED = "output", "pulse", "feedback", "covered"
CHANNEL_A, CHANNEL_B = "encoder A", "encoder B"
BUFFER_EDGES = 1024  # as many as a kernel keeps


class GpioFeedbackSection(FeedbackSection):
    """An input that follows the ejector itself: an end switch, a pressure switch behind the valve.

    Active while the output is on (`active_low` says which level that is), at most `within_ms`
    behind.
    """

    line: LineName
    """The line of the input: its name, or its offset in digits."""
    active_low: bool = False
    """Whether a low level says that the ejector is on."""
    bias: Bias = "as-is"
    """The resistor within the chip; not every chip has them."""
    within_ms: Annotated[float, Field(ge=10, le=10_000)] = 200.0
    """How far it may be behind the output."""

    @property
    def where(self) -> str:
        """Its line."""
        return f"line {self.line}"


class GpioConfirmSection(ConfirmSection):
    """A photo-eye in the reject chute; active while a part covers it.

    A part must be seen between the begin of its window at the ejector and `within_ms` after
    the end. `misses`: so many in a row that were not seen are a fault.
    """

    line: LineName
    """The line of the photo-eye: its name, or its offset in digits."""
    active_low: bool = False
    """Whether a low level says that a part covers it."""
    bias: Bias = "as-is"
    """The resistor within the chip; not every chip has them."""
    within_ms: Annotated[float, Field(ge=10, le=60_000)] = 500.0
    """After the window at the ejector, until a part must have been seen."""
    misses: Annotated[int, Field(ge=1, le=20)] = 1
    """So many rejects in a row that were not seen are a fault."""

    @property
    def where(self) -> str:
        """Its line."""
        return f"line {self.line}"


class GpioEncoderSection(Section):
    """A quadrature encoder at lines of the same chip, for `[eject] by = "encoder"`.

    All edges of both channels count, four a pulse: `[eject] counts_per_mm` is of them, and at the
    belt's speed they must be 2,000 a second at most.
    """

    line_a: LineName
    """The line of the encoder's channel A."""
    line_b: LineName
    """The line of the encoder's channel B."""
    first: Literal["a", "b"] = "a"
    """Which channel's rising edge comes before the other's while the belt runs forwards."""
    bias: Bias = "as-is"
    """The resistor within the chip, of both lines; not every chip has them."""


class GpioOutputSection(ModuleSection, ChipSection):
    """Where the output is, in words."""

    # not a field here: see TransportSection
    if TYPE_CHECKING:
        line: str

    @property
    def place(self) -> str:
        """Chip and line, for people."""
        return f"chip {self.chip}, line {self.line}"

    @property
    def output_at(self) -> str:
        """The line itself."""
        return f"line {self.line}"

    @property
    def dead_hint(self) -> str:
        """Something holds the pin, or nothing drives it."""
        return (
            "something else drives or shorts the line, an open-drain output lacks its resistor, or "
            "the chip is broken"
        )

    @property
    def slips_hint(self) -> str:
        """The kernel lets nobody else have the line."""
        return "something else drives the line, or its supply dips"

    @property
    def stranger(self) -> str:
        """The kernel lets nobody else have the line."""
        return (
            "the output reads on although it was opened off: something else drives or shorts the "
            "line; look at the wiring, active_low and drive, or take another line (plc.line)"
        )


class GpioIoSection(GpioOutputSection):
    """An ejector at an output line of a GPIO chip; `gpioinfo` (Debian: gpiod) shows the lines.

    The output is opened off, and is off after an ordered stop. It is read back where it is
    written; what that proves depends on the chip.
    """

    driver: Literal["gpio-io"]
    """No PLC: the ejector at an output line of a GPIO chip of this box."""
    chip: ChipName
    """The chip: its path, or its name or label as `gpiodetect` shows them; a label stays when an
    expander on USB is plugged in again."""
    line: LineName
    """The line of the output: its name, or its offset in digits."""
    active_low: bool = False
    """Whether the output is on while the line is low."""
    drive: Drive = "push-pull"
    """Whether the line is driven both ways, down alone (open-drain) or up alone (open-source)."""
    bias: Bias = "as-is"
    """The resistor within the chip, where the line is driven one way; not every chip has them."""
    pulse_line: LineName | None = None
    """A second output that turns over with DEV_HEART as the first one is written, every 100 to
    200 ms, while the line's loop turns and no fault of the ejector stands: for a watchdog relay.
    Left out: none."""
    readback_ms: Annotated[float, Field(ge=10, le=5000)] = 50.0
    """How long the output may read otherwise than it was told."""
    feedback: GpioFeedbackSection | None = None
    """An input that follows the ejector itself; left out, there is none."""
    confirm: GpioConfirmSection | None = None
    """A photo-eye in the reject chute; left out, there is none."""
    encoder: GpioEncoderSection | None = None
    """An encoder that the belt is followed by; left out, it is followed by the time."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 5
    """How often the lines are read when nothing else happens."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 1
    """How long the line takes to switch, for the latency sum."""
    consumer: Annotated[str, Field(max_length=LABEL_LENGTH)] = ""
    """What `gpioinfo` shows of us; left out: gonogo, the station's name, and ejector."""

    @property
    def wanted(self) -> dict[str, Wanted]:
        """The lines by what they are, in the order in which they are asked for."""
        lines = {OUTPUT: Wanted(self.line, self.active_low, self.bias, drive=self.drive)}
        if self.pulse_line is not None:
            lines[PULSE] = Wanted(self.pulse_line, drive="push-pull")
        for name, sense in ((FEEDBACK, self.feedback), (COVERED, self.confirm)):
            if sense is not None:
                lines[name] = Wanted(sense.line, sense.active_low, sense.bias, edges=False)
        if self.encoder is not None:
            lines[CHANNEL_A] = Wanted(self.encoder.line_a, bias=self.encoder.bias)
            lines[CHANNEL_B] = Wanted(self.encoder.line_b, bias=self.encoder.bias)
        return lines

    @property
    def order(self) -> Order:
        """What is asked of the chip."""
        lines = tuple(self.wanted.values())
        return Order(self.chip, lines, self.consumer or "gonogo ejector", BUFFER_EDGES)

    @property
    def output_alone(self) -> Self:
        """The section without all other lines: whoever has one of them is in nobody's way."""
        others = ("pulse_line", "feedback", "confirm", "encoder")
        return self.model_copy(update=dict.fromkeys(others))

    @property
    def has_encoder(self) -> bool:
        """Its own section says so."""
        return self.encoder is not None

    @property
    def counts_per_s_max(self) -> float:
        """What the link counts beside its verdicts."""
        return EDGES_PER_S_MAX

    def problem(self, eject: EjectSection | None, trigger: str) -> str:
        """Also an encoder that is not there."""
        if eject is not None and eject.by == "encoder" and self.encoder is None:
            return (
                "plc: expected [plc.encoder] with line_a and line_b, got none: no PLC counts for "
                '[eject] by = "encoder"'
            )
        return super().problem(eject, trigger)

    def of_station(self, name: str) -> Self:
        """Named after the station, so that whoever finds the line taken is told by whom."""
        return self.model_copy(update={"consumer": self.consumer or consumer(name, " ejector")})

    def in_words(self) -> list[str]:
        """How the output is driven, and what is read."""
        read = [
            f"{name} at {sense.where}"
            for name, sense in (("feedback", self.feedback), ("confirm", self.confirm))
            if sense is not None
        ]
        low = ", active low" if self.active_low else ""
        return [f"output: {self.drive}{low}; {', '.join(read) or 'read back alone'}"]

    @model_validator(mode="after")
    def _apart(self) -> GpioIoSection:
        names = [wanted.name for wanted in self.wanted.values()]
        if len(set(names)) != len(names):
            raise ValueError(f"line: expected a line of its own for each, got {', '.join(names)}")
        return self
