"""What the station file says of the heat of its box: [board]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.section import Section

Celsius = Annotated[float, Field(ge=20, le=150)]


class BoardSection(Section):
    """Watches temperature, clocks and supply of the box, in a process of its own.

    `warn_c`: from there on the PLC is warned. `shed_c`: from there on the engine rests, and the
    rules judge. Left out, both are proposed by what the kernel itself does (trip points).
    """

    warn_c: Celsius | None = None
    """From there on the PLC is warned; left out, each zone's own: 5 degrees before its kernel
    slows the chip down, or 10 below shed_c."""
    shed_c: Celsius | None = None
    """From there on the rules judge alone; left out, each zone's own: 5 degrees before its kernel
    switches the box off, 95 where it does not say."""
    hysteresis_c: Annotated[float, Field(ge=0.5, le=50)] = 5.0
    """So much cooler than its limit a zone must be before it counts as cooler."""
    when_slowed: Literal["warn", "shed"] = "warn"
    """What is done while the kernel or the firmware slows the chip down: the PLC is warned (and an
    engine that becomes too slow is found by its answers), or the engine rests."""
    zones: tuple[str, ...] = ()
    """The zones that are looked at, by the names that `gonogo check` shows; left out, all."""
    every_s: Annotated[float, Field(ge=0.1, le=2)] = 1.0
    """How often it is looked at."""
    jetson_stats: Literal["auto", "never"] = "auto"
    """Whether jetson-stats, where somebody has installed it, is asked for what sysfs lacks."""

    @model_validator(mode="after")
    def _in_order(self) -> BoardSection:
        if self.warn_c is not None and self.shed_c is not None and self.warn_c >= self.shed_c:
            raise ValueError(
                f"warn_c: expected less than the {self.shed_c:g} degC of shed_c, got "
                f"{self.warn_c:g}: a warning that comes with the loss is none"
            )
        return self
