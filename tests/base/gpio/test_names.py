"""Names of chips and lines, and of those who have them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from gonogo.base.gpio.names import GROUP, LABEL_LENGTH, LineName, consumer, owned


def test_owned_is_the_device_of_a_path_or_the_first_one() -> None:
    """A label says nothing of a device that is not plugged in."""
    assert owned("/dev/gpiochip4") == ((Path("/dev/gpiochip4"), GROUP),)
    assert owned("pinctrl-rp1") == ((Path("/dev/gpiochip0"), GROUP),)


def test_consumer_is_as_long_as_the_kernel_keeps_it() -> None:
    """The station first, then what it is for."""
    assert consumer("bolts", " ejector") == "gonogo bolts ejector"
    assert len(consumer("b" * 40)) == LABEL_LENGTH


@pytest.mark.parametrize("name", ["", "GPIO 17", "x" * 32])
def test_line_name_that_no_chip_has_is_refused(name: str) -> None:
    """Nothing, with a space, or longer than the kernel keeps."""
    with pytest.raises(ValidationError):
        TypeAdapter(LineName).validate_python(name)
