"""An ejector at a GPIO chip: what it does with parts, and what is found of it when it does not.

The fake chip and the kernel's simulator alike, as far as that one can be broken.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.plc.register_map import State
from gonogo.tests.plc.gpiorig import EYE, FEEDBACK, OUT, FakeRig, Rig, gpio_belt, rig_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.plc.nozzle import NozzleBelt

MIXED = "+-++-"
WAY = {"distance_mm": 300.0, "window_mm": 140.0}  # 230 to 370 ms after the trigger


@pytest.fixture(params=["fake", "gpio-sim"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Each of them."""
    with rig_of(request.param) as rig:
        yield rig


@pytest.fixture
def fake() -> FakeRig:
    """The one whose outputs can be broken."""
    return FakeRig()


def senses(rig: Rig, **confirm: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of a section
    """Both inputs; as late as a slow machine may be."""
    return {
        "feedback": {"line": str(FEEDBACK), "within_ms": 200 * rig.slow},
        "confirm": {"line": str(EYE), "within_ms": 200 * rig.slow} | confirm,
        "readback_ms": 50 * rig.slow,
    }


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of the log with a number."""
    return [r.getMessage() for r in caplog.records if "GN420" in r.getMessage()]


def stands(belt: NozzleBelt) -> bool:
    """Whether FAULT is latched and the permit off."""
    return belt.link.state is State.FAULT and not belt.link.permit


@pytest.mark.parametrize("on_means", ["pass", "eject"])
def test_healthy_ejector_is_never_blamed_and_sends_each_part_where_it_belongs(
    rig: Rig, caplog: pytest.LogCaptureFixture, on_means: str
) -> None:
    """Feedback and eye in use; off before the first part and after the last one."""
    with gpio_belt(rig, WAY | {"on_means": on_means}, **senses(rig)).ready() as belt:
        belt.idle(0.4)
        good = MIXED * 2
        belt.parts(good)
        belt.idle(0.4)
        assert not told(caplog)
        assert belt.delivered() == list(range(1, 11))
        assert belt.ejected == {k: each == "-" for k, each in enumerate(good, 1)}
    assert not rig.output


def test_stopped_station_leaves_the_output_off(rig: Rig) -> None:
    """Also one that is stopped in the middle of a part."""
    with gpio_belt(rig).ready() as belt:
        belt.part(1, good=True, pitch_s=0.05)
        belt.until("the output was never on", lambda: rig.output)
    assert not rig.output


@pytest.mark.parametrize("stuck", [False, True])
def test_ejector_that_does_not_move_is_told_apart_from_its_output(
    rig: Rig,
    caplog: pytest.LogCaptureFixture,
    stuck: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The output switches, the feedback does not follow."""
    with gpio_belt(rig, **senses(rig)).ready() as belt:
        rig.feedback_stuck = stuck
        belt.parts(MIXED * 2)
        belt.until("no fault", lambda: stands(belt))
    assert "the ejector does not move: its feedback (line 1)" in told(caplog)[0]


@pytest.mark.parametrize("stuck", [False, True])
def test_reject_that_no_eye_saw_is_a_fault(
    rig: Rig,
    caplog: pytest.LogCaptureFixture,
    stuck: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The line says which part."""
    with gpio_belt(rig, **senses(rig)) as belt:
        rig.eye_stuck = stuck
        belt.ready()
        belt.parts("++-+++")
        belt.until("no fault", lambda: stands(belt))
    (line,) = told(caplog)
    assert "the reject was not confirmed: the eye in the chute (line 2) did not see part 3" in line


def test_chip_that_goes_is_a_lost_link_and_is_opened_again_off(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """No fault of the ejector: nothing is delivered meanwhile, and parts are once it is back."""
    caplog.set_level(logging.INFO)
    with gpio_belt(rig, readback_ms=50 * rig.slow).ready() as belt:
        belt.parts("+")
        rig.unplug()
        belt.until("still a permit", lambda: not belt.link.permit)
        belt.parts("+", first=2)
        rig.plug()
        belt.until("no permit", lambda: belt.link.permit)
        belt.idle(0.2)
        belt.parts("+-", first=3)
        assert belt.delivered() == [1, 3, 4]
        assert {1: False, 3: False, 4: True}.items() <= belt.ejected.items()
    assert not told(caplog)
    assert f"chip {rig.name}, line 0: gone" in caplog.text


def test_line_that_another_has_is_never_taken_over(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """The second link is told by whom, has no permit, and changes nothing of the output."""
    caplog.set_level(logging.INFO)
    keys: dict[str, Any] = {"readback_ms": 50 * rig.slow}
    with gpio_belt(rig, consumer="gonogo press", **keys).ready() as first:
        with gpio_belt(rig, **keys) as second:
            second.until("not told", lambda: "is taken by 'gonogo press'" in caplog.text)
            first.parts("+-")
            assert not second.link.permit
        assert first.delivered() == [1, 2]
        assert {1: False, 2: True}.items() <= first.ejected.items()
    assert "GN232" in caplog.text


# -- what only the fake chip can show -----------------------------------------------------


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


def test_pulses_go_on_while_the_link_lives_and_rest_while_a_fault_stands(fake: FakeRig) -> None:
    """A relay that misses them takes an output off that is stuck on."""
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
        fake.chip.outputs[OUT].stuck = None
        belt.link.clear()
        belt.until("no permit", lambda: belt.link.permit)
        belt.until("no pulses again", lambda: len(pulse.switched) >= turned + 4)
