"""What the loader says of itself: what is under way, both slots, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.words import Reason
from gonogo.engines.loading.status import status_of
from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slot import Phase
from gonogo.tests.engines.loading.stage import SHADOW_PARTS, TRIAL_PARTS

if TYPE_CHECKING:
    from gonogo.tests.engines.loading.stage import Stage


def status(stage: Stage, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of Standing
    """Of the stage as it is, or as if it stood otherwise."""
    return status_of(stage.now()._replace(**changes), stage.resources)


def test_status_in_the_idle_names_what_judges(stage: Stage) -> None:
    """And nothing else has happened."""
    found = status(stage)
    assert (found["step"], found["ticket"]) == ("idle", 0)
    assert (found["outcome"], found["refused"]) == (None, None)
    assert found["engine"] == {"name": "", "version": ""}
    assert [slot["place"] for slot in found["places"]] == ["A", "B"]
    assert [slot["role"] for slot in found["places"]] == ["active", ""]
    assert [slot["holds"] for slot in found["places"]] == [{"bolt": "1.0.0"}, {}]
    assert found["shadow"]["agreement"] is None
    assert found["trial"] == {"left": 0, "of": TRIAL_PARTS}
    assert found["roll_backs"] == {"count": 0, "reason": Reason(0).name}


def test_status_gives_times_of_a_switch_and_of_a_step(stage: Stage) -> None:
    """Milliseconds of the line, seconds of the loader to a tenth."""
    stage.slots.switch(0, 1_250_000, 5)
    found = status(stage, waited_s=12.3456)
    assert (found["switches"], found["switch_ms"], found["waited_s"]) == (1, 1.25, 12.3)


def test_status_says_how_long_the_former_engine_is_kept_warm(stage: Stage) -> None:
    """While it is settled, and never less than nothing."""
    warm_s = stage.section.keep_warm_s
    assert status(stage, step=Step.SETTLED, waited_s=2.0)["warm_s"] == warm_s - 2
    assert status(stage, step=Step.SETTLED, waited_s=warm_s + 1)["warm_s"] == 0
    assert status(stage, step=Step.TRIAL, waited_s=2.0)["warm_s"] == 0


def test_status_says_what_the_other_slot_is_good_for(stage: Stage) -> None:
    """Warm, in shadow, or nothing."""
    assert status(stage)["places"][1]["role"] == ""
    stage.slots.places[1].say(Phase.READY)
    assert status(stage)["places"][1]["role"] == "warm"
    stage.slots.shadowing = True
    assert status(stage)["places"][1]["role"] == "shadow"


def test_status_tells_of_a_refusal_only_while_it_stands(stage: Stage) -> None:
    """Its words stay in memory; with the next order they are nobody's."""
    slot = stage.slots.places[1]
    slot.refuse("too large", 326)
    found = status(stage)["places"][1]
    assert (found["phase"], found["error"], found["message"]) == ("refused", 326, "too large")
    slot.say(Phase.LOADING)
    found = status(stage)["places"][1]
    assert (found["error"], found["message"]) == (0, "")


def test_status_shows_the_proof_until_the_trial_has_pairs_of_its_own(stage: Stage) -> None:
    """Then both: what it promised and what it does."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.tick_until(lambda: stage.step() is Step.RAISING)
    for host in stage.hosts:
        host.obey()
    stage.tick_until(lambda: stage.step() is Step.SWITCHING)
    stage.line.obey()
    stage.tick()
    shadow = status(stage)["shadow"]
    assert (stage.step(), shadow["parts"], shadow["exchanged"]) == (Step.TRIAL, 0, True)
    assert shadow["agreement"] == shadow["proof"]
    assert shadow["proof"]["parts"] == SHADOW_PARTS
    stage.line.judge(active=1500, shadow=1000)
    stage.tick()
    shadow = status(stage)["shadow"]
    assert (shadow["parts"], shadow["agreement"]["parts"]) == (1, 1)
    assert shadow["proof"]["parts"] == SHADOW_PARTS


def test_status_tells_outcome_and_refusal_as_they_are(stage: Stage) -> None:
    """With ticket, number and text."""
    ticket = stage.load("9.9.9")
    stage.come_to(Step.IDLE)
    found = status(stage)
    assert found["outcome"] == found["refused"]
    assert (found["outcome"]["ticket"], found["outcome"]["number"]) == (ticket, 342)
    assert found["outcome"]["text"].startswith("GN342")
    stage.load()
    stage.come_to(Step.REPORTED)
    later = status(stage)
    assert later["outcome"]["number"] == 0
    assert later["refused"] == found["refused"]
