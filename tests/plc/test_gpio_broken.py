"""Outputs of a GPIO chip that are broken, as only the fake chip shows them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.plc.gpiorig import OUT, FakeRig, gpio_belt, stands, told

if TYPE_CHECKING:
    from collections.abc import Callable

MIXED = "+-++-"


@pytest.fixture
def fake() -> FakeRig:
    """The one whose outputs can be broken."""
    return FakeRig()


@pytest.mark.parametrize("lag_s", [0.0, 0.04])
def test_output_that_follows_late_is_not_blamed(
    fake: FakeRig, caplog: pytest.LogCaptureFixture, lag_s: float
) -> None:
    """A relay of 40 ms behind the chip that reads its own pin."""
    fake.chip.outputs[OUT].lag_s = lag_s
    with gpio_belt(fake).ready() as belt:
        belt.parts(MIXED * 2)
        assert not told(caplog)
        assert belt.delivered() == list(range(1, 11))


@pytest.mark.parametrize(("on_means", "stuck"), [("eject", False), ("pass", True)])
def test_output_that_is_stuck_is_a_fault_with_its_line(
    fake: FakeRig,
    caplog: pytest.LogCaptureFixture,
    on_means: str,
    stuck: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Where it rests it is found with the next part; where everything would pass, at once."""
    with gpio_belt(fake, {"on_means": on_means}).ready() as belt:
        fake.chip.outputs[OUT].stuck = stuck
        if not stuck:
            belt.parts("--")
        belt.until("no fault", lambda: stands(belt))
    (line,) = told(caplog)
    assert "the module does not switch: chip ejector, line 0: its output was told" in line
    assert "(line 0)" in line
    assert "something else drives or shorts the line" in line


def test_output_that_falls_back_by_itself_is_a_fault(
    fake: FakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    """Its supply dips, or something pulls it."""
    fake.chip.outputs[OUT].holds_s = 0.02
    with gpio_belt(fake).ready() as belt:
        belt.parts("+" * 6)
        assert stands(belt)
    assert "did not stay as it was told" in told(caplog)[0]


def test_fault_ends_once_a_person_has_acknowledged_and_the_output_agrees(fake: FakeRig) -> None:
    """Not before."""
    with gpio_belt(fake).ready() as belt:
        fake.chip.outputs[OUT].stuck = True
        belt.until("no fault", lambda: stands(belt))
        fake.chip.outputs[OUT].stuck = None
        belt.idle(0.2)
        assert stands(belt)
        belt.link.clear()
        belt.until("no permit", lambda: belt.link.permit)
        belt.idle(0.2)
        belt.parts("+-")
        assert belt.delivered() == [1, 2]


def test_pulses_end_with_the_loop_though_the_link_goes_on_writing(fake: FakeRig) -> None:
    """Only the loop knows whether parts are judged."""
    output, pulse = fake.chip.outputs[OUT], fake.chip.outputs[1]

    def without_a_beat(done: Callable[[], bool]) -> None:
        end_s = time.monotonic() + 20.0
        while not done():
            assert time.monotonic() < end_s, "the link hangs, too"
            time.sleep(0.002)

    with gpio_belt(fake, pulse_line="1").ready() as belt:
        without_a_beat(lambda: not belt.link.permit)
        told = output.told
        without_a_beat(lambda: output.told > told + 2)  # a turn may still have been due
        turned, told = len(pulse.switched), output.told
        without_a_beat(lambda: output.told > told + 6)
        assert len(pulse.switched) == turned


def test_pulses_go_on_while_the_link_lives_and_rest_while_a_fault_stands(
    fake: FakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    """A relay that misses them takes an output off that is stuck on, acknowledged or not."""
    pulse = fake.chip.outputs[1]
    with gpio_belt(fake, pulse_line="1").ready() as belt:
        turned = len(pulse.switched)
        belt.until("no pulses", lambda: len(pulse.switched) >= turned + 4)
        fake.chip.outputs[OUT].stuck = True
        belt.until("no fault", lambda: stands(belt))
        belt.idle(0.1)
        turned = len(pulse.switched)
        belt.idle(0.4)
        assert len(pulse.switched) == turned
        belt.link.clear()
        belt.until("not tried", lambda: "acknowledged in vain" in caplog.text)
        assert len(pulse.switched) == turned
        fake.chip.outputs[OUT].stuck = None
        belt.link.clear()
        belt.until("no permit", lambda: belt.link.permit)
        belt.until("no pulses again", lambda: len(pulse.switched) >= turned + 4)
