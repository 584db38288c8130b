"""A loader that was killed at any step is started anew: it finds out where things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slots import OrderKind

if TYPE_CHECKING:
    from gonogo.tests.engines.loading.stage import Stage


def to_trial(stage: Stage) -> None:
    """1.1.0 judges, and is watched."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.TRIAL)


def given_up(stage: Stage) -> None:
    """The other place is emptied, with the reason; what judges is what judged."""
    assert stage.refusal()[0] == 356
    assert "loader was restarted: loading bolt 1.1.0 is given up" in stage.refusal()[1]
    assert stage.slots.places[1].ordered is None
    assert not stage.slots.shadowing
    stage.come_to(Step.IDLE)
    assert (stage.serving(), stage.slots.switches) == ("1.0.0", 0)
    assert stage.slots.places[0].load == 1
    stage.load()
    stage.come_to(Step.REPORTED)


def test_restart_in_the_idle_changes_nothing(stage: Stage) -> None:
    """Nothing was under way."""
    stage.restart()
    stage.tick()
    assert stage.step() is Step.IDLE
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_restart_while_it_is_checked_changes_nothing(stage: Stage) -> None:
    """No place had been told anything."""
    stage.load()
    stage.restart()
    assert stage.step() is Step.IDLE
    assert [place.load for place in stage.slots.places] == [1, 0]


@pytest.mark.parametrize("step", [Step.LOADING, Step.SHADOW, Step.REPORTED, Step.RAISING])
def test_restart_before_the_flip_gives_the_loading_up(stage: Stage, step: Step) -> None:
    """Nobody knows what came of it."""
    stage.load()
    if step is Step.LOADING:
        stage.tick_until(lambda: stage.step() is Step.LOADING)
        stage.hosts[1].begin()
    elif step is Step.RAISING:
        stage.come_to(Step.REPORTED)
        stage.ask("activate")
    else:
        stage.come_to(step)
    assert stage.step() is step
    stage.restart()
    given_up(stage)


def test_restart_while_the_line_is_asked_takes_the_order_back(stage: Stage) -> None:
    """And empties no place before the line has heard that."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.tick(5)
    assert stage.step() is Step.SWITCHING
    stage.restart()
    assert stage.step() is Step.BACKING
    order = stage.slots.pending
    assert order is not None
    assert (order.kind, order.place) == (OrderKind.BACK, 0)
    stage.tick(1000)
    assert stage.slots.places[1].ordered is not None
    stage.line.obey()
    stage.tick()
    given_up(stage)


def test_restart_right_after_the_flip_goes_on_with_the_trial(stage: Stage) -> None:
    """Killed between the line's answer and the registry: a switch that happened is made active."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.tick(5)
    assert stage.step() is Step.SWITCHING
    stage.line.obey()
    assert stage.registry.selection("bolt").active == "1.0.0"
    stage.restart()
    assert stage.step() is Step.TRIAL
    stage.tick_until(lambda: stage.registry.selection("bolt") == ("1.1.0", "1.0.0"))
    stage.come_to(Step.SETTLED)
    assert stage.serving() == "1.1.0"
    assert stage.resources.warm


def test_restart_on_trial_still_follows_the_line_back(stage: Stage) -> None:
    """The line went back while no loader was there to see it, or after."""
    to_trial(stage)
    stage.restart()
    stage.line.judge(late=True)
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert stage.refusal()[0] == 355
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"
    stage.tick_until(lambda: stage.registry.selection("bolt").active == "1.0.0")


def test_restart_after_the_line_went_back_unseen_unloads_and_says_what_judges(
    stage: Stage,
) -> None:
    """The registry had been told of the switch, and is told of the way back."""
    to_trial(stage)
    stage.tick_until(lambda: stage.registry.selection("bolt").active == "1.1.0")
    stage.line.judge(late=True)
    stage.restart()
    assert stage.step() is Step.UNLOADING
    assert stage.serving() == "1.0.0"
    stage.tick_until(lambda: stage.registry.selection("bolt").active == "1.0.0")
    stage.come_to(Step.IDLE)
    assert stage.slots.places[1].ordered is None


def test_restart_with_the_former_one_warm_keeps_it_warm(stage: Stage) -> None:
    """A rollback is possible as before, and after keep_warm_s it is unloaded."""
    to_trial(stage)
    stage.come_to(Step.SETTLED)
    stage.tick_until(lambda: not stage.resources.versions.behind)
    stage.restart()
    assert stage.step() is Step.SETTLED
    assert stage.slots.places[0].ordered is not None
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"


def test_restart_with_another_one_loaded_after_a_flip_gives_that_up(stage: Stage) -> None:
    """What the other place holds is not what was before: it was on its way in."""
    to_trial(stage)
    stage.come_to(Step.SETTLED)
    stage.ask("unload")
    stage.come_to(Step.IDLE)
    stage.load("1.2.0")
    stage.come_to(Step.REPORTED)
    stage.restart()
    assert stage.step() is Step.UNLOADING
    assert "1.2.0" in stage.refusal()[1]
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.1.0"


def test_restart_while_it_goes_back_goes_on(stage: Stage) -> None:
    """The order stands: the line hears it, and then the new engine is unloaded."""
    to_trial(stage)
    stage.ask("rollback")
    stage.restart()
    assert stage.step() is Step.BACKING
    stage.line.obey()
    stage.tick()
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"
    assert stage.slots.places[1].ordered is None
