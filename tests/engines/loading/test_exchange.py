"""An exchange of engines through the real shared memory, with a host and a line that act."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.engines.loading.glance import ANSWER_S, EMPTY_S
from gonogo.engines.loading.steps import Step
from gonogo.engines.place import Phase
from gonogo.engines.slots import OrderKind
from gonogo.runtime.errors import (
    EngineChangeError,
    FlipRefused,
    ShadowMissing,
)
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.loading.stage import (
    SHADOW_PARTS,
    TRIAL_PARTS,
    VERSIONS,
    Stage,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path, station: str) -> Iterator[Stage]:
    """Three versions of bolt, of which 1.0.0 judges."""
    with staged(tmp_path, station) as made:
        yield made


def refusal(stage: Stage) -> tuple[int, str]:
    """Number and text of the last one; the serving engine is what it was."""
    assert stage.exchange.refused is not None
    return stage.exchange.refused.number, stage.exchange.refused.text


def test_exchange_leaves_what_the_station_begins_with_alone(stage: Stage) -> None:
    """Nothing is ordered before somebody asks."""
    stage.tick(1000)
    assert stage.serving() == "1.0.0"
    assert stage.step() is Step.IDLE
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_exchange_goes_all_the_way(stage: Stage) -> None:
    """Loaded, shadowed, reported, activated, tried, settled, the former one unloaded."""
    ticket = stage.load()
    stage.come_to(Step.REPORTED)
    assert stage.exchange.outcome is not None
    assert stage.exchange.outcome[:2] == (ticket, 0)
    assert stage.exchange.task.proof is not None
    assert stage.exchange.task.proof.parts == SHADOW_PARTS
    assert stage.exchange.task.proof.share == 1.0
    assert not stage.slots.shadowing
    assert stage.serving() == "1.0.0"
    ticket = stage.ask("activate")["ticket"]
    stage.come_to(Step.TRIAL)
    assert stage.serving() == "1.1.0"
    assert stage.slots.guard_left == TRIAL_PARTS
    assert stage.ask("status")["places"][0]["role"] == "shadow"
    stage.come_to(Step.SETTLED)
    assert stage.exchange.outcome == (ticket, 0, stage.exchange.outcome.text)
    assert not stage.slots.shadowing
    assert stage.exchange.warm
    stage.tick(stage.section.keep_warm_s + 1)
    assert stage.step() is Step.UNLOADING
    stage.come_to(Step.IDLE)
    assert stage.slots.places[0].ordered is None
    assert stage.serving() == "1.1.0"
    assert stage.slots.flips == 1


def test_exchange_makes_what_judges_the_active_version(stage: Stage) -> None:
    """So that a restart of the station begins with it; after a rollback, the former one."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.TRIAL)
    stage.tick_until(lambda: stage.registry.selection("bolt") == ("1.1.0", "1.0.0"))
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    stage.tick_until(lambda: stage.registry.selection("bolt") == ("1.0.0", "1.1.0"))
    assert stage.serving() == "1.0.0"


@pytest.mark.parametrize("step", [Step.TRIAL, Step.SETTLED])
def test_exchange_rolls_back_at_once_while_the_former_one_is_warm(stage: Stage, step: Step) -> None:
    """One order to the line; no place is told to load anything."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(step)
    loads = [place.load for place in stage.slots.places]
    ticket = stage.ask("rollback")["ticket"]
    assert [place.load for place in stage.slots.places] == loads
    order = stage.slots.pending
    assert order is not None
    assert (order.kind, order.place) == (OrderKind.BACK, 0)
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"
    assert stage.exchange.outcome == (ticket, 0, "bolt 1.1.0 is unloaded; the former engine judges")


def test_exchange_rolls_back_when_nothing_is_warm_by_loading_the_version_before(
    stage: Stage,
) -> None:
    """Without a shadow: it has judged before."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.tick_until(lambda: stage.registry.selection("bolt").previous == "1.0.0")
    stage.ask("unload")
    stage.come_to(Step.IDLE)
    ticket = stage.ask("rollback")["ticket"]
    stage.come_to(Step.SETTLED)
    assert stage.serving() == "1.0.0"
    assert stage.exchange.outcome is not None
    assert stage.exchange.outcome[:2] == (ticket, 0)


def test_exchange_rolls_back_to_nothing_where_nothing_was_before(stage: Stage) -> None:
    """With its number; no place is told anything."""
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    assert refusal(stage)[0] == 342
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_exchange_refuses_what_the_registry_refuses(stage: Stage) -> None:
    """Flipped bytes: no place is told anything."""
    path = stage.section.folder / "bolt" / "1.1.0" / "bundle.gng"
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(raw)
    ticket = stage.load()
    stage.come_to(Step.IDLE)
    assert refusal(stage)[0] == 321
    assert stage.exchange.outcome is not None
    assert stage.exchange.outcome.ticket == ticket
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_exchange_refuses_a_version_that_is_not_installed(stage: Stage) -> None:
    """With its number."""
    stage.load("9.9.9")
    stage.come_to(Step.IDLE)
    assert refusal(stage)[0] == 342


def test_exchange_refuses_what_needs_more_memory_than_there_is(
    tmp_path: Path, station: str
) -> None:
    """By its manifest, before anything is loaded."""
    with staged(tmp_path, station) as stage:
        stage.exchange.section = stage.section.model_copy(update={"memory_mb": 50})
        stage.load()
        stage.come_to(Step.IDLE)
        assert refusal(stage)[0] == 326


def test_exchange_refuses_what_the_host_refuses_under_its_number(stage: Stage) -> None:
    """A self-test that fails: the place is emptied, the one that judges serves."""
    stage.load()
    stage.tick_until(lambda: stage.step() is Step.LOADING)
    stage.hosts[1].begin()
    stage.hosts[1].place.refuse("view 0: its self-test scored 0.7, expected 0.2", 310)
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert refusal(stage) == (310, "GN310: view 0: its self-test scored 0.7, expected 0.2")
    assert stage.slots.places[1].ordered is None
    stage.come_to(Step.IDLE)
    assert (stage.serving(), stage.slots.places[0].load) == ("1.0.0", 1)


@pytest.mark.parametrize("begun", [False, True])
def test_exchange_gives_a_loader_that_hangs_up(stage: Stage, *, begun: bool) -> None:
    """After load_limit_s, whether its host has begun or not."""
    stage.load()
    stage.tick_until(lambda: stage.step() is Step.LOADING)
    if begun:
        stage.hosts[1].begin()
    stage.tick(stage.section.load_limit_s - 1)
    assert stage.step() is Step.LOADING
    stage.tick(2)
    number, text = refusal(stage)
    assert number == 351
    assert "loader hung" in text
    assert ("still loading" if begun else "nobody began") in text
    assert stage.slots.places[1].ordered is None
    stage.tick(EMPTY_S + 1)
    assert stage.step() is Step.IDLE


@pytest.mark.parametrize("step", [Step.LOADING, Step.SHADOW, Step.REPORTED, Step.RAISING])
def test_exchange_notices_an_engine_process_that_dies(stage: Stage, step: Step) -> None:
    """Another process began: what the last one had loaded is gone."""
    stage.load()
    if step is Step.RAISING:
        stage.come_to(Step.REPORTED)
        stage.ask("activate")
    elif step is not Step.LOADING:
        stage.come_to(step)
    else:
        stage.tick_until(lambda: stage.step() is Step.LOADING)
        stage.hosts[1].begin()
    stage.tick(0)
    assert stage.step() is step
    stage.hosts[1].begin()
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert refusal(stage)[0] == 352
    assert stage.serving() == "1.0.0"


def test_exchange_that_the_line_refuses_ends(stage: Stage) -> None:
    """No live frame in time: unloaded, and what judges was never changed."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.hosts[1].obey()
    stage.hosts[0].obey()
    stage.tick_until(lambda: stage.step() is Step.FLIPPING)
    stage.line.refuse()
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert refusal(stage)[0] == 354
    assert (stage.serving(), stage.slots.flips) == ("1.0.0", 0)


def test_exchange_waits_for_a_line_that_is_silent_and_touches_no_place_meanwhile(
    stage: Stage,
) -> None:
    """The order stands in its memory: only a later one takes its place."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.tick(5)
    assert stage.step() is Step.FLIPPING
    stage.tick(ANSWER_S + 1)
    assert stage.step() is Step.BACKING
    order = stage.slots.pending
    assert order is not None
    assert (order.kind, order.place) == (OrderKind.BACK, 0)
    stage.tick(10_000)
    assert stage.step() is Step.BACKING
    assert stage.slots.places[1].ordered is not None
    stage.line.obey()
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert refusal(stage)[0] == 354
    assert stage.slots.flips == 0


def test_exchange_follows_a_line_that_goes_back_by_itself(stage: Stage) -> None:
    """Missed deadlines on trial: the new engine is unloaded, the registry says the former one."""
    stage.load()
    stage.come_to(Step.REPORTED)
    ticket = stage.ask("activate")["ticket"]
    stage.come_to(Step.TRIAL)
    stage.line.judge(late=True)
    stage.tick()
    assert stage.step() is Step.UNLOADING
    number, text = refusal(stage)
    assert number == 355
    assert "ENGINE_SILENT" in text
    assert stage.exchange.outcome is not None
    assert stage.exchange.outcome.ticket == ticket
    assert stage.slots.places[1].ordered is None
    assert stage.serving() == "1.0.0"
    stage.tick_until(lambda: stage.registry.selection("bolt").active == "1.0.0")


def test_exchange_goes_back_when_scores_leave_what_the_shadow_showed(
    tmp_path: Path, station: str
) -> None:
    """In shadow it said the same; judging, it rejects what the former engine accepts."""
    with staged(tmp_path, station, shadow_parts=60, trial_parts=100) as stage:
        stage.load()
        stage.come_to(Step.REPORTED)
        stage.ask("activate")
        stage.come_to(Step.TRIAL)
        stage.tick()
        for _ in range(30):
            stage.line.judge(active=9000, shadow=1000)
            stage.tick()
        assert stage.step() is Step.BACKING
        assert stage.slots.guard_left > 0
        stage.come_to(Step.IDLE)
        number, text = refusal(stage)
        assert number == 355
        assert stage.exchange.task.doubt in text
        assert stage.serving() == "1.0.0"


def test_exchange_stays_with_a_new_engine_that_does_as_it_did(tmp_path: Path, station: str) -> None:
    """The same differences as in shadow are no reason to go back."""
    with staged(tmp_path, station, shadow_parts=30, trial_parts=40) as stage:
        stage.load()
        stage.come_to(Step.SHADOW)
        for k in range(30):
            stage.line.judge(active=1000 + k, shadow=1300 + 2 * k)
        stage.tick()
        stage.ask("activate")
        stage.come_to(Step.TRIAL)
        stage.tick()
        for k in range(40):
            stage.line.judge(active=1300 + 2 * k, shadow=1000 + k)
            stage.tick()
        assert stage.step() is Step.SETTLED
        assert stage.serving() == "1.1.0"


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
    assert stage.exchange.task.proof is not None
    assert stage.exchange.task.proof.parts == SHADOW_PARTS + 10


def test_exchange_compares_only_the_two_engines_it_is_about(stage: Stage) -> None:
    """A score of another engine, written a moment before, is no pair."""
    stage.load()
    stage.tick_to(Step.SHADOW)
    limits = stage.slots.places[1].limits(0)
    assert limits is not None
    stage.slots.places[1].show_limits(0, limits._replace(engine_id=7))
    stage.line.judge()
    stage.tick()
    assert len(stage.exchange.pairs.pairs) == 0
    stage.slots.places[1].show_limits(0, limits)
    stage.line.judge()
    stage.tick()
    assert len(stage.exchange.pairs.pairs) == 1


@pytest.mark.parametrize("step", [Step.CHECKING, Step.LOADING, Step.SHADOW, Step.REPORTED])
def test_unload_gives_up_what_is_under_way(stage: Stage, step: Step) -> None:
    """Whatever step it is at before the flip."""
    stage.load()
    if step is Step.LOADING:
        stage.tick_until(lambda: stage.step() is Step.LOADING)
    elif step is not Step.CHECKING:
        stage.come_to(step)
    ticket = stage.ask("unload")["ticket"]
    stage.come_to(Step.IDLE)
    assert stage.slots.places[1].ordered is None
    assert stage.exchange.outcome is not None
    assert stage.exchange.outcome[:2] == (ticket, 0)
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
    with pytest.raises(FlipRefused, match=r"not ready \(loading\)"):
        stage.ask("rollback")
    stage.hosts[0].ready()
    stage.ask("rollback")
    stage.come_to(Step.IDLE)
    assert stage.serving() == "1.0.0"


def test_exchange_that_cannot_go_back_stays_and_says_so(stage: Stage) -> None:
    """The former engine dies between the order and the line's look at it."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.ask("rollback")
    stage.hosts[0].place.say(Phase.LOADING)
    stage.line.obey()
    stage.tick()
    assert stage.step() is Step.SETTLED
    assert refusal(stage)[0] == 354
    assert stage.serving() == "1.1.0"


def test_registry_that_cannot_be_written_stops_nothing(stage: Stage) -> None:
    """Told and tried again until it can."""
    stage.load()
    stage.come_to(Step.REPORTED)
    selected = stage.section.folder / "bolt" / "selected.new"
    selected.mkdir()  # nobody, root neither, can write a file there
    stage.ask("activate")
    stage.come_to(Step.SETTLED)
    stage.tick_until(lambda: stage.exchange.ledger.problem != "")
    assert "GN340" in stage.ask("status")["registry"]
    assert stage.serving() == "1.1.0"
    selected.rmdir()

    def written() -> bool:
        stage.tick(11)
        return not stage.exchange.ledger.behind

    stage.tick_until(written)
    assert stage.registry.selection("bolt").active == "1.1.0"
    assert stage.ask("status")["registry"] == ""


def test_status_is_json_and_names_both_places(stage: Stage) -> None:
    """With all that a technician asks for."""
    stage.load()
    stage.come_to(Step.SHADOW)
    stage.tick_until(lambda: bool(stage.exchange.signers.of("bolt", "1.0.0")))
    found = json.loads(json.dumps(stage.ask("status")))
    first, second = found["places"]
    assert (first["role"], first["holds"], first["phase"]) == ("active", {"bolt": "1.0.0"}, "ready")
    assert (second["role"], second["holds"]) == ("shadow", {"bolt": "1.1.0"})
    assert first["signers"] == second["signers"] == {"bolt": MAKER.public.fingerprint}
    assert first["limits"] == [{"view": 0, "recheck_above": 0.4, "reject_above": 0.5}]
    assert (first["load_ms"], first["unsigned"]) == (812, False)
    assert len(VERSIONS) == 3
