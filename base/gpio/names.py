"""How a station file names chips and lines, and whose they are on a box."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

GROUP = "gpio"  # of the devices, on most boards
LABEL_LENGTH = 31  # what the kernel keeps of a consumer's name
# all chips: which of them is which changes as they are plugged in
DEVICES = (("char-gpiochip", "rw"),)

ChipName = Annotated[str, Field(min_length=1, max_length=200)]
LineName = Annotated[str, Field(pattern=r"^\S{1,31}$")]


def owned(chip: str) -> tuple[tuple[Path, str], ...]:
    """The device of a chip, and its group; one that is named by its label is owned as the first."""
    named = chip if chip.startswith("/") else "/dev/gpiochip0"
    return ((Path(named), GROUP),)


def consumer(station: str, what: str = "") -> str:
    """What `gpioinfo` shows of a station's line."""
    return f"gonogo {station}{what}"[:LABEL_LENGTH]
