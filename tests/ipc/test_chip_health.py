"""What a chip says of itself in shared memory: units, what is not known, and how old it may be."""

from __future__ import annotations

import math
import time

import pytest

from gonogo.ipc.chip_health import STALE_NS, ChipView, ChipWriter, make_chip_health
from gonogo.tests.ipc.layout import cannot_write


@pytest.fixture
def chip(station: str) -> ChipWriter:
    """Of place A, as its engine process has it."""
    make_chip_health(station)
    return ChipWriter.attach(station, 0)


def test_chip_says_nothing_before_it_was_asked(station: str, chip: ChipWriter) -> None:
    """A place whose backend has no chip to ask is not cool, but unknown."""
    assert ChipView.attach(station, 0).reading(time.monotonic_ns()) is None
    assert chip.said_ns == 0


def test_chip_reading_bears_units_and_what_is_not_known(station: str, chip: ChipWriter) -> None:
    """Thousandths of a degree and of a watt; None where the chip does not say."""
    view = ChipView.attach(station, 0)
    chip.say(temperature_c=61.53, throttled=True, power_w=2.25)
    reading = view.reading(time.monotonic_ns())
    assert reading is not None
    assert reading[1:] == (61.53, True, 2.25)
    chip.say(temperature_c=-12.5)
    reading = view.reading(time.monotonic_ns())
    assert reading is not None
    assert reading[1:] == (-12.5, None, None)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_chip_of_a_broken_sensor_is_unknown(chip: ChipWriter, broken: float) -> None:
    """What is not finite is neither hot nor cool, and does not end the engine process."""
    chip.say(temperature_c=broken, throttled=False, power_w=broken)
    reading = chip.reading(time.monotonic_ns())
    assert reading is not None
    assert reading[1:] == (None, False, None)


def test_chip_that_falls_silent_becomes_unknown(chip: ChipWriter) -> None:
    """An engine that was killed while its chip was hot says nothing of the chip any more."""
    chip.say(temperature_c=99.0)
    said_ns = chip.said_ns
    assert chip.reading(said_ns + STALE_NS) is not None
    assert chip.reading(said_ns + STALE_NS + 1) is None


def test_chips_of_both_places_are_apart(station: str, chip: ChipWriter) -> None:
    """While engines are exchanged, two are loaded."""
    other = ChipWriter.attach(station, 1)
    chip.say(temperature_c=50.0)
    assert other.reading(time.monotonic_ns()) is None
    other.say(temperature_c=60.0)
    reading = chip.reading(time.monotonic_ns())
    assert reading is not None
    assert reading.temperature_c == 50.0


def test_chip_cannot_be_written_by_who_reads(station: str, chip: ChipWriter) -> None:
    """Only the engine process says how its chip fares."""
    chip.say(temperature_c=50.0)
    view = ChipView.attach(station, 0)
    cannot_write(view, ["said_ns"], view.words)
