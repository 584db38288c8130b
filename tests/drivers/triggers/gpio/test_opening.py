"""What the catalogue opens."""

from __future__ import annotations

import contextlib

import pytest

pytest.importorskip("gpiod", reason="gpiod is not installed")

from gonogo.drivers.triggers.catalogue import open_trigger
from gonogo.drivers.triggers.gpio.opening import open_encoder, open_gpio
from gonogo.drivers.triggers.gpio.trigger import GpioTrigger
from gonogo.testing.triggers import soon_ns, taken
from gonogo.tests.drivers.triggers.gpio.eyes import encoder, gpio
from gonogo.tests.drivers.triggers.gpio.sim import sim_chip


@pytest.mark.parametrize(
    ("section", "opens"), [(gpio(), open_gpio), (encoder(), open_encoder)], ids=["gpio", "encoder"]
)
def test_trigger_opens_without_its_chip_and_says_what_is_missing(
    section: object, opens: object
) -> None:
    """The line lives on: parts are not seen, and that is shown."""
    for opened in (
        opens(section, 0, None),  # type: ignore[operator]  # either of them
        open_trigger(section, 0, lambda _: None),  # type: ignore[arg-type]  # a section
    ):
        assert isinstance(opened, GpioTrigger)
        with contextlib.closing(opened):
            assert not opened.ready
            assert opened.wait(soon_ns(5)) is None
            said, *_ = opened.messages()
            assert said.startswith("GN221: chip 'eye' is not there")


def test_trigger_sees_parts_at_a_chip_of_the_kernel() -> None:
    """Each one that covers the eye, once; so close together, the kernel may merge its edges."""
    with sim_chip() as chip:
        section = gpio(chip=chip.label, line="3", bounce_ms=0.0, min_pitch_ms=0.001)
        with contextlib.closing(open_gpio(section, 40, None)) as trigger:
            for part_id in (41, 42, 43):
                chip.set(3, active=True)
                assert taken(trigger).part_id == part_id
                chip.set(3, active=False)
