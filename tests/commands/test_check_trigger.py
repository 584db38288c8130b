"""`gonogo check` of a trigger by GPIO: chip, line, who has it, level now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import GpioAbsent
from gonogo.commands.check_trigger import check_trigger
from gonogo.commands.report import Report
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.base.gpio.lines import Order

gpiod = pytest.importorskip("gpiod", reason="gpiod is not installed")

EYE = {"driver": "gpio", "chip": "/dev/gpiochip0", "line": "17"}
NAME = "/dev/gpiochip0 (pins)"


def said(
    folder: Path, trigger: dict[str, Any], look: Callable[[Order], list[Any]]
) -> tuple[list[str], int]:
    """The lines, and how many findings there are."""
    lines: list[str] = []
    report = Report(lines.append)
    check_trigger(report, small_station(folder, trigger=trigger), look)
    return lines, len(report.findings)


def found(consumer: str) -> Callable[[Order], list[Any]]:
    """A line that this program has; "{own}" is the station that is checked."""
    from gonogo.base.gpio.chip import Found  # noqa: PLC0415 - after the package it needs

    def look(order: Order) -> list[Found]:
        who = consumer.format(own=order.consumer)
        return [Found(NAME, "EYE", 17, who, active=None if who else True)]

    return look


def test_check_says_a_line_that_is_free_with_its_level(tmp_path: Path) -> None:
    """And how it is read."""
    lines, findings = said(tmp_path, EYE, found(""))
    assert lines[0].startswith("trigger: gpio, rising edge; a part every ")
    assert lines[1:] == [f"  {NAME}, line 17 'EYE': free, active now"]
    assert findings == 0


def test_check_names_the_program_that_has_the_line(tmp_path: Path) -> None:
    """Two stations cannot share one."""
    lines, findings = said(tmp_path, EYE, found("gonogo press"))
    assert "WRONG  GN232" in lines[1]
    assert "taken by 'gonogo press'; end that program" in lines[1]
    assert findings == 1


def test_check_beside_the_station_finds_its_own_line_taken(tmp_path: Path) -> None:
    """It runs, and that is no finding."""
    lines, findings = said(tmp_path, EYE, found("{own}"))
    assert lines[1].endswith(": this station runs")
    assert findings == 0


def test_check_says_what_is_missing(tmp_path: Path) -> None:
    """With its number."""

    def look(_: Order) -> list[Any]:
        raise GpioAbsent("chip 'eye' is not there")

    lines, findings = said(tmp_path, EYE, look)
    assert lines[1] == "  WRONG  GN231: chip 'eye' is not there"
    assert findings == 1


def test_check_looks_at_the_kernels_chips(tmp_path: Path) -> None:
    """Where nothing else is given."""
    lines: list[str] = []
    check_trigger(
        Report(lines.append), small_station(tmp_path, trigger=EYE | {"chip": "no-such-chip"})
    )
    assert "GN231: chip 'no-such-chip' is not there" in lines[1]


def test_check_has_nothing_to_say_of_a_trigger_without_a_device(tmp_path: Path) -> None:
    """The PLC's link is looked at by itself."""
    assert said(tmp_path, {"driver": "plc"}, found("")) == ([], 0)
