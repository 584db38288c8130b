"""What the station file says of a rule that reads a code."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from gonogo.rules.code_pattern import LONGEST_TEXT, compiled
from gonogo.rules.window import LimitedSection

Symbology = Literal[
    "qr", "micro_qr", "data_matrix", "aztec", "pdf417", "ean13", "ean8", "upc_a", "upc_e",
    "code128", "code39", "code93", "itf", "codabar", "databar",
]  # fmt: skip
PART_ID = "part_id"  # the group of a pattern that is compared with the PLC's number
MOST_PX = 1024  # beyond, a picture of noise takes longer than most stations have


class CodeSection(LimitedSection):
    """Whether the code in the ROI is there, can be read, and says what it must.

    Its value is the number of codes that were read, or 0 where one of them does not say what it
    must: `low` and `high`, 1 unless another number is given. A part of which no code could be
    read is one of which the rule cannot tell: a code that is missing and one that cannot be read
    look the same. It never passes. So does a reading that took longer than `time_ms`.

    What it says is compared by `equals`, `matches` or `equals_plc`; with none of them any code
    that can be read will do. Needs the extra [code].
    """

    kind: Literal["code"]
    """Reads a code: QR, Data Matrix, EAN, Code 128 and others."""
    symbology: Annotated[tuple[Symbology, ...], Field(min_length=1, max_length=15)]
    """Which kinds of code are looked for; each one more takes time."""
    equals: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = None
    """What every code must say, to the letter."""
    matches: str | None = None
    """A regular expression that the whole of every code must match."""
    equals_plc: bool = False
    """Whether the code, or the group `part_id` of `matches`, is the part id that the PLC gave."""
    low: float | None = 1.0
    """The least number of codes."""
    high: float | None = 1.0
    """The greatest number of codes; a code too many is one of another part."""
    time_ms: Annotated[float, Field(gt=0, le=10_000)] = 50.0
    """A reading that takes longer is none: the rule cannot tell."""
    work_px: Annotated[int, Field(ge=16, le=MOST_PX)] = 640
    """The ROI is halved until its longer side fits this; a module of a code needs 2 px then."""

    @field_validator("matches")
    @classmethod
    def _bounded(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            compiled(pattern)
        return pattern

    @model_validator(mode="after")
    def _one_comparison(self) -> CodeSection:
        if self.equals is not None and (self.matches is not None or self.equals_plc):
            raise ValueError("equals: expected alone, got it with matches or equals_plc")
        groups = () if self.matches is None else compiled(self.matches).groupindex
        if self.matches is not None and (PART_ID in groups) != self.equals_plc:
            raise ValueError(
                f"equals_plc: expected true with a group (?P<{PART_ID}>...) in matches, and false "
                f"without one, got {str(self.equals_plc).lower()}"
            )
        return self

    @model_validator(mode="after")
    def _whole_numbers(self) -> CodeSection:
        for name, limit in (("low", self.low), ("high", self.high)):
            # 0 would let pass what was not read, or said something else
            if limit is None or not (limit.is_integer() and limit >= 1):
                raise ValueError(f"{name}: expected a whole number of codes from 1 on, got {limit}")
        return self

    @property
    def unit(self) -> str:
        """Codes are counted."""
        return "count"

    @property
    def value_range(self) -> tuple[float, float]:
        """No part without a code passes."""
        return 1.0, math.inf

    @property
    def reads_text(self) -> bool:
        """What the code says."""
        return True

    @property
    def compares_part_id(self) -> bool:
        """With `equals_plc`."""
        return self.equals_plc
