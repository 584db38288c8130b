"""The probe of an ejector at a GPIO chip: opened off, held, driven by hand, and off at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import GpioHeld
from gonogo.base.words import VerdictKind
from gonogo.commands.plc_probe_module import probe_module
from gonogo.commands.plc_probe_order import ProbeOrder, ProbeTimes
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.testing.gpio import FakeChip
from gonogo.tests.plc.gpiorig import FEEDBACK, OUT, section_of
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def chip() -> FakeChip:
    """One whose output switches as it is told, and stays so when nobody has it."""
    return FakeChip("pins", keeps=True)


def probed(
    folder: Path,
    chip: FakeChip,
    drive: VerdictKind | None = None,
    **plc: Any,  # noqa: ANN401 - keys of [plc]
) -> tuple[int, str]:
    """Exit code and text; the line is watched and held for a shorter while."""
    section = section_of(chip.name, **plc)
    eject = EjectSection(distance_mm=60.0, window_mm=10.0)
    made = small_station(folder, trigger={"driver": "timer", "period_ms": 160})
    station = made.model_copy(update={"plc": section, "eject": eject})
    said: list[str] = []
    order = ProbeOrder(drive=drive, times=ProbeTimes(watch_s=0.1, hold_s=0.1))
    code = probe_module(
        station, section, order, said.append, lambda wake_fd: GpioIo(section, wake_fd, chip.open)
    )
    return code, "\n".join(said)


@pytest.mark.parametrize(("drive", "on"), [(None, False), (VerdictKind.ACCEPT, True)])
def test_probe_switches_the_line_by_hand_and_leaves_it_off(
    tmp_path: Path,
    chip: FakeChip,
    drive: VerdictKind | None,
    on: bool,  # noqa: FBT001 - a parameter
) -> None:
    """On only where the verdict means that."""
    code, said = probed(tmp_path, chip, drive)
    assert code == 0, said
    assert "before anything was written its output reads off" in said
    assert said.endswith("nothing wrong found")
    assert any(active for _, active in chip.outputs[OUT].switched) is on
    assert not chip.level(OUT)


def test_probe_feeds_a_watchdog_relay(tmp_path: Path, chip: FakeChip) -> None:
    """Without its pulses the relay would take the supply, and nothing would move."""
    code, said = probed(tmp_path, chip, VerdictKind.ACCEPT, pulse_line="4")
    assert code == 0, said
    assert any(active for _, active in chip.outputs[1].switched)


def test_probe_finds_an_ejector_that_does_not_move(tmp_path: Path, chip: FakeChip) -> None:
    """Where there is a feedback."""
    feedback = {"line": str(FEEDBACK), "within_ms": 50}
    code, said = probed(tmp_path, chip, VerdictKind.ACCEPT, feedback=feedback)
    assert code == 1
    assert "the ejector does not move: its feedback (line 1)" in said


def test_probe_switches_nothing_where_the_line_is_driven_already(
    tmp_path: Path, chip: FakeChip
) -> None:
    """Something holds it on, although it was opened off."""
    chip.outputs[OUT].stuck = True
    code, said = probed(tmp_path, chip, VerdictKind.ACCEPT)
    assert code == 1
    assert "reads on although it was opened off: something else drives or shorts" in said
    assert chip.outputs[OUT].told == 2  # off as it was opened, and as it was let go


def test_probe_of_a_line_that_a_station_has_is_refused(tmp_path: Path, chip: FakeChip) -> None:
    """With its name."""
    chip.take("gonogo press ejector")
    with pytest.raises(GpioHeld, match="taken by 'gonogo press ejector'"):
        probed(tmp_path, chip)
