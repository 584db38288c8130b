"""What a station file says of an ejector at a GPIO chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from gonogo.base.gpio.lines import Wanted
from gonogo.config.station import Station
from gonogo.launch.needs import groups_of, needs_of
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.tests.plc.gpiorig import section_of
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path

EYE = {"driver": "gpio", "chip": "pins", "line": "17"}
EJECT = {"by": "time", "distance_mm": 300.0, "window_mm": 20.0}


def station(
    folder: Path,
    trigger: dict[str, Any] | None = None,
    eject: dict[str, Any] | None = None,
    **plc: Any,  # noqa: ANN401 - keys of [plc]
) -> Station:
    """A station with such an ejector, and a photo-eye at the same chip."""
    fields = small_station(folder, trigger=trigger or EYE).model_dump()
    keys = {"driver": "gpio-io", "chip": "pins", "line": "5"}
    return Station.model_validate(fields | {"plc": keys | plc, "eject": EJECT | (eject or {})})


def test_section_asks_for_its_lines_in_one_order() -> None:
    """The output first; inputs are read, and have no edges."""
    section = section_of(
        "pins",
        active_low=True,
        drive="open-drain",
        pulse_line="6",
        feedback={"line": "7", "active_low": True, "bias": "pull-up"},
        confirm={"line": "EYE"},
    )
    assert section.order.lines == (
        Wanted("0", active_low=True, drive="open-drain"),
        Wanted("6", drive="push-pull"),
        Wanted("7", active_low=True, bias="pull-up", edges=False),
        Wanted("EYE", edges=False),
    )
    assert list(section.wanted) == ["output", "pulse", "feedback", "covered"]
    assert section.in_words() == [
        "output: open-drain, active low; feedback at line 7, confirm at line EYE"
    ]


def test_section_is_named_after_its_station() -> None:
    """So that whoever finds the line taken is told by whom."""
    assert section_of("pins").of_station("bolts").order.consumer == "gonogo bolts ejector"
    named = section_of("pins", consumer="press 4").of_station("bolts")
    assert named.order.consumer == "press 4"


@pytest.mark.parametrize(
    "keys", [{"pulse_line": "0"}, {"feedback": {"line": "0"}}, {"confirm": {"line": "0"}}]
)
def test_section_wants_a_line_of_its_own_for_each(keys: dict[str, Any]) -> None:
    """By the names in the file."""
    with pytest.raises(ValidationError, match="expected a line of its own for each, got 0, 0"):
        section_of("pins", **keys)


def test_station_refuses_a_line_that_its_trigger_has(tmp_path: Path) -> None:
    """The same line of the same chip, also where it is the feedback's."""
    assert isinstance(station(tmp_path).plc, GpioIoSection)
    for keys in ({"line": "17"}, {"feedback": {"line": "17"}}):
        with pytest.raises(ValidationError, match="got line 17 of chip pins in both"):
            station(tmp_path, **keys)
    station(tmp_path, chip="others", line="17")


def test_unit_of_such_a_station_has_the_chips_once_and_no_network(tmp_path: Path) -> None:
    """Trigger and ejector want the same; what owns the chip is asked of its device."""
    device = tmp_path / "gpiochip0"
    device.touch()
    found = needs_of(station(tmp_path, chip=str(device)), ())
    assert found.devices == (("char-gpiochip", "rw"),)
    assert set(groups_of(device)) <= set(found.groups)
    assert found.peers == ()
    assert found.rests
    timed = needs_of(station(tmp_path, {"driver": "timer", "period_ms": 200}, chip=str(device)), ())
    assert timed.devices == (("char-gpiochip", "rw"),)
    assert timed.groups == groups_of(device)


ENCODER = {"line_a": "22", "line_b": "23", "bias": "pull-up"}
BY_ENCODER = {"by": "encoder", "counts_per_mm": 4.0}


def test_section_asks_for_the_edges_of_its_encoder_last() -> None:
    """Both channels, beside the output."""
    wanted = section_of("pins", encoder=ENCODER).wanted
    assert list(wanted) == ["output", "encoder A", "encoder B"]
    assert wanted["encoder A"] == Wanted("22", bias="pull-up")


@pytest.mark.parametrize(
    ("plc", "eject", "problem"),
    [
        ({}, BY_ENCODER, r"expected \[plc.encoder\] with line_a and line_b, got none"),
        ({"encoder": ENCODER}, {}, r'expected an \[eject\] with by = "encoder"'),
        (
            {"encoder": ENCODER},
            BY_ENCODER | {"counts_per_mm": 10.1},
            "at most 2000 counts a second",
        ),
        ({"encoder": ENCODER}, BY_ENCODER, ""),
    ],
)
def test_station_with_an_encoder_is_complete_or_says_what_it_lacks(
    tmp_path: Path, plc: dict[str, Any], eject: dict[str, Any], problem: str
) -> None:
    """One that is there and asked for, and slow enough to be counted here (200 mm/s)."""
    if not problem:
        station(tmp_path, eject=eject, **plc)
        return
    with pytest.raises(ValidationError, match=problem):
        station(tmp_path, eject=eject, **plc)


def test_station_without_an_ejector_or_with_a_trigger_of_the_plc_is_refused(tmp_path: Path) -> None:
    """Nobody names the parts, or nothing follows them."""
    with pytest.raises(ValidationError, match="a module names no parts"):
        station(tmp_path, {"driver": "plc"})
    fields = station(tmp_path).model_dump() | {"eject": None}
    with pytest.raises(ValidationError, match=r'"gpio-io": expected an \[eject\]'):
        Station.model_validate(fields)
