"""`gonogo check` of an ejector at a GPIO chip: how its lines stand, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import GpioAbsent
from gonogo.commands.check_ejector import check_ejector
from gonogo.commands.report import Report
from gonogo.tests.plc.gpiorig import section_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.gpio.lines import Order

pytest.importorskip("gpiod", reason="gpiod is not installed")

from gonogo.base.gpio.chip import Found

NAME = "/dev/gpiochip0 (pins)"


def line(offset: int, consumer: str = "", *, active: bool | None = None) -> Found:
    """One of the chip's."""
    return Found(NAME, "", offset, consumer, active)


def checked(
    found: Sequence[Found],
    taken: Sequence[Found] = (),
    **keys: Any,  # noqa: ANN401 - of [plc]
) -> list[str]:
    """What is said of it."""
    said: list[str] = []
    section = section_of("pins", **keys).of_station("bolts")
    check_ejector(Report(said.append), section, taken, lambda _: list(found))
    return said


def test_check_says_each_line_with_what_it_is_for() -> None:
    """The level of an output is nobody's to ask."""
    found = [line(0), line(1, active=True), line(2, active=False)]
    assert checked(found, feedback={"line": "1"}, confirm={"line": "2"}) == [
        f"  output: {NAME}, line 0: free",
        f"  feedback: {NAME}, line 1: free, active now",
        f"  eye in the chute: {NAME}, line 2: free, inactive now",
    ]


def test_check_names_who_has_the_output() -> None:
    """Another program is a finding, the station itself is none."""
    (said,) = checked([line(0, "gonogo press ejector")])
    assert said.startswith(f"  WRONG  GN232: output: {NAME}, line 0: taken by 'gonogo press eje")
    (said,) = checked([line(0, "gonogo bolts ejector")])
    assert said.endswith(": this station runs")


def test_check_finds_a_line_of_the_trigger_under_another_name() -> None:
    """The file calls it by a name there and by its offset here."""
    said = checked([line(17)], [line(17, active=True)])
    assert "WRONG  GN232: output" in said[1]
    assert "line 17 is a line of [trigger] as well" in said[1]
    assert len(checked([line(5)], [line(17)])) == 1


def test_check_says_what_is_missing() -> None:
    """With its number."""
    said: list[str] = []

    def look(_: Order) -> list[Found]:
        raise GpioAbsent("chip 'pins' is not there")

    check_ejector(Report(said.append), section_of("pins"), (), look)
    assert said == ["  WRONG  GN231: chip 'pins' is not there"]
