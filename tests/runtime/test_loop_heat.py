"""The loop on a box that is too hot, and with an engine that is lost again after each return.

All devices are spies on a clock that stands still, as in test_loop_wiring.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import FaultBit, Mode, Score
from gonogo.runtime.engine_relapse import RELAPSES, REST_NS, TRIALS
from gonogo.tests.runtime.test_loop_wiring import (
    LIMITS,
    START_NS,
    Bench,
    Clock,
    Process,
    pulse,
    run,
)

if TYPE_CHECKING:
    from gonogo.runtime.loop import Line

SCORE = Score(0, 0.1, START_NS, START_NS + 1, 7)


class Heat(SimpleNamespace):
    """Stands for the view of a watched box: a test says what it is."""

    def look(self, now_ns: int) -> None:
        """As it was set."""
        assert now_ns >= START_NS


@pytest.fixture
def bench(station: str) -> Bench:
    """A watched box; its engine scores every part that it is asked about, and every trial."""
    made = Bench(station, Clock(), (LIMITS,))
    made.heat = Heat(hot=False, silent=False)
    made.engines.ask = "ask by index"
    made.engines.will(collect=[SCORE])
    made.between.will(try_out=True)
    made.host.epoch = 1
    made.line = made.make()
    made.line.settle()
    assert mode(made) is Mode.FULL
    return made


def asked(bench: Bench) -> list[Any]:
    """What the cameras were told to ask by, a part each."""
    return [args[1] for args in bench.called("acquisition.capture")]


def mode(bench: Bench) -> Mode:
    """In which the line is now."""
    return bench.line.modes.mode


def condition(line: Line) -> Any:  # noqa: ANN401 - of a spy
    """What the PLC is shown."""
    line.settle()
    return line.plc.condition


def test_engine_rests_from_the_next_part_on(bench: Bench) -> None:
    """Neither a part, nor a trial, nor a shadow, nor keeping warm: all of it heats the box."""
    bench.heat.hot = True
    bench.line.settle()
    bench.calls.clear()
    bench.engines.will(collect=[None])
    verdict = bench.line.take(pulse(1))
    bench.line.settle()
    bench.line.rest()
    assert asked(bench) == [None]
    assert (verdict.mode, mode(bench)) == (Mode.RULES_ONLY, Mode.RULES_ONLY)
    assert bench.called("between.try_out", "switch.judge_in_shadow", "between.ask_all") == []
    shown = condition(bench.line)
    assert (shown.engine_ok, shown.degraded, shown.camera_ok) == (False, True, True)


def test_engine_that_rested_has_to_prove_itself(bench: Bench) -> None:
    """Cooler alone brings nothing back: its trial does."""
    bench.heat.hot = True
    bench.line.settle()
    bench.between.will(try_out=False)
    bench.heat.hot = False
    bench.line.settle()
    assert mode(bench) is Mode.RULES_ONLY
    bench.between.will(try_out=True)
    bench.line.settle()
    assert mode(bench) is Mode.FULL


def test_engine_on_probation_is_not_blamed_for_a_hot_box(bench: Bench) -> None:
    """It was not asked: the switch, which would go back to the former one, does not hear of it."""
    bench.line.take(pulse(1))
    bench.heat.hot = True
    bench.line.settle()
    bench.line.take(pulse(2))
    bench.heat.hot = False
    bench.line.settle()
    bench.line.take(pulse(3))
    parts = [seen[0].part_id for seen, _ in bench.called("switch.after_part")]
    assert parts == [1, 3]


def test_line_that_takes_over_on_a_hot_box_tries_no_engine(bench: Bench) -> None:
    """Not even to warm up."""
    bench.heat.hot = True
    bench.calls.clear()
    line = bench.make()
    line.warm_up()
    assert bench.called("between.try_out") == []
    assert line.modes.mode is Mode.RULES_ONLY


def test_line_warns_the_plc_while_nobody_watches_the_box(bench: Bench) -> None:
    """Parts are judged as ever."""
    assert not condition(bench.line).faults & FaultBit.TEMPERATURE
    bench.heat.silent = True
    assert condition(bench.line).faults & FaultBit.TEMPERATURE
    assert mode(bench) is Mode.FULL
    bench.heat.silent = False
    assert not condition(bench.line).faults & FaultBit.TEMPERATURE


def miss(bench: Bench, part_id: int) -> None:
    """A part that the engine was asked about, and did not answer; then a turn without a part."""
    bench.engines.will(collect=[None])
    bench.line.take(pulse(part_id))
    bench.engines.will(collect=[SCORE])
    bench.line.settle()


def test_engine_that_misses_after_each_return_rests(bench: Bench) -> None:
    """The third time it is left alone for a while, and then tried many times in a row."""
    for part_id in range(1, RELAPSES):
        miss(bench, part_id)
        assert mode(bench) is Mode.FULL
    miss(bench, RELAPSES)
    assert mode(bench) is Mode.RULES_ONLY
    bench.calls.clear()
    bench.clock.now_ns += REST_NS - 1
    bench.line.settle()
    assert bench.called("between.try_out") == []
    bench.clock.now_ns += 1
    for trial in range(1, TRIALS + 1):
        assert mode(bench) is Mode.RULES_ONLY
        bench.line.settle()
        assert len(bench.called("between.try_out")) == trial
    assert mode(bench) is Mode.FULL


def test_engine_whose_trial_is_not_over_has_not_failed_it(bench: Bench) -> None:
    """A look that finds no answer yet begins no row anew."""
    for part_id in range(1, RELAPSES + 1):
        miss(bench, part_id)
    bench.clock.now_ns += REST_NS
    for _ in range(TRIALS):
        bench.between.over = False
        bench.between.will(try_out=False)
        bench.line.settle()
        bench.between.over = True
        bench.between.will(try_out=True)
        bench.line.settle()
    assert mode(bench) is Mode.FULL


def test_engine_that_was_started_anew_is_tried_at_once(bench: Bench) -> None:
    """What its predecessor missed is not its own."""
    for part_id in range(1, RELAPSES + 1):
        miss(bench, part_id)
    bench.host.epoch = 2
    bench.line.settle()
    assert mode(bench) is Mode.FULL


def test_engine_that_rests_is_tried_at_once_when_somebody_acknowledges(bench: Bench) -> None:
    """As everything else that was left alone."""
    for part_id in range(1, RELAPSES + 1):
        miss(bench, part_id)
    process = Process(1, bench.calls)
    run(bench, [None], process)
    assert mode(bench) is Mode.RULES_ONLY
    process.left = 3

    def turn(_: int) -> None:
        process.acknowledged += process.left == 1

    bench.trigger.will(wait=turn)
    bench.line.run(process)  # type: ignore[arg-type]  # of a kind
    assert mode(bench) is Mode.FULL
