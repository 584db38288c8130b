"""What may be asked of the loader at which step, and what it says of itself."""

from __future__ import annotations

import json

import pytest

from gonogo.base.errors import EngineChangeError, ShadowMissing, SwitchRefused
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.loading.steps import Step
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.loading.stage import (
    SHADOW_PARTS,
    VERSIONS,
    Stage,
)


def test_rollback_to_what_judges_already_is_refused(stage: Stage) -> None:
    """The active version could not be had at the start, so the one before it judges."""
    policy = policy_of(stage.section)
    stage.registry.activate("bolt", "1.1.0", policy)
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    assert stage.refusal() == (350, "GN350: bolt 1.0.0, the version before, judges already")


def test_activate_needs_the_parts_that_the_station_wants(stage: Stage) -> None:
    """Neither before the report, nor with a report of fewer parts; but when told so."""
    stage.load(shadow=2)
    stage.come_to(Step.SHADOW)
    with pytest.raises(ShadowMissing, match=f"0 of {SHADOW_PARTS} parts"):
        stage.ask("activate")
    stage.come_to(Step.REPORTED)
    with pytest.raises(ShadowMissing, match=f"2 of {SHADOW_PARTS} parts"):
        stage.ask("activate")
    stage.ask("activate", without_shadow=True)
    stage.come_to(Step.SETTLED)
    assert stage.serving() == "1.1.0"


def test_exchange_without_idle_windows_says_so(stage: Stage) -> None:
    """Nothing was compared: the report says it, and activating needs to be told."""
    stage.load()
    stage.tick_to(Step.SHADOW)
    for _ in range(SHADOW_PARTS):
        stage.line.judge(window=False)
    stage.tick()
    assert stage.step() is Step.REPORTED
    shadow = stage.ask("status")["shadow"]
    assert (shadow["agreement"], shadow["no_window"]) == (None, SHADOW_PARTS)
    with pytest.raises(ShadowMissing, match=f"{SHADOW_PARTS} parts had no idle window"):
        stage.ask("activate")


def test_exchange_may_do_without_a_shadow(stage: Stage) -> None:
    """With 0 parts nothing is asked in shadow."""
    stage.load(shadow=0)
    stage.come_to(Step.REPORTED)
    assert (stage.slots.shadowed, stage.slots.no_window) == (0, 0)
    with pytest.raises(ShadowMissing):
        stage.ask("activate")


def test_exchange_keeps_an_engine_in_shadow_for_as_long_as_wanted(stage: Stage) -> None:
    """It goes on after its report, and what counts is all that it judged."""
    stage.load(shadow=0, keep=True)
    stage.come_to(Step.REPORTED)
    for _ in range(10):
        stage.line.judge(active=6000, shadow=1000)
    stage.tick()
    assert stage.step() is Step.REPORTED
    found = stage.ask("status")["shadow"]["agreement"]
    assert (found["parts"], found["agree"]) == (SHADOW_PARTS + 10, SHADOW_PARTS)
    stage.ask("activate")
    proof = stage.now().proof
    assert proof is not None
    assert proof.parts == SHADOW_PARTS + 10


def test_exchange_compares_only_the_two_engines_it_is_about(stage: Stage) -> None:
    """A score of another engine, written a moment before, is no pair."""
    stage.load()
    stage.tick_to(Step.SHADOW)
    limits = stage.slots.places[1].limits(0)
    assert limits is not None
    stage.slots.places[1].show_limits(0, limits._replace(engine_id=7))
    stage.line.judge()
    stage.tick()
    assert len(stage.resources.pairs.pairs) == 0
    stage.slots.places[1].show_limits(0, limits)
    stage.line.judge()
    stage.tick()
    assert len(stage.resources.pairs.pairs) == 1


@pytest.mark.parametrize("step", [Step.CHECKING, Step.LOADING, Step.SHADOW, Step.REPORTED])
def test_unload_gives_up_what_is_under_way(stage: Stage, step: Step) -> None:
    """Whatever step it is at before the switch."""
    stage.load()
    if step is Step.LOADING:
        stage.tick_until(lambda: stage.step() is Step.LOADING)
    elif step is not Step.CHECKING:
        stage.come_to(step)
    ticket = stage.ask("unload")["ticket"]
    stage.come_to(Step.IDLE)
    assert stage.slots.places[1].ordered is None
    assert stage.outcome()[:2] == (ticket, 0)
    assert stage.serving() == "1.0.0"


def test_load_is_one_at_a_time(stage: Stage) -> None:
    """Until the last one has ended."""
    stage.load()
    for step in (Step.LOADING, Step.SHADOW, Step.REPORTED):
        stage.come_to(step)
        with pytest.raises(EngineChangeError, match=r"one at a time: bolt 1\.1\.0"):
            stage.load("1.2.0")
    stage.ask("activate")
    for step in (Step.TRIAL, Step.SETTLED):
        stage.come_to(step)
        with pytest.raises(EngineChangeError, match="one at a time"):
            stage.load("1.2.0")
    stage.ask("unload")
    stage.load("1.2.0")
    stage.come_to(Step.REPORTED)


def test_load_of_what_judges_is_refused(stage: Stage) -> None:
    """It would prove nothing."""
    with pytest.raises(EngineChangeError, match=r"bolt 1\.0\.0 judges already"):
        stage.load("1.0.0")


def test_unload_and_activate_of_nothing_are_refused(stage: Stage) -> None:
    """With what is under way."""
    with pytest.raises(EngineChangeError, match="nothing to unload now: nothing is under way"):
        stage.ask("unload")
    with pytest.raises(EngineChangeError, match="nothing to activate: nothing is under way"):
        stage.ask("activate")


def test_rollback_to_a_former_engine_that_has_died_waits_for_it(stage: Stage) -> None:
    """Its process is started anew and loads it again; until then there is nothing to go to."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.hosts[0].begin()
    with pytest.raises(SwitchRefused, match=r"not ready \(loading\)"):
        stage.ask("rollback")
    stage.hosts[0].ready()
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"


def test_status_is_json_and_names_both_places(stage: Stage) -> None:
    """With all that a technician asks for."""
    stage.load()
    stage.come_to(Step.SHADOW)
    stage.tick_until(lambda: bool(stage.resources.signers.of("bolt", "1.0.0")))
    found = json.loads(json.dumps(stage.ask("status")))
    first, second = found["places"]
    assert (first["role"], first["holds"], first["phase"]) == ("active", {"bolt": "1.0.0"}, "ready")
    assert (second["role"], second["holds"]) == ("shadow", {"bolt": "1.1.0"})
    assert first["signers"] == second["signers"] == {"bolt": MAKER.public.fingerprint}
    assert first["limits"] == [{"view": 0, "recheck_above": 0.4, "reject_above": 0.5}]
    assert (first["load_ms"], first["unsigned"]) == (812, False)
    assert len(VERSIONS) == 3
