"""The transport of an ejector at a GPIO chip: what every one promises, and what is its own."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import GpioAbsent, GpioHeld, LinkError
from gonogo.base.words import FaultBit
from gonogo.plc.register_map import D_WORDS, FAULT_AT, HEART_AT
from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.plc.transports.transport import ProcessImage
from gonogo.testing.gpio import FakeChip
from gonogo.testing.transports import TransportContract
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.plc.gpiorig import OUT, section_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.base.gpio.lines import Order
    from gonogo.plc.transports.gpio_section import GpioIoSection


def image(*, on: bool, heart: int = 0, fault: int = 0, arm: bool = False) -> ProcessImage:
    """As the link has it for a station with an ejector."""
    words = [0] * D_WORDS
    words[HEART_AT], words[FAULT_AT] = heart, fault
    return ProcessImage(words, (*(False,) * 7, on), arm=arm)


@pytest.fixture
def chip() -> FakeChip:
    """One that leaves an output as it was."""
    return FakeChip("ejector", keeps=True)


@contextlib.contextmanager
def transport_of(chip: FakeChip, section: GpioIoSection | None = None) -> Iterator[GpioIo]:
    """Not open yet; closed at the end."""
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
    transport = GpioIo(section or section_of(chip.name), wake_fd, chip.open)
    try:
        yield transport
    finally:
        transport.close()
        os.close(wake_fd)


class TestGpioIo(TransportContract):
    """By the fake chip; by the kernel's, see test_transport_conformance.py."""

    brings_words = False

    @pytest.fixture
    def driver(self) -> str:
        """Of the catalogue."""
        return "gpio-io"

    @pytest.fixture
    def section(self, chip: FakeChip) -> GpioIoSection:
        """Its output alone."""
        return section_of(chip.name)

    @pytest.fixture
    def transport(self, chip: FakeChip, section: GpioIoSection, wake_fd: int) -> Iterator[GpioIo]:
        """Behind it no kernel."""
        transport = GpioIo(section, wake_fd, chip.open)
        yield transport
        transport.close()

    @pytest.fixture
    def take_away(self, chip: FakeChip) -> Callable[[], object]:
        """Unplugged."""
        return chip.unplug


def test_output_that_was_left_on_is_off_as_soon_as_the_transport_is_open(chip: FakeChip) -> None:
    """Whoever had it before was killed, and the chip kept the level."""
    lines = chip.open(section_of(chip.name).order)
    lines.put(OUT, active=True)
    lines.close()
    assert chip.level(OUT)
    with transport_of(chip) as transport:
        transport.open()
        assert not chip.level(OUT)


def test_opening_never_makes_a_pulse(chip: FakeChip) -> None:
    """Not one, however often the link comes and goes."""
    with transport_of(chip) as transport:
        for _ in range(5):
            transport.open()
            transport.exchange(image(on=False))
            transport.close()
    assert [active for _, active in chip.outputs[OUT].switched] == [False]


def test_close_switches_the_output_off_before_it_lets_it_go(chip: FakeChip) -> None:
    """The chip would leave it on."""
    with transport_of(chip) as transport:
        transport.open()
        transport.exchange(image(on=True))
        assert chip.level(OUT)
        transport.close()
        assert not chip.level(OUT)


def test_close_of_a_chip_that_is_gone_is_no_error(chip: FakeChip) -> None:
    """Nothing can be switched any more; nothing is left open."""
    with nothing_left_open(), transport_of(chip) as transport:
        transport.open()
        transport.exchange(image(on=True))
        chip.unplug()
        with pytest.raises(LinkError, match=r"chip ejector, line 0: gone .*it is opened again"):
            transport.exchange(image(on=False))
        transport.close()


def test_open_says_what_cannot_be_had(chip: FakeChip) -> None:
    """A line of another program by its name; a chip that is not there."""
    with transport_of(chip) as transport:
        chip.take("gonogo press")
        with pytest.raises(GpioHeld, match="is taken by 'gonogo press'"):
            transport.open()
        chip.give()
        chip.unplug()
        with pytest.raises(GpioAbsent, match="plug it in"):
            transport.open()
        chip.plug()
        transport.open()


def test_found_reads_all_lines_and_switches_none(chip: FakeChip) -> None:
    """Output, feedback and eye; the pulses of the watchdog are nobody's reading."""
    keys = {"pulse_line": "4", "feedback": {"line": "5"}, "confirm": {"line": "6"}}
    with transport_of(chip, section_of(chip.name, **keys)) as transport:
        transport.open()
        chip.set(3, active=True)  # by its place in the order
        assert transport.found() == {"output": False, "feedback": False, "covered": True}
        assert chip.outputs[OUT].told == 1  # as it was opened


def test_pulse_turns_over_as_the_output_is_written_once_a_beat_of_the_loop(chip: FakeChip) -> None:
    """Fed by what drives the ejector, and by a loop that turns: not by the link alone."""
    turned = []
    with transport_of(chip, section_of(chip.name, pulse_line="4")) as transport:
        transport.open()
        for on, heart in ((True, 0), (False, 1), (True, 1), (True, 2), (False, 2), (True, 2)):
            transport.exchange(image(on=on, heart=heart))
            turned.append(chip.outputs[1].level)
    assert turned == [False, True, True, True, False, False]


def test_pulses_rest_in_a_fault_and_go_while_an_output_that_follows_is_tried(
    chip: FakeChip,
) -> None:
    """A feedback that lacks the supply which they took off can only follow with them."""
    pulse = chip.outputs[1]
    with transport_of(chip, section_of(chip.name, pulse_line="4")) as transport:
        transport.open()
        turned = []
        for heart, arm in ((1, False), (3, True)):
            for step, on in enumerate((True, False)):
                shown = image(on=on, heart=heart + step, fault=FaultBit.EJECTOR, arm=arm)
                transport.exchange(shown)
            turned.append(len(pulse.switched))
    assert turned == [1, 3]


def test_close_switches_off_what_was_switched_by_a_write_that_failed(chip: FakeChip) -> None:
    """The output first, then the pulse, whose line has gone bad."""
    section = section_of(chip.name, pulse_line="4")

    class HalfBroken:
        """Lines of which only the output can be switched."""

        def __init__(self, order: Order) -> None:
            self._lines = chip.open(order)
            self.fd, self.read, self.close = self._lines.fd, self._lines.read, self._lines.close
            self.levels = self._lines.levels

        def put(self, line: int, *, active: bool) -> None:
            """As the kernel would."""
            if line != OUT:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            self._lines.put(line, active=active)

    wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
    transport = GpioIo(section, wake_fd, HalfBroken)
    transport.open()
    with pytest.raises(LinkError, match="Input/output error"):
        transport.exchange(image(on=True, heart=1))
    assert chip.level(OUT)
    transport.close()
    os.close(wake_fd)
    assert not chip.level(OUT)
