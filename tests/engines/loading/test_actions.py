"""What each action of the table writes, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.loading.actions import ON, perform
from gonogo.engines.loading.steps import TABLE, Action
from gonogo.engines.loading.task import LoadRequest, Task
from gonogo.ipc.engine_names import beside_records, read_names
from gonogo.ipc.engine_slot import SlotOrder
from gonogo.ipc.engine_slots import Order, OrderKind
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.loading.stage import SHADOW_PARTS, TRIAL_PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.engines.loading.stage import Stage

ENDS = {Action.REPORT, Action.SETTLE, Action.EMPTY, Action.TELL}


@pytest.fixture
def task(stage: Stage) -> Task:
    """Bolt 1.1.0 is wanted, and is checked."""
    made = Task(LoadRequest("bolt", "1.1.0", SHADOW_PARTS))
    perform(Action.CHECK, made, stage.resources)
    stage.tick_until(lambda: not made.checking)
    return made


@pytest.fixture
def ordered(stage: Stage, task: Task) -> Task:
    """It is ready in slot B."""
    perform(Action.ORDER, task, stage.resources)
    stage.hosts[1].obey()
    return task


@pytest.mark.parametrize("again", [False, True])
def test_check_keeps_the_name_of_what_is_going_to_judge(
    stage: Stage, tmp_path: Path, *, again: bool
) -> None:
    """Also of the version before; its parts may be asked for when the bundle is long gone."""
    stage.registry.activate("bolt", "1.1.0", policy_of(stage.section))
    records = tmp_path / "r.sqlite"
    task = Task(LoadRequest("bolt", "1.1.0", SHADOW_PARTS, again=again))
    stage.slots.places[0].order(SlotOrder(bundles={}))
    perform(Action.CHECK, task, stage.resources._replace(records=records))
    stage.tick_until(lambda: not task.checking)
    (found,) = read_names(beside_records(records))
    assert found[1:] == ("bolt", "1.0.0" if again else "1.1.0", MAKER.public.fingerprint)


def judge(stage: Stage, parts: int) -> None:
    """Parts pass, and the loader reads of them."""
    for _ in range(parts):
        stage.line.judge()
    stage.resources.pairs.read()


@pytest.mark.parametrize("action", sorted({action for _, action in TABLE.values()}))
def test_action_tells_of_an_end_where_a_command_has_one(
    stage: Stage, ordered: Task, action: Action
) -> None:
    """All others go on without a word; none tells the slot that judges to load anything."""
    said = perform(action, ordered, stage.resources)
    assert (said != ON) is (action in ENDS)
    assert stage.slots.places[0].load == 1


def test_order_goes_to_the_slot_that_does_not_judge(stage: Stage, task: Task) -> None:
    """At rest, with its signer known; the engines of other views come along."""
    stage.slots.places[1].raised = True
    perform(Action.ORDER, task, stage.resources)
    slot = stage.slots.places[1]
    assert slot.ordered is not None
    assert slot.ordered.bundles == {"bolt": stage.section.folder / "bolt" / "1.1.0" / "bundle.gng"}
    assert (task.place, slot.raised) == (1, False)
    assert stage.resources.signers.of("bolt", "1.1.0") == MAKER.public.fingerprint


def test_order_goes_to_slot_a_where_slot_b_judges(stage: Stage, task: Task) -> None:
    """After the first swap."""
    stage.slots.switch(1, 1, 1)
    perform(Action.ORDER, task, stage.resources)
    assert task.place == 0
    ordered = stage.slots.places[0].ordered
    assert ordered is not None
    assert ordered.bundles["bolt"].parent.name == "1.1.0"


def test_check_of_the_version_before_finds_out_which_it_is(stage: Stage) -> None:
    """And the order names it from then on."""
    task = Task(LoadRequest("bolt", "(the version before)", 0, again=True))
    perform(Action.CHECK, task, stage.resources)
    stage.tick_until(lambda: not task.checking)
    assert task.check is not None
    assert "was active before" in str(task.check.error)
    stage.resources.versions.want({"bolt": "1.1.0"})
    stage.tick_until(lambda: not stage.resources.versions.behind)
    stage.resources.versions.want({"bolt": "1.2.0"})
    stage.tick_until(lambda: not stage.resources.versions.behind)
    perform(Action.CHECK, task, stage.resources)
    stage.tick_until(lambda: not task.checking)
    perform(Action.ORDER, task, stage.resources)
    assert task.label == "bolt 1.1.0"


@pytest.mark.parametrize(("parts", "asked"), [(SHADOW_PARTS, True), (1, True), (0, False)])
def test_shade_asks_in_shadow_if_any_part_is_wanted(
    stage: Stage, ordered: Task, parts: int, *, asked: bool
) -> None:
    """From now on: pairs of before are not this one's."""
    ordered.wish = ordered.wish._replace(parts=parts)
    stage.slots.shadowing = True
    judge(stage, 2)
    perform(Action.SHADE, ordered, stage.resources)
    assert stage.slots.shadowing is asked
    assert len(stage.resources.pairs.pairs) == 0
    assert ordered.counted(stage.slots) == (0, 0)


@pytest.mark.parametrize("keep", [False, True])
def test_report_is_the_proof_and_the_shadow_goes_on_if_it_is_kept(
    stage: Stage, ordered: Task, *, keep: bool
) -> None:
    """Until it is raised, which counts all that it has judged by then."""
    ordered.wish = ordered.wish._replace(keep=keep)
    perform(Action.SHADE, ordered, stage.resources)
    judge(stage, 3)
    perform(Action.REPORT, ordered, stage.resources)
    assert stage.slots.shadowing is keep
    assert ordered.proof is not None
    assert ordered.proof.parts == 3
    judge(stage, 2)
    perform(Action.RAISE, ordered, stage.resources)
    assert ordered.proof.parts == (5 if keep else 3)
    assert not stage.slots.shadowing


def test_raise_raises_both(stage: Stage, ordered: Task) -> None:
    """The one that judges stays as quick once it does not: it may have to judge again."""
    perform(Action.RAISE, ordered, stage.resources)
    assert [slot.raised for slot in stage.slots.places] == [True, True]


def test_switch_asks_the_line_and_says_how_long_it_is_watched(stage: Stage, ordered: Task) -> None:
    """Nothing has changed before it answers."""
    perform(Action.SWITCH, ordered, stage.resources)
    assert stage.slots.pending == Order(1, OrderKind.SWITCH, 1)
    assert (stage.slots.probation_parts, stage.slots.active) == (TRIAL_PARTS, 0)


def test_back_asks_for_the_slot_of_before_whatever_judges(stage: Stage, ordered: Task) -> None:
    """It takes the place of an order that was not answered."""
    stage.slots.shadowing = True
    perform(Action.SWITCH, ordered, stage.resources)
    perform(Action.BACK, ordered, stage.resources)
    assert stage.slots.pending == Order(2, OrderKind.BACK, 0)
    assert not stage.slots.shadowing


def test_try_has_the_former_engine_judge_in_shadow(stage: Stage, ordered: Task) -> None:
    """And the folder call active what judges; settled, only the latter."""
    stage.slots.shadowing = True
    judge(stage, 3)
    perform(Action.SWITCH, ordered, stage.resources)
    stage.line.obey()
    perform(Action.TRY, ordered, stage.resources)
    assert stage.slots.shadowing
    assert len(stage.resources.pairs.pairs) == 0
    stage.tick_until(lambda: stage.registry.selection("bolt") == ("1.1.0", "1.0.0"))
    judge(stage, 2)
    assert len(stage.resources.pairs.pairs) == 2
    said = perform(Action.SETTLE, ordered, stage.resources)
    assert said == "judges; the former engine is warm for a while"
    assert not stage.slots.shadowing


def test_try_holds_it_against_its_proof(stage: Stage, ordered: Task) -> None:
    """What it showed as a shadow, when it was raised."""
    perform(Action.SHADE, ordered, stage.resources)
    judge(stage, 40)
    perform(Action.RAISE, ordered, stage.resources)
    perform(Action.SWITCH, ordered, stage.resources)
    stage.line.obey()
    perform(Action.TRY, ordered, stage.resources)
    for _ in range(20):
        stage.line.judge(active=9000, shadow=1000)
    ordered.follow_trial(stage.resources.pairs.read())
    assert "says something else than the engine before it" in ordered.doubt


@pytest.mark.parametrize("action", [Action.TRY, Action.SETTLE, Action.EMPTY])
def test_folder_is_told_whenever_another_may_judge(
    stage: Stage, ordered: Task, action: Action
) -> None:
    """There and back: the next start of the station begins with what judges by then."""
    behind = [stage.resources.versions.behind]
    perform(action, ordered, stage.resources)
    assert [*behind, stage.resources.versions.behind] == [False, True]
    stage.calm()


def test_empty_says_which_engine_is_left(stage: Stage, ordered: Task) -> None:
    """The slot that does not judge is told to hold nothing, at rest."""
    stage.slots.places[1].raised = stage.slots.shadowing = True
    said = perform(Action.EMPTY, ordered, stage.resources)
    assert not stage.slots.shadowing
    assert said == "is unloaded; the former engine judges"
    assert (stage.slots.places[1].ordered, stage.slots.places[1].raised) == (None, False)
    ordered.place = 0
    said = perform(Action.EMPTY, ordered, stage.resources)
    assert said == "judges; the former engine is unloaded"
