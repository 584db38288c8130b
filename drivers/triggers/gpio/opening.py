"""What the catalogue opens: the kernel's chip behind the triggers by GPIO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.gpio.chip import open_lines
from gonogo.drivers.triggers.gpio.trigger import GpioTrigger
from gonogo.drivers.triggers.gpio.watch import BeltWatch, EyeWatch

if TYPE_CHECKING:
    from gonogo.drivers.triggers.gpio.section import EncoderSection, GpioSection


def open_gpio(section: GpioSection, last_part_id: int, _refused: object) -> GpioTrigger:
    """A photo-eye; where its chip is not there, it is opened as soon as it is."""
    return GpioTrigger(section.order, EyeWatch(section, last_part_id), open_lines)


def open_encoder(section: EncoderSection, last_part_id: int, _refused: object) -> GpioTrigger:
    """A photo-eye and an encoder; where their chip is not there, as soon as it is."""
    return GpioTrigger(section.order, BeltWatch(section, last_part_id), open_lines)
