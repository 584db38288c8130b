"""An ejector at a GPIO chip: what it does with parts, and what is found of it when it does not.

The fake chip and the kernel's simulator alike, as far as that one can be broken.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.tests.plc.gpiorig import EYE, FEEDBACK, Rig, gpio_belt, rig_of, stands, told

if TYPE_CHECKING:
    from collections.abc import Iterator

MIXED = "+-++-"
WAY = {"distance_mm": 300.0, "window_mm": 140.0}  # 230 to 370 ms after the trigger


@pytest.fixture(params=["fake", "gpio-sim"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Each of them."""
    with rig_of(request.param) as rig:
        yield rig


def senses(rig: Rig, **confirm: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of a section
    """Both inputs; as late as a slow machine may be."""
    return {
        "feedback": {"line": str(FEEDBACK), "within_ms": 200 * rig.slow},
        "confirm": {"line": str(EYE), "within_ms": 200 * rig.slow} | confirm,
        "readback_ms": 50 * rig.slow,
    }


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
