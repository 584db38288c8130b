"""The ejector's own numbers: when its window begins and ends, by time and by encoder."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.base.words import NS_PER_MS
from gonogo.plc.reject_tracker import MOST_PARTS, EjectSection, RejectTracker

SPEED_MM_S = 200.0
PLAIN = {"distance_mm": 100.0, "window_mm": 40.0}  # 400 to 600 ms after the trigger
BEGIN_NS, END_NS = 400 * NS_PER_MS, 600 * NS_PER_MS
T0_NS = 10**12
ENCODER = {"by": "encoder", "counts_per_mm": 10.0}  # 800 to 1200 counts after the trigger


def section(**keys: object) -> EjectSection:
    """The plain one, with some of it changed."""
    return EjectSection.model_validate(PLAIN | keys)


def ejector(**keys: object) -> RejectTracker:
    """One that sees: what was on the belt before it has gone by."""
    made = RejectTracker(section(**keys), SPEED_MM_S)
    made.follow(T0_NS - 10 * END_NS)
    return made


# -- the section -------------------------------------------------------------------------


def test_section_says_what_it_takes_where_nothing_is_said() -> None:
    """40 mm, a valve without delay, safe on a dead box, by the clock."""
    plain = EjectSection(distance_mm=100)
    assert (plain.window_mm, plain.lead_ms) == (40.0, 0.0)
    assert (plain.on_means, plain.by, plain.counts_per_mm) == ("pass", "time", None)


def test_section_takes_a_window_of_twice_the_distance_and_not_more() -> None:
    """It begins at the photo-eye then."""
    assert section(distance_mm=20, window_mm=40).window_ms(SPEED_MM_S) == (0.0, 200.0)
    with pytest.raises(ValidationError, match=r"expected at most 40 mm .*got 40\.5 mm"):
        section(distance_mm=20, window_mm=40.5)


def test_section_needs_counts_for_an_encoder_alone() -> None:
    """By the clock they are not looked at."""
    assert section(counts_per_mm=10.0).by == "time"
    assert section(**ENCODER).counts_per_mm == 10.0
    with pytest.raises(ValidationError, match='by = "encoder": expected counts_per_mm, got none'):
        section(by="encoder")


def test_section_computes_its_window_from_distance_speed_and_lead() -> None:
    """The valve needs its time before the part is there."""
    assert section(lead_ms=30).window_ms(SPEED_MM_S) == (370.0, 570.0)
    assert section(distance_mm=300, window_mm=20).window_ms(1000.0) == (290.0, 310.0)


def test_section_in_words_has_the_numbers_that_the_fitter_measures() -> None:
    """From when to when the coil speaks for a part."""
    assert section(lead_ms=30).in_words(SPEED_MM_S) == (
        "ejector at 100 mm: coil DI7 speaks for a part from 370 to 570 ms after its trigger "
        "at 200 mm/s; on means pass"
    )


@pytest.mark.parametrize(("budget_ms", "good"), [(399.9, True), (400.0, True), (400.1, False)])
def test_section_wants_the_verdict_before_its_window(budget_ms: float, *, good: bool) -> None:
    """At the very budget is in time; what is wrong is said with what could be changed."""
    problem = section().problem(SPEED_MM_S, budget_ms)
    assert (problem == "") is good
    if not good:
        assert "window begins 400.0 ms after the trigger" in problem


# -- by the clock ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since_ns", "on"),
    [(BEGIN_NS - 1, False), (BEGIN_NS, True), (END_NS - 1, True), (END_NS, False)],
)
@pytest.mark.parametrize("earlier_ns", [0, 1, 10 * NS_PER_MS])
def test_coil_is_on_from_the_first_to_the_last_nanosecond_of_a_window(
    since_ns: int, *, on: bool, earlier_ns: int
) -> None:
    """However long ago the belt was looked at before."""
    made = ejector()
    made.enter(1, T0_NS)
    made.judge(1, accept=True)
    made.follow(T0_NS + since_ns - earlier_ns)
    assert made.follow(T0_NS + since_ns) is on


@pytest.mark.parametrize(("since_ns", "passes"), [(BEGIN_NS - 1, True), (BEGIN_NS, False)])
def test_accept_counts_until_the_window_begins(since_ns: int, *, passes: bool) -> None:
    """At its first nanosecond the coil has spoken already."""
    made = ejector()
    made.enter(1, T0_NS)
    made.follow(T0_NS + since_ns)
    made.judge(1, accept=True)
    assert made.follow(T0_NS + BEGIN_NS) is passes
    assert made.late == (not passes)


def test_reject_that_comes_late_is_not_counted_as_a_late_accept() -> None:
    """It changes nothing: the part goes out anyway."""
    made = ejector()
    made.enter(1, T0_NS)
    made.follow(T0_NS + BEGIN_NS)
    made.judge(1, accept=False)
    assert made.late == 0


def test_accept_is_for_the_oldest_part_of_that_id_and_for_one_alone() -> None:
    """Ids wrap; the part nearest to the nozzle is meant."""
    made = ejector()
    for k, part_id in enumerate((7, 8, 7)):
        made.enter(part_id, T0_NS + k * END_NS)
    made.judge(7, accept=True)
    seen = [made.follow(T0_NS + k * END_NS + BEGIN_NS) for k in range(3)]
    assert seen == [True, False, False]


@pytest.mark.parametrize(("on_means", "coil"), [("pass", [False, False]), ("eject", [True, False])])
def test_coil_follows_what_on_means(on_means: str, coil: list[bool]) -> None:
    """A part nobody spoke for, and then nothing at the nozzle."""
    made = ejector(on_means=on_means)
    made.enter(1, T0_NS)
    assert [made.follow(T0_NS + BEGIN_NS), made.follow(T0_NS + END_NS)] == coil


@pytest.mark.parametrize(("since_ns", "unknown"), [(BEGIN_NS - 1, True), (BEGIN_NS, False)])
def test_nobody_knows_the_stretch_before_the_ejector(since_ns: int, *, unknown: bool) -> None:
    """From its first look until the first part that it could see is at the nozzle."""
    made = RejectTracker(section(on_means="eject"), SPEED_MM_S)
    made.follow(T0_NS)
    assert made.follow(T0_NS + since_ns) is unknown


def test_ejector_follows_128_parts_and_loses_count_at_the_next() -> None:
    """More cannot be on the belt; then nobody it knew passes, and the one after it does."""
    assert MOST_PARTS == 128
    for count, lost in ((128, False), (129, True)):
        made = ejector()
        for part_id in range(1, count + 1):
            made.enter(part_id, T0_NS + part_id)
            made.judge(part_id, accept=True)
        assert made.follow(T0_NS + 1 + BEGIN_NS) is not lost
        assert made.follow(T0_NS + 129 + BEGIN_NS)


def test_next_edge_is_the_nearest_that_has_not_passed() -> None:
    """Begin or end of whichever part; to the nanosecond, so that the link wakes for it."""
    made = ejector()
    made.enter(1, T0_NS)
    made.enter(2, T0_NS + 100 * NS_PER_MS)
    edges = [BEGIN_NS, BEGIN_NS + 100 * NS_PER_MS, END_NS, END_NS + 100 * NS_PER_MS]
    found = []
    for here_ns in (0, BEGIN_NS - 1, BEGIN_NS, edges[1] - 1, edges[1], edges[2], edges[3]):
        made.follow(T0_NS + here_ns)
        edge_ns = made.next_edge_ns
        found.append(None if edge_ns is None else edge_ns - T0_NS)
    assert found == [edges[0], edges[0], edges[1], edges[1], edges[2], edges[3], None]


# -- by the encoder ----------------------------------------------------------------------


def by_encoder(**keys: object) -> RejectTracker:
    """One on a belt whose counts begin at 1000, after the unknown stretch."""
    made = RejectTracker(section(**(ENCODER | keys)), SPEED_MM_S)
    made.follow(0)
    made.follow(1000)
    return made


@pytest.mark.parametrize(("counts", "on"), [(799, False), (800, True), (1199, True), (1200, False)])
def test_coil_by_encoder_counts_and_knows_no_clock(counts: int, *, on: bool) -> None:
    """80 to 120 mm at 10 counts a mm, whatever the speed was said to be."""
    made = by_encoder()
    made.enter(1, 1000)
    made.judge(1, accept=True)
    made.follow(1700)
    assert made.follow(1000 + counts) is on
    assert made.by_encoder
    assert made.next_edge_ns is None


@pytest.mark.parametrize(
    ("jump", "lost"), [(1200, False), (1201, True), (-1200, False), (-1201, True)]
)
def test_encoder_that_jumps_further_than_a_window_ends_was_reset(jump: int, *, lost: bool) -> None:
    """In either direction; what is on the belt is not known any more, and goes out."""
    made = by_encoder(on_means="eject")
    assert not made.follow(1900)
    assert made.follow((1900 + jump) % 2**32) is lost


def test_belt_by_the_clock_may_stand_for_as_long_as_it_likes() -> None:
    """A clock that jumps by hours is a belt that nobody looked at, not one that was reset."""
    made = ejector(on_means="eject")
    made.enter(1, T0_NS + 50 * END_NS)
    made.judge(1, accept=True)
    assert not made.follow(T0_NS + 50 * END_NS + BEGIN_NS)


def test_encoder_s_belt_may_run_backwards_a_little() -> None:
    """A belt that settles after a stop: the part is where it is."""
    made = by_encoder()
    made.enter(1, 1000)
    made.judge(1, accept=True)
    made.follow(1700)
    assert [made.follow(counts) for counts in (1801, 1799, 1800)] == [True, False, True]


def test_section_with_counts_and_by_the_clock_is_by_the_clock() -> None:
    """Counts that stand there from a trial with an encoder change nothing."""
    made = ejector(counts_per_mm=10.0)
    made.enter(1, T0_NS)
    made.judge(1, accept=True)
    assert [made.follow(T0_NS + ns) for ns in (BEGIN_NS - 1, BEGIN_NS, END_NS)] == [
        False,
        True,
        False,
    ]


def test_ejector_is_told_of_parts_before_it_has_seen_the_belt() -> None:
    """Its first look comes after them: they are unknown, and go out."""
    made = RejectTracker(section(), SPEED_MM_S)
    made.enter(1, T0_NS)
    made.judge(1, accept=True)
    made.follow(T0_NS + 1)
    assert not made.follow(T0_NS + BEGIN_NS)


def test_ejector_follows_a_belt_for_as_long_as_it_runs() -> None:
    """Parts that have gone by are forgotten one by one: their number is no sign of lost count."""
    made = ejector(on_means="eject")
    for k in range(3 * MOST_PARTS):
        here_ns = T0_NS + k * END_NS // 4
        assert not made.follow(here_ns), "every part was accepted, and still one goes out"
        made.enter(k, here_ns)
        made.judge(k, accept=True)


def test_encoder_that_was_reset_leaves_no_ghost_of_a_part() -> None:
    """What was accepted before must not pass when the new count comes to its old place."""
    made = by_encoder()
    for counts in range(1000, 5001, 1000):
        made.follow(counts)
    made.enter(1, 5000)
    made.judge(1, accept=True)
    made.follow(0)
    assert not any(made.follow(counts) for counts in range(0, 7000, 100))


# -- who has passed the nozzle -----------------------------------------------------------


def told(made: RejectTracker, *since_ns: int) -> list[list[tuple[object, ...]]]:
    """What each look at these times tells of: id, whether it passes, whether it left."""
    found: list[list[tuple[object, ...]]] = []
    for ns in since_ns:
        made.follow(T0_NS + ns)
        found.append([tuple(passage) for passage in made.passages()])
    return found


def test_passages_tell_of_each_part_as_it_comes_and_as_it_leaves() -> None:
    """To the nanosecond, each once, with what was decided of it."""
    made = ejector()
    made.enter(1, T0_NS)
    made.enter(2, T0_NS + END_NS)
    made.judge(2, accept=True)
    assert told(made, BEGIN_NS - 1, BEGIN_NS, BEGIN_NS + 1, END_NS - 1, END_NS, END_NS + 1) == [
        [], [(1, False, False)], [], [], [(1, False, True)], [],
    ]  # fmt: skip
    assert told(made, END_NS + BEGIN_NS, 2 * END_NS) == [[(2, True, False)], [(2, True, True)]]


def test_passages_of_a_look_that_came_late_are_in_order() -> None:
    """A part that came and left between two looks has done both; each part by itself."""
    made = ejector()
    for part_id in (1, 2, 3):
        made.enter(part_id, T0_NS + part_id)
    assert told(made, BEGIN_NS + 2, END_NS + 2, END_NS + 3) == [
        [(1, False, False), (2, False, False)],
        [(3, False, False), (1, False, True), (2, False, True)],
        [(3, False, True)],
    ]
    made.enter(4, T0_NS + END_NS)
    assert told(made, 3 * END_NS) == [[(4, False, False), (4, False, True)]]


def test_passages_of_a_belt_that_was_lost_are_none() -> None:
    """Nobody knows where those parts are; the ones after them are told of again."""
    made = ejector()
    for part_id in range(1, MOST_PARTS + 1):
        made.enter(part_id, T0_NS)
    assert len(told(made, BEGIN_NS)[0]) == MOST_PARTS
    made.enter(0, T0_NS + BEGIN_NS)  # one more than there can be
    assert told(made, END_NS, 2 * BEGIN_NS) == [[], [(0, False, False)]]
    made.enter(9, T0_NS + 2 * BEGIN_NS)
    assert told(made, 3 * BEGIN_NS) == [[(9, False, False), (0, False, True)]]


def test_ejector_condemned_passes_nobody_that_it_knows() -> None:
    """Whoever was accepted before; who is accepted after it passes again."""
    made = ejector()
    made.enter(1, T0_NS)
    made.judge(1, accept=True)
    made.condemn()
    assert not made.follow(T0_NS + BEGIN_NS)
    made.enter(2, T0_NS + END_NS)
    made.judge(2, accept=True)
    assert made.follow(T0_NS + END_NS + BEGIN_NS)
    assert [(each.part_id, each.passes) for each in made.passages()] == [
        (1, False), (2, True), (1, False),
    ]  # fmt: skip


def test_ejector_says_whether_the_nozzle_is_unknown() -> None:
    """From its first look on, for as long as the stretch before it is."""
    made = RejectTracker(section(), SPEED_MM_S)
    assert not made.unknown
    seen = []
    for ns in (0, BEGIN_NS - 1, BEGIN_NS):
        made.follow(T0_NS + ns)
        seen.append(made.unknown)
    assert seen == [True, True, False]


@pytest.mark.parametrize(("on_means", "on_ejects"), [("pass", False), ("eject", True)])
def test_ejector_knows_what_a_coil_in_that_state_does(on_means: str, *, on_ejects: bool) -> None:
    """On and off are opposites, whatever they mean."""
    made = ejector(on_means=on_means)
    assert made.ejects(on=True) is on_ejects
    assert made.ejects(on=False) is not on_ejects
