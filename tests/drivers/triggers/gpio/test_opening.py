"""What the catalogue opens."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("gpiod", reason="gpiod is not installed")

from gonogo.base.words import Reason
from gonogo.drivers.triggers.catalogue import open_trigger
from gonogo.drivers.triggers.gpio.opening import open_encoder, open_gpio
from gonogo.drivers.triggers.gpio.trigger import GpioTrigger
from gonogo.testing.triggers import soon_ns, taken
from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.drivers.triggers.gpio.eyes import QUARTERS, encoder, gpio

if TYPE_CHECKING:
    from collections.abc import Callable


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
            assert said.startswith("GN231: chip 'eye' is not there")


def until(trigger: GpioTrigger, done: Callable[[], bool]) -> None:
    """Wait as the line does, until something is so."""
    end_ns = soon_ns()
    while not done():
        assert soon_ns(0) < end_ns, "it has not come to that"
        assert trigger.wait(soon_ns(5)) is None


def test_trigger_lives_on_without_a_chip_of_the_kernel() -> None:
    """It goes while its lines are held, and comes back: the first part after that is refused."""
    with sim_chip() as chip:
        section = gpio(chip=chip.label, line="3", bounce_ms=0.0, min_pitch_ms=0.001)
        with contextlib.closing(open_gpio(section, 0, None)) as trigger:
            chip.unplug()
            until(trigger, lambda: not trigger.ready)
            assert any("gone" in said for said in trigger.messages())
            chip.plug()
            until(trigger, lambda: trigger.ready)
            rejects = []
            for _ in range(2):
                chip.set(3, active=True)
                rejects.append(taken(trigger).reject)
                chip.set(3, active=False)
    assert rejects == [Reason.TRIGGER, Reason.OK]


def test_trigger_follows_an_encoder_at_a_chip_of_the_kernel() -> None:
    """A part that comes back is none, nor when it is carried forwards again."""
    with sim_chip() as chip:
        lines = {"line": "0", "line_a": "1", "line_b": "2"}
        section = encoder(chip=chip.label, **lines, same_part_mm=2.0, min_pitch_ms=0.001)
        with contextlib.closing(open_encoder(section, 0, None)) as trigger:
            place, seen = 0, []
            for way in (1, 1, -1, 1, 1):
                for _ in range(8):
                    before, place = QUARTERS[place % 4], place + way
                    after = QUARTERS[place % 4]
                    channel = 0 if before[0] is not after[0] else 1
                    chip.set(1 + channel, active=after[channel])
                    # read as it turns, as the line does: what is read late is merged
                    assert trigger.wait(soon_ns(2)) is None
                chip.set(0, active=True)
                seen.append(trigger.wait(soon_ns(500)) is not None)
                chip.set(0, active=False)
    assert seen == [True, True, False, False, True]


def test_trigger_sees_parts_at_a_chip_of_the_kernel() -> None:
    """Each one that covers the eye, once; so close together, the kernel may merge its edges."""
    with sim_chip() as chip:
        section = gpio(chip=chip.label, line="3", bounce_ms=0.0, min_pitch_ms=0.001)
        with contextlib.closing(open_gpio(section, 40, None)) as trigger:
            for part_id in (41, 42, 43):
                chip.set(3, active=True)
                assert taken(trigger).part_id == part_id
                chip.set(3, active=False)
