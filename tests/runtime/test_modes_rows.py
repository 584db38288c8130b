"""Each row of the table of losses: after how many parts, and what it says to the PLC."""

from __future__ import annotations

import pytest

from gonogo.base.words import NS_PER_MS, Mode, Reason, Verdict, VerdictKind
from gonogo.runtime.modes import LOSSES, PROBE_EVERY_NS, REST_NS, Input, Modes

HIT = {
    Input.ENGINE: (Mode.RULES_ONLY, Reason.ENGINE_SILENT),
    Input.CAMERA: (Mode.SAFE, Reason.CAMERA),
    Input.TIME: (Mode.FULL, Reason.DEADLINE),
}
GOOD = (Mode.FULL, Reason.OK)
SECOND_NS = 1000 * NS_PER_MS


def note(modes: Modes, seen: tuple[Mode, Reason], times: int = 1, now_ns: int = 1) -> None:
    """So many parts that were judged like this."""
    for _ in range(times):
        modes.inspected(
            Verdict(VerdictKind.REJECT, seen[1], 0, seen[0], VerdictKind.NONE, VerdictKind.NONE),
            now_ns,
        )


def full() -> Modes:
    """A station on which everything has proven itself."""
    modes = Modes(judged=True)
    modes.regained(Input.ENGINE)
    return modes


def lost(modes: Modes) -> set[Input]:
    """What the PLC is told that is lost."""
    condition = modes.condition()
    told = {
        Input.ENGINE: condition.engine_ok,
        Input.CAMERA: condition.camera_ok,
        Input.TIME: condition.in_time,
        Input.TRIGGER: condition.trigger_ok,
        Input.MASTER_PART: condition.proven,
    }
    return {what for what, good in told.items() if not good}


def test_each_input_is_one_of_its_own() -> None:
    """Two of one number would be lost, and come back, with each other."""
    names = ["ENGINE", "CAMERA", "TIME", "TRIGGER", "MASTER_PART", "BOARD"]
    assert [each.name for each in Input] == names
    assert list(Input) == list(range(len(names)))
    assert set(LOSSES) == set(Input)


@pytest.mark.parametrize(
    ("what", "parts", "mode"),
    [
        (Input.ENGINE, 1, Mode.RULES_ONLY),
        (Input.CAMERA, 3, Mode.SAFE),
        (Input.TIME, 10, Mode.SAFE),
    ],
)
def test_modes_lose_an_input_at_its_last_strike_and_not_before(
    what: Input, parts: int, mode: Mode
) -> None:
    """One, three, ten parts in a row: neither one fewer nor one more."""
    modes = full()
    note(modes, HIT[what], parts - 1)
    assert (lost(modes), modes.mode) == (set(), Mode.FULL)
    note(modes, HIT[what])
    assert (lost(modes), modes.mode) == ({what}, mode)
    assert LOSSES[what].mode is mode


@pytest.mark.parametrize(("what", "parts"), [(Input.CAMERA, 3), (Input.TIME, 10)])
def test_modes_count_strikes_in_a_row_from_the_last_good_part(what: Input, parts: int) -> None:
    """A good part in between begins the count anew."""
    modes = full()
    for _ in range(3):
        note(modes, HIT[what], parts - 1)
        note(modes, GOOD)
    assert lost(modes) == set()


@pytest.mark.parametrize(("what", "parts"), [(Input.CAMERA, 3), (Input.TIME, 10)])
def test_modes_count_strikes_anew_after_a_regain(what: Input, parts: int) -> None:
    """What went before the trial is forgiven."""
    modes = full()
    note(modes, HIT[what], parts)
    modes.regained(what)
    note(modes, HIT[what], parts - 1)
    assert lost(modes) == set()
    note(modes, HIT[what])
    assert lost(modes) == {what}


def test_modes_blame_no_engine_for_a_part_that_nobody_saw() -> None:
    """Without a frame it was not asked."""
    modes = full()
    note(modes, HIT[Input.CAMERA], 2)
    assert modes.ask_engine
    note(modes, HIT[Input.ENGINE])
    assert not modes.ask_engine


def test_modes_count_their_changes() -> None:
    """Of the mode, that is: what is lost beside it is not another one."""
    modes = Modes(judged=True)
    changes = [modes.changes]
    for what in (Input.ENGINE, Input.ENGINE):
        modes.regained(what)
        changes.append(modes.changes)
    note(modes, HIT[Input.CAMERA], 3)
    changes.append(modes.changes)
    note(modes, HIT[Input.TIME], 10)
    changes.append(modes.changes)
    modes.regained(Input.CAMERA)
    changes.append(modes.changes)
    assert changes == [1, 2, 2, 3, 3, 3]
    assert modes.mode is Mode.SAFE


def test_modes_try_a_camera_at_most_once_a_second_and_rest_a_second() -> None:
    """These times are what docs/when-things-break.md promises; the first trial comes at once."""
    assert (PROBE_EVERY_NS, REST_NS) == (SECOND_NS, SECOND_NS)
    modes = full()
    note(modes, HIT[Input.CAMERA], 3)
    tries = [modes.try_camera(now_ns) for now_ns in (SECOND_NS, 2 * SECOND_NS - 1, 2 * SECOND_NS)]
    assert tries == [True, False, True]


def test_modes_rest_from_the_last_overrun() -> None:
    """A second from the last late part, not from the first."""
    modes = full()
    note(modes, HIT[Input.TIME], 10, now_ns=SECOND_NS)
    note(modes, HIT[Input.TIME], 1, now_ns=2 * SECOND_NS)
    modes.tick(3 * SECOND_NS, engine_ready=True)
    assert lost(modes) == {Input.TIME}
    note(modes, GOOD, 1, now_ns=3 * SECOND_NS)
    modes.tick(3 * SECOND_NS + 1, engine_ready=True)
    assert lost(modes) == set()


def test_modes_lose_time_where_parts_come_seldom_and_each_is_late() -> None:
    """A second without an overrun is a rest of a line that had lost its time, and of no other."""
    modes = full()
    for part in range(1, 11):
        assert lost(modes) == set()
        note(modes, HIT[Input.TIME], 1, now_ns=3 * part * SECOND_NS)
        modes.tick((3 * part + 2) * SECOND_NS - 1, engine_ready=True)
        modes.tick((3 * part + 2) * SECOND_NS, engine_ready=True)
    assert modes.changes == 4


def test_modes_show_the_worst_of_what_is_lost() -> None:
    """Whichever was lost first; and the other one when that is back."""
    modes = full()
    note(modes, HIT[Input.ENGINE])
    note(modes, HIT[Input.CAMERA], 3)
    assert (lost(modes), modes.mode) == ({Input.ENGINE, Input.CAMERA}, Mode.SAFE)
    modes.regained(Input.CAMERA)
    assert modes.mode is Mode.RULES_ONLY


def test_modes_count_late_parts_however_far_apart_they_are() -> None:
    """A slow belt: between two of them the line rests for longer than a second."""
    modes = full()
    for now_ns in range(SECOND_NS, 31 * SECOND_NS, 3 * SECOND_NS):
        assert lost(modes) == set()
        note(modes, HIT[Input.TIME], now_ns=now_ns)
        modes.tick(now_ns + SECOND_NS, engine_ready=True)
    assert lost(modes) == {Input.TIME}


def test_modes_lose_no_time_by_a_tick() -> None:
    """Between parts nothing is late, and a camera is not brought back by waiting."""
    modes = full()
    modes.tick(10 * SECOND_NS, engine_ready=True)
    assert modes.changes == 2
    note(modes, HIT[Input.CAMERA], 3)
    modes.tick(20 * SECOND_NS, engine_ready=True)
    assert lost(modes) == {Input.CAMERA}


def test_condition_says_tested_and_that_the_time_is_valid() -> None:
    """Degraded follows the engine alone."""
    modes = full()
    condition = modes.condition()
    assert (condition.tested, condition.time_valid, condition.degraded) == (True, True, False)
    note(modes, HIT[Input.CAMERA], 3)
    assert not modes.condition().degraded
    modes.tick(1, engine_ready=False)
    assert modes.condition().degraded


def test_modes_without_engine_neither_ask_nor_try_one() -> None:
    """Not even after a verdict that the rules reached alone."""
    modes = Modes(judged=False)
    note(modes, HIT[Input.ENGINE], 5)
    modes.tick(1, engine_ready=False)
    assert (modes.ask_engine, modes.try_engine, modes.changes) == (False, False, 0)


@pytest.mark.parametrize("what", [Input.TRIGGER, Input.MASTER_PART])
def test_modes_are_safe_while_what_is_looked_at_does_not_stand(what: Input) -> None:
    """Until it does, whatever parts and ticks say; each look of the same changes nothing."""
    modes = full()
    for ready, mode in ((False, Mode.SAFE), (False, Mode.SAFE), (True, Mode.FULL)):
        modes.stands(what, ready=ready)
        note(modes, GOOD)
        modes.tick(10 * SECOND_NS, engine_ready=True)
        assert (lost(modes), modes.mode) == (set() if ready else {what}, mode)
    assert modes.changes == 4


def test_modes_lack_nothing_to_judge_with_behind_a_closed_gate() -> None:
    """What else is lost is named, the mode is safe all the same."""
    modes = full()
    modes.stands(Input.MASTER_PART, ready=False)
    assert (modes.mode, modes.missing) == (Mode.SAFE, None)
    modes.tick(1, engine_ready=False)
    assert modes.missing is Input.ENGINE


def test_modes_let_the_engine_rest_while_the_box_is_too_hot() -> None:
    """It is neither asked nor tried, whatever is said of it; cooler, it has to prove itself."""
    modes = full()
    modes.stands(Input.BOARD, ready=False)
    assert (lost(modes), modes.mode, modes.missing) == (
        {Input.ENGINE}, Mode.RULES_ONLY, Input.ENGINE,
    )  # fmt: skip
    assert (modes.ask_engine, modes.try_engine) == (False, False)
    modes.tick(10 * SECOND_NS, engine_ready=True)
    note(modes, GOOD)
    assert (modes.ask_engine, modes.try_engine) == (False, False)
    modes.stands(Input.BOARD, ready=True)
    assert (modes.ask_engine, modes.try_engine, modes.mode) == (False, True, Mode.RULES_ONLY)
    modes.regained(Input.ENGINE)
    assert (modes.ask_engine, modes.mode, lost(modes)) == (True, Mode.FULL, set())


def test_modes_stay_as_they_are_at_each_look_at_a_hot_box() -> None:
    """Many looks are one change; an engine that comes back meanwhile changes nothing."""
    modes = full()
    before = modes.changes
    for _ in range(3):
        modes.stands(Input.BOARD, ready=False)
    modes.regained(Input.ENGINE)
    assert (modes.changes, modes.mode) == (before + 1, Mode.RULES_ONLY)
    assert lost(modes) == {Input.ENGINE}
    assert not modes.ask_engine
