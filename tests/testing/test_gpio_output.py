"""What hangs at an output of the fake chip does what it is made to do."""

from __future__ import annotations

import time

from gonogo.base.gpio.lines import Order, Wanted
from gonogo.testing.gpio import FakeChip
from gonogo.testing.gpio_output import FakeOutput

FOREVER_S = 3600.0


def order() -> Order:
    """An output, and an input beside it."""
    lines = (Wanted("0", drive="push-pull"), Wanted("1", edges=False))
    return Order("fake", lines, "test", 16)


def test_output_records_each_change_with_its_time() -> None:
    """The same again is none."""
    output = FakeOutput()
    began_ns = time.monotonic_ns()
    for active in (True, True, False):
        output.put(active=active)
    assert [active for _, active in output.switched] == [False, True, False]
    assert output.told == 3
    assert not output.was(began_ns)
    assert not output.was(time.monotonic_ns())


def test_output_that_is_stuck_stays() -> None:
    """On or off."""
    output = FakeOutput()
    output.stuck = True
    output.put(active=False)
    assert output.level
    output.stuck = None
    assert not output.level


def test_output_that_lags_is_as_before() -> None:
    """Until its time has come."""
    output = FakeOutput()
    output.lag_s = FOREVER_S
    output.put(active=True)
    assert not output.level


def test_output_that_does_not_hold_falls_back() -> None:
    """By itself; told again it is on again."""
    output = FakeOutput()
    output.holds_s = 1e-9
    output.put(active=True)
    time.sleep(0.001)
    assert not output.level
    output.holds_s = FOREVER_S
    output.put(active=True)
    assert output.level


def test_chip_that_keeps_its_outputs_leaves_them_on_until_they_are_opened_again() -> None:
    """As many chips do when whoever had a line was killed."""
    for keeps in (True, False):
        chip = FakeChip(keeps=keeps)
        lines = chip.open(order())
        lines.put(0, active=True)
        lines.close()
        assert chip.level(0) is keeps
        chip.open(order()).close()
        assert not chip.level(0)


def test_input_that_is_tied_follows_its_output() -> None:
    """As a feedback does, until it is cut."""
    chip = FakeChip()
    lines = chip.open(order())
    chip.ties[1] = 0
    lines.put(0, active=True)
    assert lines.levels() == (True, True)
    del chip.ties[1]
    assert lines.levels() == (True, False)
    lines.close()
