"""Who else writes where a station does: what must be found, and what must never be taken for it."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.handshake.handshake import HEART_LIMIT_NS, advance, render
from gonogo.plc.handshake.state import Closing, ReadBack, Tick, first_state
from gonogo.plc.handshake.strangers import (
    LOOKS,
    OLD_SESSIONS,
    QUIET_NS,
    SIGHTINGS,
    UNREADABLE_NS,
    WATCH_NS,
    clear,
    shown,
)
from gonogo.plc.register_map import (
    BOX_AT,
    HEADER_WORDS,
    OBJECTION_AT,
    SESSION_AT,
    Command,
    CommandResult,
    State,
)
from gonogo.tests.plc.neighbours import GOOD, START_MS, Box, Memory, Neighbours, header

OURS, OTHER = 1111, 2222
SECOND_MS = 1000
DOUBT_AT = 30
SCANS = (3, 10, 35, 100)
PLCS = ((3, False), (10, False), (35, False), (100, False), (3, True), (10, True), (20, True))
POLLED_MS = 8  # a poll has been, and seldom two


def alone(
    scan_ms: int = 10, *, slow: bool = False, unreadable: bool = False
) -> tuple[Neighbours, Box]:
    """A station with permit, nobody else."""
    memory = Memory(scan_ms, slow=slow)
    box = Box(memory, OURS, 500, unreadable=unreadable)
    world = Neighbours(memory, box)
    assert world.until_permit(box, 5000)
    world.run(SECOND_MS)
    return world, box


# -- before the first write --------------------------------------------------------------


def test_station_writes_nothing_before_it_has_looked() -> None:
    """Three beats of quiet, whatever was left there; the permit waits for as long again."""
    memory = Memory()
    memory.words = list(header(OTHER, 7, 40))
    box = Box(memory, OURS, 500)
    world = Neighbours(memory, box)
    world.run(WATCH_NS // NS_PER_MS - 10)
    assert memory.writes == 0
    assert world.until_permit(box, 1000)
    assert world.now_ms - START_MS >= 2 * WATCH_NS // NS_PER_MS
    assert not box.latched


def test_station_goes_on_at_once_where_it_finds_its_own_words() -> None:
    """A line that takes over, or a link that was cut, loses no time by looking."""
    world, box = alone()
    box.line(9000, world.now_ms)
    writes = world.memory.writes
    world.run(10)
    assert world.memory.writes > writes
    assert world.until_permit(box, 60)
    box.cut_until_ms = world.now_ms + 100
    world.run(101)
    assert world.until_permit(box, 60)


def test_station_that_was_alone_does_not_wait_for_a_plc_that_lost_its_memory() -> None:
    """The PLC starts with all words 0: nobody can have come there before us."""
    world, box = alone()
    world.memory.restart(world.now_ms, 800, [0] * HEADER_WORDS, 0)
    world.run(801)
    assert world.until_permit(box, 60)


def test_station_that_finds_a_beating_heart_latches_and_writes_its_objection_only() -> None:
    """FAULT with its bit and number, no permit; none of its own words gets there."""
    world, first = alone()
    second = Box(world.memory, OTHER, 9000)
    world.here = [second]
    for beats in range(100):
        world.memory.words[:HEADER_WORDS] = header(OURS, 500, beats)
        world.run(10)
        assert world.memory.words[SESSION_AT] == 500
        assert world.memory.words[BOX_AT] == OURS
    assert (second.state.state, second.state.permit) == (State.FAULT, False)
    assert second.state.fault_code == 10
    assert second.latched_ms - START_MS < 1100 + SECOND_MS
    assert world.memory.words[OBJECTION_AT] == OTHER
    assert not second.permits
    assert not first.latched


def test_station_that_waits_takes_its_place_when_the_other_one_is_gone() -> None:
    """Two quiet seconds, then it writes; the fault stands until the PLC clears it."""
    world, first = alone()
    second = Box(world.memory, OTHER, 9000)
    world.here.append(second)
    world.run(SECOND_MS)
    world.here.remove(first)
    world.run(QUIET_NS // NS_PER_MS - 200)
    assert world.memory.words[BOX_AT] == OURS
    world.run(SECOND_MS)
    assert world.memory.words[BOX_AT] == OTHER
    assert second.state.state is State.FAULT
    world.memory.command(Command.CLEAR_FAULT)
    assert world.until_permit(second, 500)


# -- two at once -------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    plc=st.sampled_from(PLCS),
    later_ms=st.integers(0, 1500),
    boxes=st.lists(st.integers(1, 0xFFFF), min_size=2, max_size=2, unique=True),
    sessions=st.lists(st.integers(1, 0xFFFF), min_size=2, max_size=2, unique=True),
)
def test_two_stations_both_latch_within_a_second(
    plc: tuple[int, bool], later_ms: int, boxes: list[int], sessions: list[int]
) -> None:
    """Whenever the second one comes: both in FAULT without permit, and it never had one."""
    memory = Memory(plc[0], slow=plc[1])
    first, second = (Box(memory, b, s) for b, s in zip(boxes, sessions, strict=True))
    world = Neighbours(memory, first)
    world.run(later_ms)
    world.here.append(second)
    begun_ms = max(world.now_ms, START_MS + WATCH_NS // NS_PER_MS)  # the first one writes by then
    world.run(2 * SECOND_MS)
    for box in (first, second):
        assert 0 < box.latched_ms <= begun_ms + SECOND_MS
        assert (box.state.state, box.state.permit) == (State.FAULT, False)
    assert not second.permits


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("later_ms", [0, 200, 3000])
def test_two_stations_latch_in_the_slowest_plc(seed: int, later_ms: int) -> None:
    """It stores what came last before each scan of 100 ms: two seconds, then."""
    memory = Memory(100, slow=True)
    first, second = Box(memory, OURS, 500 + seed), Box(memory, OTHER, 9000 + seed)
    world = Neighbours(memory, first)
    world.run(later_ms)
    world.here.append(second)
    world.run(300 + 2 * SECOND_MS)
    assert first.state.state is second.state.state is State.FAULT


@pytest.mark.parametrize("scan_ms", [3, 10, 20])
@pytest.mark.parametrize("later_ms", [0, 3000])
def test_two_stations_that_cannot_look_latch_by_their_sessions(scan_ms: int, later_ms: int) -> None:
    """Each sees the PLC follow sessions that it never showed."""
    memory = Memory(scan_ms)
    first, second = (
        Box(memory, OURS, 500, unreadable=True),
        Box(memory, OTHER, 9000, unreadable=True),
    )
    world = Neighbours(memory, first)
    world.run(later_ms)
    world.here.append(second)
    started_ms = world.now_ms
    world.run(SECOND_MS)
    for box in (first, second):
        assert 0 < box.latched_ms <= started_ms + SECOND_MS
        assert box.state.state is State.FAULT
    assert not second.permits


def test_station_latches_by_its_own_looks_where_one_that_cannot_look_writes() -> None:
    """One that does not know of this (an older station) has no chance to stay unseen."""
    world, first = alone()
    world.here.append(Box(world.memory, 0, 9000, unreadable=True))
    came_ms = world.now_ms
    world.run(SECOND_MS)
    assert came_ms < first.latched_ms < came_ms + 400
    assert not any(at_ms > came_ms + 200 for at_ms in first.permits)


def test_words_that_are_none_latch_where_ours_have_been_read_before() -> None:
    """Some device that writes its own numbers over ours, 0 among them."""
    world, box = alone()
    for k in range(100):
        world.memory.words[: HEADER_WORDS // 2] = [k * 7 % 1000 + 1] * (HEADER_WORDS // 2)
        world.run(10)
    assert box.latched


def test_one_sighting_withholds_the_permit_and_no_more() -> None:
    """Six looks that find new words of our own again bring it back."""
    world, box = alone()
    for _ in range(200):
        if box.state.permit:  # until a look finds it
            world.memory.words[:] = header(OTHER, 7, 40)
            world.run(1)
    assert box.state.state is State.RESYNC
    assert not box.latched
    assert world.until_permit(box, 500)
    assert box.state.strangers.clean >= LOOKS


# -- clearing ----------------------------------------------------------------------------


def test_fault_is_cleared_only_when_the_other_one_is_gone() -> None:
    """Refused while it writes, and each latches again; done two seconds after."""
    world, first = alone()
    second = Box(world.memory, OTHER, 9000, unreadable=True)
    world.here.append(second)
    world.run(SECOND_MS)
    for _ in range(5):
        world.memory.command(Command.CLEAR_FAULT)
        world.run(100)
        assert first.state.peer.cmd_result is CommandResult.REFUSED
        assert first.state.state is second.state.state is State.FAULT
    world.here.remove(second)
    world.run(QUIET_NS // NS_PER_MS + 200)
    assert first.state.state is State.FAULT
    world.memory.command(Command.CLEAR_FAULT)
    world.run(50)
    assert first.state.peer.cmd_result is CommandResult.DONE
    assert (first.state.state, first.state.permit) == (State.RUNNING, True)


def test_fault_that_was_cleared_leaves_nothing_behind() -> None:
    """Who comes later has to be seen three times, like the one before."""
    world, box = alone()
    strangers = box.state.strangers._replace(sightings=(world.now_ms * NS_PER_MS,) * SIGHTINGS)
    latched = box.state._replace(latched=int(FaultBit.STRANGER), strangers=strangers)
    cleared, result = clear(latched)
    assert (cleared.latched, result) == (0, CommandResult.DONE)
    assert cleared.strangers.sightings == ()


def test_other_faults_are_cleared_all_the_same() -> None:
    """The refusal is of this one fault."""
    world, box = alone()
    world.here.append(Box(world.memory, OTHER, 9000, unreadable=True))
    world.run(SECOND_MS)
    box.state = box.state._replace(latched=box.state.latched | FaultBit.CONFIG)
    clears = box.state.clears
    world.memory.command(Command.CLEAR_FAULT)
    world.run(50)
    assert box.state.latched == FaultBit.STRANGER
    assert box.state.clears == clears + 1


def test_station_that_is_stopped_while_it_waits_says_nothing() -> None:
    """It has not written, and does not begin with its goodbye."""
    world, _ = alone()
    second = Box(world.memory, OTHER, 9000)
    world.here.append(second)
    world.run(500)
    second.tell(Closing(world.now_ms * NS_PER_MS))
    assert not second.state.strangers.arrived


# -- what is no second device ------------------------------------------------------------


class Trouble(NamedTuple):
    """Something that happens on a line with one station."""

    kind: str
    for_ms: int = 0
    detail: int = 0


KINDS = (
    *("resync", "outage", "line", "late_line", "station"),
    *("plc_cleared", "plc_kept", "plc_old", "plc_stop", "command"),
)
troubles = st.builds(
    Trouble, st.sampled_from(KINDS), for_ms=st.integers(0, 1500), detail=st.integers(1, 0xFFFF)
)


def befall(world: Neighbours, box: Box, trouble: Trouble, old: list[int], old_echo: int) -> None:
    """Bring it about; `old`: the memory that a PLC may get back."""
    kind, for_ms, detail = trouble
    memory, now_ms = world.memory, world.now_ms
    if kind == "resync":
        memory.command(Command.RESYNC)
    elif kind == "outage":
        box.cut_until_ms = now_ms + for_ms
    elif kind in {"line", "late_line"}:
        last = box.image
        box.line(detail, now_ms)
        world.run(60)
        if kind == "late_line" and last:  # what the dead line had sent arrives only now
            memory.write(0, last)
    elif kind == "station":
        world.here.remove(box)
        world.run(300 + for_ms)  # no process starts faster
        world.here.append(box)
        box.box = detail
        box.line(detail, world.now_ms)
    elif kind == "plc_cleared":
        memory.restart(now_ms, for_ms, [0] * HEADER_WORDS, 0)
    elif kind == "plc_kept":
        memory.restart(now_ms, for_ms, None, memory.plc.session_echo)
    elif kind == "plc_old":
        memory.restart(now_ms, for_ms, old, old_echo)
    elif kind == "plc_stop":
        memory.down_until_ms = 0
        scan_ms, memory.scan_ms = memory.scan_ms, 10**9
        world.run(for_ms)
        memory.scan_ms = scan_ms
    else:
        memory.command(detail % 5)


@settings(max_examples=40, deadline=None)
@given(
    scan_ms=st.sampled_from(SCANS),
    slow=st.booleans(),
    unreadable=st.booleans(),
    story=st.lists(st.tuples(troubles, st.integers(0, 900)), max_size=12),
)
def test_nothing_that_befalls_one_station_looks_like_two(
    scan_ms: int,
    slow: bool,  # noqa: FBT001 - drawn by hypothesis
    unreadable: bool,  # noqa: FBT001 - as above
    story: list[tuple[Trouble, int]],
) -> None:
    """Resyncs, restarts of everything, outages, slow scans, old memory: never this fault."""
    world, box = alone(scan_ms, slow=slow, unreadable=unreadable)
    old, old_echo = list(world.memory.words), 4711
    for trouble, pause_ms in story:
        befall(world, box, trouble, old, old_echo)
        world.run(pause_ms)
        assert not box.latched, trouble
    assert world.until_permit(box, 6000)
    assert not box.latched


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("scan_ms", "slow"), [(10, False), (100, True)])
def test_two_hundred_in_a_row_never_latch(kind: str, scan_ms: int, slow: bool) -> None:  # noqa: FBT001
    """Of each kind, as fast as they come."""
    world, box = alone(scan_ms, slow=slow)
    old = list(world.memory.words)
    for k in range(200):
        befall(world, box, Trouble(kind, 50 + k % 3 * 250, 1 + k * 311 % 0xFFFF), old, 4711)
        world.run(30 + k % 7 * 40)
        assert not box.latched, k
    assert world.until_permit(box, 6000)


class Elsewhere(Box):
    """Its PLC answers the look with other registers than those it writes: always 0."""

    def _look(self, now_ms: int, now_ns: int) -> None:
        self._looked_ms = now_ms
        self.tell(ReadBack(now_ns, (0,) * HEADER_WORDS))


def test_permit_waits_where_nothing_of_ours_is_read_back() -> None:
    """Then it is as if we could not look: two seconds, and the session alone decides."""
    memory = Memory()
    box = Elsewhere(memory, OURS, 500)
    world = Neighbours(memory, box)
    assert not world.until_permit(box, (WATCH_NS + UNREADABLE_NS) // NS_PER_MS - 20)
    assert world.until_permit(box, 200)


def test_same_words_read_again_prove_nothing() -> None:
    """A slow PLC shows what it stored at its last scan, however often it is asked."""
    memory = Memory()
    box = Box(memory, OURS, 500)
    world = Neighbours(memory, box)
    world.run(WATCH_NS // NS_PER_MS + 20)
    state, at_ns = box.state, (world.now_ms + 400) * NS_PER_MS
    assert state.strangers.held_ns
    words = render(state).words[:HEADER_WORDS]
    for again in range(2 * LOOKS):
        state = advance(state, ReadBack(at_ns + again, words))
    assert state.strangers.held_ns
    for turn in range(LOOKS):
        fresh = (*words[:DOUBT_AT], 20_000 + turn, *words[DOUBT_AT + 1 :])
        state = advance(state, ReadBack(at_ns + turn, fresh))
    assert not state.strangers.held_ns


def test_half_of_our_own_words_is_nobody_else() -> None:
    """A PLC that lost its memory and is slow to store: MAGIC and our session, and 0 behind it."""
    world, box = alone()
    state, at_ns = box.state, world.now_ms * NS_PER_MS
    for beat in range(20):
        state = advance(state, Tick(at_ns + beat * 100 * NS_PER_MS, alive=True, condition=GOOD))
        words = (*render(state).words[: HEADER_WORDS // 2], *[0] * (HEADER_WORDS // 2))
        state = advance(state, ReadBack(at_ns + beat * 100 * NS_PER_MS, words))
    assert not state.strangers.sightings
    theirs = list(words)
    theirs[SESSION_AT] += 1000
    assert advance(state, ReadBack(at_ns, theirs)).strangers.sightings


def test_what_was_left_there_is_no_sighting_however_often_we_come() -> None:
    """A connection that breaks while we look, ten times in two seconds."""
    memory = Memory()
    memory.words = list(header(OTHER, 7, 40))
    box = Box(memory, OURS, 500)
    world = Neighbours(memory, box)
    for _ in range(10):
        world.run(100)
        box.cut_until_ms = world.now_ms + 100
        world.run(100)
    assert memory.writes == 0
    assert not box.state.strangers.sightings
    assert world.until_permit(box, 1500)


# -- sessions ----------------------------------------------------------------------------


@given(first=st.integers(1, 0xFFFF), resyncs=st.integers(0, 300), back=st.integers(0, 300))
def test_sessions_of_ours_are_those_that_this_line_has_shown(
    first: int, resyncs: int, back: int
) -> None:
    """The present one and the last before it, round the edge, too; 0 is nobody's."""
    state = first_state(first)
    present = (first - 1 + resyncs) % 0xFFFF + 1
    state = state._replace(outbox=state.outbox._replace(session=present))
    asked = (present - 1 - back) % 0xFFFF + 1
    assert shown(state, asked) is (back <= min(resyncs, OLD_SESSIONS))
    assert not shown(state, 0)
    assert not shown(state, present % 0xFFFF + 1)


@pytest.mark.parametrize(
    ("echoes", "latches"),
    [
        ([77], False),
        ([77, 0, 77], False),
        ([77, 78], True),
        ([77, 0, 77, 0, 77], True),
        ([0, 0, 0, 0], False),
        ([4711, 0, 4711, 0, 4711], False),  # what stood there when we came
    ],
)
def test_foreign_sessions_latch_when_nothing_explains_them(
    echoes: list[int],
    latches: bool,  # noqa: FBT001 - of the table
) -> None:
    """One may be an old memory; two different ones, or the same one three times, are somebody."""
    memory = Memory()
    memory.plc = memory.plc._replace(session_echo=4711)
    box = Box(memory, OURS, 500, unreadable=True)
    world = Neighbours(memory, box)
    assert world.until_permit(box, 5000)
    for echo in echoes:
        world.run(20)  # the PLC has seen the end of the resync
        memory.plc = memory.plc._replace(session_echo=echo)
        world.run(POLLED_MS)
        assert world.until_permit(box, 3000) or box.latched
    assert box.latched is latches


def test_sightings_far_apart_have_nothing_to_do_with_each_other() -> None:
    """One a minute, for ever, is no fault."""
    world, box = alone()
    for k in range(2 * SIGHTINGS):
        sightings = box.state.strangers.sightings
        for _ in range(200):
            if box.state.strangers.sightings == sightings:
                world.memory.words[:] = header(OTHER, 7, k)
                world.run(1)
        assert box.state.strangers.sightings != sightings
        world.run(6000)
        assert not box.latched


def test_plc_that_stands_still_takes_no_part_in_this() -> None:
    """The session that it follows when its heart beats again is history, whatever it is."""
    world, box = alone()
    for echo in range(40, 50):
        befall(world, box, Trouble("plc_stop", HEART_LIMIT_NS // NS_PER_MS + 50), [], 0)
        world.memory.plc = world.memory.plc._replace(session_echo=echo)
        assert world.until_permit(box, 500)
        assert not box.latched
