"""What whoever holds lines of a chip needs of the box, and how it names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from gonogo.base.gpio.lines import Order, Wanted
from gonogo.base.gpio.section import GROUP, LABEL_LENGTH, ChipSection, LineName, consumer


class Lamp(ChipSection):
    """Two lines of a chip."""

    chip: str

    @property
    def order(self) -> Order:
        """Of no use."""
        return Order(self.chip, (Wanted("1"), Wanted("RED")), "lamp", 16)


def test_section_holds_all_lines_of_its_order_and_the_chips() -> None:
    """As the station file and systemd ask for them."""
    lamp = Lamp(chip="pins")
    assert lamp.chip_lines == (("pins", "1"), ("pins", "RED"))
    assert lamp.devices == (("char-gpiochip", "rw"),)
    assert (lamp.low_port, lamp.rights) == (False, "")


def test_owned_is_the_device_of_a_path_or_the_first_one() -> None:
    """A label says nothing of a device that is not plugged in."""
    assert Lamp(chip="/dev/gpiochip4").owned == ((Path("/dev/gpiochip4"), GROUP),)
    assert Lamp(chip="pinctrl-rp1").owned == ((Path("/dev/gpiochip0"), GROUP),)


def test_consumer_is_as_long_as_the_kernel_keeps_it() -> None:
    """The station first, then what it is for."""
    assert consumer("bolts", " ejector") == "gonogo bolts ejector"
    assert len(consumer("b" * 40)) == LABEL_LENGTH


@pytest.mark.parametrize("name", ["", "GPIO 17", "x" * 32])
def test_line_name_that_no_chip_has_is_refused(name: str) -> None:
    """Nothing, with a space, or longer than the kernel keeps."""
    with pytest.raises(ValidationError):
        TypeAdapter(LineName).validate_python(name)
