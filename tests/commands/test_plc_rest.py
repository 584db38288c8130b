"""An output that was left on by whoever was killed is off, and stays off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from gonogo.base.errors import GpioHeld, ProbeRefused
from gonogo.commands.plc import plc
from gonogo.commands.plc_rest import rest_output
from gonogo.config.last_good import propose
from gonogo.ipc.last_good_file import accept, candidate, digest
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.testing.gpio import FakeChip
from gonogo.tests.plc.gpiorig import OUT, section_of
from gonogo.tests.stations import PLAIN_FILE, small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.gpio.lines import Lines, Opens, Order


def rested(
    folder: Path,
    chip: FakeChip,
    opens: Opens | None = None,
    **keys: Any,  # noqa: ANN401 - keys of [plc]
) -> tuple[int, list[str]]:
    """Exit code and lines."""
    section = section_of(chip.name, **keys)
    made = small_station(folder, trigger={"driver": "timer", "period_ms": 160})
    station = made.model_copy(update={"plc": section, "eject": EjectSection(distance_mm=60.0)})
    said: list[str] = []
    code = rest_output(
        station, said.append, lambda asked, wake: GpioIo(asked, wake, opens or chip.open)
    )
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


def test_output_is_off_also_where_somebody_has_one_of_the_other_lines(
    tmp_path: Path, chip: FakeChip
) -> None:
    """They are not asked for."""
    keys = {"pulse_line": "7", "feedback": {"line": "5"}, "confirm": {"line": "6"}}
    asked: list[Order] = []

    def opens(order: Order) -> Lines:
        asked.append(order)
        return chip.open(order)

    assert rested(tmp_path, chip, opens, **keys)[0] == 0
    assert not chip.level(OUT)
    assert [each.name for order in asked for each in order.lines] == ["0"]


def test_station_file_that_was_edited_wrongly_is_the_last_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the line that has just ended."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    file = tmp_path / "station.toml"
    file.write_text(PLAIN_FILE, encoding="utf-8")
    propose(file, file.read_bytes())
    accept(candidate(file), digest(file.read_bytes()))
    file.write_text("pitch_mm = 3\n", encoding="utf-8")
    error = CliRunner().invoke(plc, ["rest", str(file)]).exception
    assert isinstance(error, ProbeRefused)


def test_other_links_have_nothing_to_rest(tmp_path: Path) -> None:
    """A PLC rejects by itself, and a module has its watchdog."""
    with pytest.raises(ProbeRefused, match=r"'modbus-client': nothing to rest"):
        rest_output(small_station(tmp_path), print)
