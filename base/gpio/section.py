"""What every section that holds lines of a GPIO chip needs of its box, and how it names them."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gonogo.base.holding import Holding

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Order

GROUP = "gpio"  # of the devices, on most boards
LABEL_LENGTH = 31  # what the kernel keeps of a consumer's name

ChipName = Annotated[str, Field(min_length=1, max_length=200)]
LineName = Annotated[str, Field(pattern=r"^\S{1,31}$")]


class ChipSection(Holding):
    """A section with a `chip`: its path, or its name or label."""

    # not a field here: each driver has its own order of keys
    if TYPE_CHECKING:
        chip: str

    @property
    @abstractmethod
    def order(self) -> Order:
        """What is asked of the chip."""

    @property
    def chip_lines(self) -> tuple[tuple[str, str], ...]:
        """All lines of the order."""
        return tuple((self.chip, each.name) for each in self.order.lines)

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """All chips: which of them is which changes as they are plugged in."""
        return (("char-gpiochip", "rw"),)

    @property
    def owned(self) -> tuple[tuple[Path, str], ...]:
        """One that is named by its label is owned as the first one is."""
        named = self.chip if self.chip.startswith("/") else "/dev/gpiochip0"
        return ((Path(named), GROUP),)


def consumer(station: str, what: str = "") -> str:
    """What `gpioinfo` shows of a station's line."""
    return f"gonogo {station}{what}"[:LABEL_LENGTH]
