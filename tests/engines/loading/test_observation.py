"""What the loader sees of slots, line, hosts and threads, in one snapshot."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RegistryError
from gonogo.base.words import Reason
from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.checks import Checked
from gonogo.engines.loading.events import StepLimits, event_of
from gonogo.engines.loading.observation import Observation, observe
from gonogo.engines.loading.steps import Event, Step
from gonogo.engines.loading.task import LoadRequest, Task
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.ipc.engine_slots import OrderKind
from gonogo.tests.engines.loading.stage import SHADOW_PARTS

if TYPE_CHECKING:
    from gonogo.tests.engines.loading.stage import Stage


@pytest.fixture
def task(stage: Stage) -> Task:
    """Bolt 1.1.0 was ordered into slot B of the stage, by nobody's hand but the test's."""
    made = Task(LoadRequest("bolt", "1.1.0", SHADOW_PARTS))
    made.place = 1
    made.count_from(stage.slots)
    path = stage.section.folder / "bolt" / "1.1.0" / "bundle.gng"
    stage.slots.places[1].order(SlotOrder(bundles={"bolt": path}))
    return made


def seen(stage: Stage, task: Task, step: Step = Step.LOADING) -> Observation:
    """What there is to see now."""
    return observe(step, task, stage.resources, 1.5)


def test_nothing_is_seen_where_nothing_is() -> None:
    """What a test, or a step to come, does not say is harmless: no event is made of it."""
    assert Observation().answered
    assert not any(Observation()._replace(answered=False))
    limits = StepLimits(load_s=1, warm_s=1)
    waiting = {step for step in Step if event_of(step, Observation(), limits) is None}
    assert waiting == set(Step) - {Step.SWITCHING, Step.TRIAL, Step.SETTLED, Step.BACKING}
    assert event_of(Step.SWITCHING, Observation(), limits) is Event.NOT_READY


def test_slot_a_is_one_too(stage: Stage) -> None:
    """Number 0: after a switch the next engine comes into it."""
    task = Task(LoadRequest("bolt", "1.0.0", 4))
    task.place = 0
    found = seen(stage, task)
    assert (found.phase, found.host) == (Phase.READY, stage.mailboxes[0].epoch)
    assert found.active


def test_slot_is_in_real_time_once_its_host_says_so(stage: Stage, task: Task) -> None:
    """Not when it is told to be."""
    stage.slots.places[1].raised = True
    found = [seen(stage, task).realtime]
    stage.slots.places[1].realtime = True
    assert [*found, seen(stage, task).realtime] == [False, True]


def test_before_a_slot_is_told_nothing_is_seen_of_any(stage: Stage) -> None:
    """Slot A is ready and in real time, but holds another."""
    stage.slots.places[0].realtime = stage.slots.places[1].realtime = True
    found = seen(stage, Task(LoadRequest("bolt", "1.1.0", 4)), Step.CHECKING)
    assert (found.waited_s, found.phase, found.host) == (1.5, Phase.EMPTY, None)
    assert (found.realtime, found.active, found.lost) == (False, False, False)


@pytest.mark.parametrize("error", [None, RegistryError("no")])
def test_check_is_seen_once_its_thread_has_ended(stage: Stage, error: RegistryError | None) -> None:
    """None until then; whether it may be loaded after it."""
    task, go = Task(LoadRequest("bolt", "1.1.0", 4)), threading.Event()
    assert seen(stage, task).checked is None

    def work() -> Checked:
        go.wait()
        if error is not None:
            raise error
        return Checked("bolt", "1.1.0", stage.section.folder, "", "")

    task.check = BackgroundJob(work)
    assert seen(stage, task).checked is None
    go.set()
    while not task.check.done:
        time.sleep(0.001)
    assert seen(stage, task).checked is (error is None)


def test_host_is_seen_once_it_has_begun_with_the_order(stage: Stage, task: Task) -> None:
    """The epoch of before is that of a process that had something else to do."""
    assert seen(stage, task).host is None
    stage.hosts[1].begin()
    found = seen(stage, task)
    assert (found.phase, found.host) == (Phase.LOADING, stage.mailboxes[1].epoch)


def test_host_is_lost_once_another_has_begun(stage: Stage, task: Task) -> None:
    """Or the slot says that it is empty again; never before one was taken."""
    stage.hosts[1].begin()
    assert not seen(stage, task).lost
    task.take_host(seen(stage, task).host)
    assert not seen(stage, task).lost
    stage.hosts[1].begin()
    assert seen(stage, task).lost
    task.host = stage.mailboxes[1].epoch
    assert not seen(stage, task).lost
    stage.slots.places[1].say(Phase.EMPTY)
    assert seen(stage, task).lost


def test_observing_changes_nothing(stage: Stage, task: Task) -> None:
    """Twice the same, and nothing taken note of."""
    stage.hosts[1].begin()
    assert seen(stage, task) == seen(stage, task)
    assert task.host is None


def parts(stage: Stage, task: Task, count: int, *, window: bool) -> None:
    """Parts pass while the other slot is asked in shadow."""
    stage.slots.shadowing = True
    stage.hosts[1].begin()
    stage.hosts[1].ready()
    for _ in range(count):
        stage.line.judge(window=window)
    stage.resources.pairs.read()
    assert sum(task.counted(stage.slots)) == count


@pytest.mark.parametrize("window", [True, False])
def test_shadow_has_judged_after_its_parts(stage: Stage, task: Task, *, window: bool) -> None:
    """Or after as many that left no window for it; at this step alone."""
    parts(stage, task, SHADOW_PARTS - 1, window=window)
    assert not seen(stage, task, Step.SHADOW).judged
    stage.line.judge(window=window)
    stage.resources.pairs.read()
    assert seen(stage, task, Step.SHADOW).judged
    assert not seen(stage, task, Step.REPORTED).judged


def test_shadow_with_some_windows_waits_for_its_parts(stage: Stage, task: Task) -> None:
    """They do come, only seldom."""
    parts(stage, task, 1, window=True)
    for _ in range(3 * SHADOW_PARTS):
        stage.line.judge(window=False)
    assert not seen(stage, task, Step.SHADOW).judged


def test_shadow_that_is_kept_waits_for_windows(stage: Stage, task: Task) -> None:
    """Somebody wants to see it judge."""
    task.wish = task.wish._replace(keep=True)
    parts(stage, task, 3 * SHADOW_PARTS, window=False)
    assert not seen(stage, task, Step.SHADOW).judged


def test_line_is_seen_from_the_order_to_its_answer(stage: Stage, task: Task) -> None:
    """Unanswered; then active, and watched until the trial's parts are over."""
    stage.hosts[1].begin()
    stage.hosts[1].ready()
    stage.slots.watch(2)
    stage.slots.command(OrderKind.SWITCH, 1)
    found = seen(stage, task)
    assert (found.answered, found.active) == (False, False)
    stage.line.obey()
    found = seen(stage, task)
    assert (found.answered, found.active, found.watched) == (True, True, False)
    for _ in range(2):
        stage.line.judge()
    assert seen(stage, task).watched


def test_line_that_went_back_by_itself_is_seen_against_the_count_before(
    stage: Stage, task: Task
) -> None:
    """A way back of an earlier swap is none of this one's."""
    stage.slots.roll_back(Reason.ENGINE_SILENT)
    assert seen(stage, task).rolled_back
    task.roll_backs, _ = stage.slots.roll_backs
    assert not seen(stage, task).rolled_back


def test_doubt_counts_while_there_is_another_to_go_back_to(stage: Stage, task: Task) -> None:
    """With the former engine gone, the new one is still better than none."""
    task.doubt = "scores outside"
    found = [seen(stage, task).disappointed]
    stage.hosts[1].begin()
    stage.hosts[1].ready()
    found.append(seen(stage, task).disappointed)
    task.doubt = ""
    assert [*found, seen(stage, task).disappointed] == [False, True, False]


def test_slot_is_emptied_once_its_host_has_acted(stage: Stage, task: Task) -> None:
    """The order alone frees no memory."""
    stage.hosts[1].obey()
    stage.slots.places[1].order(None)
    assert not seen(stage, task).emptied
    stage.hosts[1].obey()
    assert seen(stage, task).emptied
