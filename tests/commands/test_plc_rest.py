"""An output that was left on by whoever was killed is off, and stays off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import GpioHeld, ProbeRefused
from gonogo.commands.plc_rest import rest_output
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.testing.gpio import FakeChip
from gonogo.tests.plc.gpiorig import OUT, section_of
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


def rested(folder: Path, chip: FakeChip) -> tuple[int, list[str]]:
    """Exit code and lines."""
    section = section_of(chip.name)
    made = small_station(folder, trigger={"driver": "timer", "period_ms": 160})
    station = made.model_copy(update={"plc": section, "eject": EjectSection(distance_mm=60.0)})
    said: list[str] = []
    code = rest_output(station, said.append, lambda wake: GpioIo(section, wake, chip.open))
    return code, said


@pytest.fixture
def chip() -> FakeChip:
    """One that leaves an output as it was: on, by somebody who was killed."""
    chip = FakeChip("pins", keeps=True)
    lines = chip.open(section_of(chip.name).order)
    lines.put(OUT, active=True)
    lines.close()
    return chip


def test_output_that_was_left_on_is_off_from_then_on(tmp_path: Path, chip: FakeChip) -> None:
    """Nobody has it any more."""
    assert chip.level(OUT)
    assert rested(tmp_path, chip) == (0, ["chip pins, line 0: opened off; its output reads off"])
    assert not chip.level(OUT)


def test_output_that_something_else_drives_is_said_to_be_on(tmp_path: Path, chip: FakeChip) -> None:
    """Nothing of ours can switch it."""
    chip.outputs[OUT].stuck = True
    code, said = rested(tmp_path, chip)
    assert code == 1
    assert "its output reads ON" in said[0]


def test_output_of_a_line_that_lives_is_left_to_it(tmp_path: Path, chip: FakeChip) -> None:
    """Its supervisor ended, and the next one adopts it."""
    chip.take("gonogo bolts ejector")
    with pytest.raises(GpioHeld, match="taken by 'gonogo bolts ejector'"):
        rested(tmp_path, chip)
    assert chip.level(OUT)


def test_other_links_have_nothing_to_rest(tmp_path: Path) -> None:
    """A PLC rejects by itself, and a module has its watchdog."""
    with pytest.raises(ProbeRefused, match=r"'modbus-client': nothing to rest"):
        rest_output(small_station(tmp_path), print)
