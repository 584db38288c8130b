"""A module that acknowledges and does not switch, an ejector that stands, a reject unseen."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.plc.register_map import State
from gonogo.tests.plc.iomodule import (
    ARM,
    ARMED,
    COIL,
    EYE,
    FEEDBACK,
    STATE,
    TRIPPED,
    Belt,
    IoModule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

EJECT = {"on_means": "eject"}
SENSES = {"feedback": {"address": FEEDBACK}, "confirm": {"address": EYE, "within_ms": 200}}
WATCHDOG = {
    "state": STATE,
    "tripped": TRIPPED,
    "arm": [{"register_address": ARM, "value": ARMED}],
}
SHORT = {"distance_mm": 60.0, "window_mm": 40.0}
MIXED = "+-++-"


@pytest.fixture
def module() -> Iterator[IoModule]:
    """A module of another maker's software."""
    with IoModule() as module:
        yield module


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of the log with a number."""
    return [r.getMessage() for r in caplog.records if "GN420" in r.getMessage()]


def stands(belt: Belt) -> bool:
    """Whether FAULT is latched and the permit off."""
    return belt.link.state is State.FAULT and not belt.link.permit


def test_dead_output_that_acknowledges_is_a_fault_within_the_next_part(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Sixteen bad parts: two pass, then nothing counts as delivered, and one line names it."""
    with Belt(module, EJECT | SHORT).ready() as belt:
        module.dead = False
        belt.parts("-" * 16, pitch_s=0.3)
        assert stands(belt)
        assert set(belt.delivered()) <= {1, 2}
        assert len(belt.deliveries) == 16
    (line,) = told(caplog)
    assert "the module does not switch" in line
    assert "parts at the nozzle meanwhile: 1" in line
    assert "FC1 at 5" in line


def test_module_in_a_latched_safe_state_is_a_fault(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """It was so before we came: the sweep of the unknown belt shows it, before any part."""
    module.latched = True
    with Belt(module, EJECT) as belt:
        belt.until("no fault", lambda: stands(belt))
        belt.parts("-" * 3)
        assert not belt.delivered()
    assert "the module does not switch" in told(caplog)[0]


def test_output_that_is_stuck_on_is_a_fault_without_any_part(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """With on_means = "pass" everything would pass: nobody waits for a part."""
    with Belt(module).ready() as belt:
        module.dead = True
        belt.until("no fault", lambda: stands(belt))
    assert "was told off and has read otherwise" in told(caplog)[0]


def test_fault_condemns_whom_it_had_accepted(module: IoModule) -> None:
    """The safe side: an accepted part on its way to the nozzle is not passed any more."""
    far = {"distance_mm": 500.0}
    with Belt(module, far).ready() as belt:
        belt.idle(0.5)
        belt.part(1, good=True)
        module.dead = True
        belt.until("no fault", lambda: stands(belt))
        module.dead = None
        belt.idle(0.6)
        assert belt.ejected == {1: True}


@pytest.mark.parametrize("on_means", ["pass", "eject"])
@pytest.mark.parametrize("reply_s", [0.0, 0.05])
def test_healthy_module_is_never_blamed(
    module: IoModule, caplog: pytest.LogCaptureFixture, on_means: str, reply_s: float
) -> None:
    """Fast or slow: every part delivered, each where it belongs, feedback and eye in use."""
    module.reply_s = reply_s
    lead_ms = 1000 * reply_s  # the valve's and the module's, as the station file would say
    eject = {"distance_mm": 300.0, "window_mm": 140.0, "lead_ms": lead_ms, "on_means": on_means}
    senses = SENSES if not reply_s else {}
    with Belt(module, eject, **senses).ready() as belt:
        belt.idle(0.3)
        good = MIXED * 3
        belt.parts(good)
        belt.idle(0.4)
        assert not told(caplog)
        assert belt.delivered() == list(range(1, 16))
        if not reply_s:
            assert belt.ejected == {k: each == "-" for k, each in enumerate(good, 1)}


@pytest.mark.parametrize("on_means", ["pass", "eject"])
def test_output_that_follows_late_is_not_blamed(
    module: IoModule, caplog: pytest.LogCaptureFixture, on_means: str
) -> None:
    """40 ms behind, with pulses of 40 ms: what shows late has shown."""
    module.lag_s = 0.04
    with Belt(module, SHORT | {"on_means": on_means}).ready() as belt:
        belt.parts(MIXED * 2, pitch_s=0.1)
        assert not told(caplog)
        assert belt.delivered() == list(range(1, 11))


def test_slow_module_with_a_dead_output_is_found_though_its_pulses_are_too_short_to_be_read(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """A pulse ends before its write is acknowledged: now and then one is read all the same."""
    module.reply_s, module.dead = 0.05, False
    with Belt(module, EJECT | SHORT).ready() as belt:
        belt.parts("-+" * 8, pitch_s=0.1)
        assert stands(belt)
    assert "the module does not switch" in told(caplog)[0]


def test_output_that_falls_back_by_itself_is_a_fault(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Its watchdog is shorter than our refresh, or another master writes it."""
    module.holds_s = 0.02
    with Belt(module).ready() as belt:
        belt.parts("+" * 6)
        assert stands(belt)
    assert "did not stay as it was told" in told(caplog)[0]


@pytest.mark.parametrize(("fc", "at"), [(1, 512), (2, COIL), (2, 3000)])
def test_outputs_that_are_read_elsewhere(
    module: IoModule, caplog: pytest.LogCaptureFixture, fc: int, at: int
) -> None:
    """With the address all is well; without it the message says what may be missing."""
    module.read_fc, module.read_at = fc, at
    with Belt(module, readback_fc=fc, readback_address=at).ready() as belt:
        belt.parts(MIXED)
        assert belt.delivered() == [1, 2, 3, 4, 5]
    assert not told(caplog)
    with Belt(module).ready() as belt:
        belt.parts(MIXED)
        assert stands(belt)
    assert "plc.readback_address" in told(caplog)[0]


@pytest.mark.parametrize("stuck", [False, True])
def test_ejector_that_does_not_move_is_told_apart_from_the_module(
    module: IoModule,
    caplog: pytest.LogCaptureFixture,
    stuck: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The output switches, the feedback does not follow."""
    with Belt(module, **SENSES).ready() as belt:
        module.feedback_stuck = stuck
        belt.parts(MIXED * 3)
        assert stands(belt)
    assert "the ejector does not move: its feedback (FC2 at 8)" in told(caplog)[0]


def test_feedback_of_a_dead_module_blames_the_module(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """What is not switched cannot move, even where the feedback is quicker to say so."""
    feedback = {"address": FEEDBACK, "within_ms": 20}
    eject = EJECT | {"distance_mm": 300.0, "window_mm": 200.0}
    with Belt(module, eject, feedback=feedback, readback_ms=100).ready() as belt:
        belt.idle(0.3)
        module.dead = False
        belt.part(1, good=False, pitch_s=0.4)
        belt.until("no fault", lambda: stands(belt))
    assert "the module does not switch" in told(caplog)[0]


def test_inverted_feedback_and_eye_are_taken_as_such(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """An input that is off while the coil is on: told so it is believed, else it is a fault."""
    feedback = {"address": FEEDBACK, "inverted": True}
    with Belt(module, feedback=feedback).ready() as belt:
        belt.until("no fault", lambda: stands(belt))
    assert "the ejector does not move" in told(caplog)[0]


@pytest.mark.parametrize("stuck", [False, True])
def test_reject_that_no_eye_saw_is_a_fault(
    module: IoModule,
    caplog: pytest.LogCaptureFixture,
    stuck: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Blown past the chute, or an eye that sees nothing: the line says which part."""
    with Belt(module, **SENSES) as belt:
        module.eye_stuck = stuck
        belt.ready()
        belt.parts("++-+++")
        assert stands(belt)
    (line,) = told(caplog)
    assert (
        "the reject was not confirmed: the eye in the chute (FC2 at 9) did not see part 3" in line
    )


def test_part_in_the_chute_that_was_not_to_be_ejected_is_a_fault(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Only accepted parts come by, and one is in the chute."""
    with Belt(module, **SENSES).ready() as belt:
        belt.idle(0.3)  # what was on the belt before may still have come
        belt.parts("++")
        assert not told(caplog)
        belt.drop(time.monotonic_ns())
        belt.until("no fault", lambda: stands(belt))
    assert "saw a part that was not to be ejected" in told(caplog)[0]


def test_so_many_unseen_rejects_in_a_row_as_the_file_allows(module: IoModule) -> None:
    """Two in a row with misses = 2; a confirmed one in between begins anew."""
    confirm = SENSES["confirm"] | {"misses": 2}
    with Belt(module, confirm=confirm).ready() as belt:
        module.eye_stuck = False
        belt.part(1, good=False, pitch_s=0.5)
        module.eye_stuck = None
        belt.part(2, good=False, pitch_s=0.5)
        module.eye_stuck = False
        belt.part(3, good=False, pitch_s=0.5)
        assert not stands(belt)
        belt.part(4, good=False, pitch_s=0.5)
        assert stands(belt)


# -- cleared, and the module's own watchdog ---------------------------------------------


def test_fault_is_cleared_by_a_person_once_the_output_agrees_again(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Not before; then parts are delivered again, and none of those in between."""
    with Belt(module).ready() as belt:
        module.dead = True
        belt.until("no fault", lambda: stands(belt))
        belt.link.clear()
        belt.until("no answer", lambda: "acknowledged in vain" in caplog.text)
        assert stands(belt)
        belt.parts("++")
        module.dead = None
        belt.idle(0.2)
        assert stands(belt)
        belt.link.clear()
        belt.until("no permit", lambda: belt.link.permit)
        belt.idle(0.2)
        belt.parts("+-", first=3)
        assert belt.delivered() == [3, 4]
        assert {3: False, 4: True}.items() <= belt.ejected.items()


def test_acknowledging_nothing_does_nothing(module: IoModule) -> None:
    """Somebody acknowledges another thing of this station."""
    with Belt(module, watchdog=WATCHDOG).ready() as belt:
        arms = module.arms
        belt.link.clear()
        belt.parts(MIXED)
        assert (module.arms, belt.delivered()) == (arms, [1, 2, 3, 4, 5])


def test_module_whose_watchdog_tripped_while_we_were_away_is_armed_again(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Its state is read before anything is written, and said."""
    caplog.set_level(logging.INFO)
    module.latched = True
    with Belt(module, EJECT, watchdog=WATCHDOG).ready() as belt:
        assert (module.arms, module.latched) == (1, False)
        belt.parts("-+")
        assert belt.delivered() == [1, 2]
        assert belt.ejected == {1: True, 2: False}
    assert "its output reads off, its watchdog has TRIPPED" in caplog.text


def test_module_that_cannot_be_armed_gets_no_permit(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Before the first part, not after it."""
    caplog.set_level(logging.INFO)
    module.latched, module.armable = True, False
    with Belt(module, EJECT, watchdog=WATCHDOG) as belt:
        belt.until("not said", lambda: "what plc.watchdog.arm writes does not end" in caplog.text)
        belt.idle(0.3)
        assert not belt.link.permit


def test_watchdog_that_trips_while_we_are_connected_is_a_fault_before_any_part(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the module says so itself nobody has to wait for an edge; a person has it armed."""
    with Belt(module, EJECT, watchdog=WATCHDOG).ready() as belt:
        module.latched = True
        belt.until("no fault", lambda: stands(belt))
        assert "its watchdog stands tripped" in told(caplog)[0]
        belt.link.clear()
        belt.until("no permit", lambda: belt.link.permit)
        assert (module.arms, module.latched) == (2, False)


def test_module_that_restarts_is_read_before_it_is_written(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """No fault of the ejector: the link was lost, and comes back with parts delivered."""
    with Belt(module).ready() as belt:
        belt.parts("+")
        module.stop()
        belt.until("still a permit", lambda: not belt.link.permit)
        module.start()
        belt.until("no permit", lambda: belt.link.permit)
        belt.idle(0.2)
        belt.parts("+-", first=2)
        assert belt.delivered() == [1, 2, 3]
    assert not told(caplog)


def test_stopped_station_leaves_the_coil_off(module: IoModule) -> None:
    """Left on, it would pass whatever comes until the module's watchdog trips, if it has one."""
    with Belt(module).ready() as belt:
        belt.part(1, good=True, pitch_s=0.05)
        belt.until("the coil was never on", lambda: module.output)
    assert not module.output


def test_module_without_that_register_says_which_key_is_meant(
    module: IoModule, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception to a read names what asked for it."""
    caplog.set_level(logging.INFO)
    with Belt(module, watchdog=WATCHDOG | {"state": 77}) as belt:
        belt.until("not said", lambda: "read of plc.watchdog.state at register 77" in caplog.text)
