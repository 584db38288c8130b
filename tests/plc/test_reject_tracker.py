"""The station's own ejector: every part goes out that was not accepted in time, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gonogo.base.words import NS_PER_MS
from gonogo.plc.reject_tracker import MOST_PARTS, EjectSection, RejectTracker

SPEED_MM_S = 200.0  # 0.2 mm a ms
START_NS = 10**12
PLAIN = {"distance_mm": 100.0, "window_mm": 40.0}  # 400 to 600 ms after the trigger
BEGIN_MS, END_MS = 400, 600


def ejector(**keys: object) -> RejectTracker:
    """One whose unknown first stretch of belt has gone by."""
    made = RejectTracker(EjectSection.model_validate(PLAIN | keys), SPEED_MM_S)
    made.follow(START_NS - 10_000 * NS_PER_MS)
    return made


def at(ms: float) -> int:
    """So long after the start."""
    return START_NS + round(ms * NS_PER_MS)


def test_ejector_passes_an_accepted_part_within_its_window_and_nothing_else() -> None:
    """On from the first to the last moment of the window: that is when it may pass."""
    made = ejector()
    made.enter(1, at(0))
    made.judge(1, accept=True)
    seen = [made.follow(at(ms)) for ms in (0, BEGIN_MS - 1, BEGIN_MS, END_MS - 1, END_MS)]
    assert seen == [False, False, True, True, False]


def test_ejector_that_acts_when_on_is_on_for_every_part_without_an_accept() -> None:
    """The other meaning of the coil: off between parts, on for a part nobody spoke for."""
    made = ejector(on_means="eject")
    made.enter(1, at(0))
    made.enter(2, at(250))
    made.judge(2, accept=True)
    seen = [made.follow(at(ms)) for ms in (300, 450, 620, 700, 900)]
    assert seen == [False, True, False, False, False]


def test_ejector_counts_an_accept_that_comes_when_its_window_has_begun() -> None:
    """Too late is a reject, to the nanosecond."""
    made = ejector()
    made.enter(1, at(0))
    made.follow(at(BEGIN_MS))
    made.judge(1, accept=True)
    assert not made.follow(at(BEGIN_MS) + 1)
    assert made.late == 1


def test_ejector_never_takes_an_accept_for_another_part() -> None:
    """Nor for one it never saw."""
    made = ejector()
    made.enter(1, at(0))
    made.judge(2, accept=True)
    assert not made.follow(at(500))


def test_ejector_lets_a_reject_win_where_two_windows_overlap() -> None:
    """Parts too close to be told apart at the nozzle."""
    made = ejector()
    made.enter(1, at(0))
    made.enter(2, at(100))
    made.judge(1, accept=True)
    assert [made.follow(at(ms)) for ms in (450, 550, 650)] == [True, False, False]


@pytest.mark.parametrize(("on_means", "out"), [("pass", False), ("eject", True)])
def test_ejector_throws_out_what_was_on_the_belt_before_it(on_means: str, out: bool) -> None:  # noqa: FBT001 - a parameter
    """Until the first part that it saw could be there."""
    section = EjectSection.model_validate(PLAIN | {"on_means": on_means})
    made = RejectTracker(section, SPEED_MM_S)
    made.follow(START_NS)
    made.enter(1, at(0))
    made.judge(1, accept=True)
    assert [made.follow(at(ms)) for ms in (1, BEGIN_MS - 1)] == [out, out]
    assert made.follow(at(BEGIN_MS)) is (on_means == "pass")


def test_ejector_that_lost_count_trusts_nobody_it_knew() -> None:
    """A stopped belt under a photo-eye that goes on: what it had followed is thrown out."""
    made = ejector(on_means="eject")
    for part_id in range(1, MOST_PARTS + 2):
        made.enter(part_id, at(part_id))
        made.judge(part_id, accept=True)
    last = MOST_PARTS + 1
    assert made.follow(at(last + BEGIN_MS - 1)), "what it knew is at the nozzle, and goes out"
    after = made.follow(at(last + BEGIN_MS))
    assert not after, "the part after it is followed again"


def test_ejector_by_encoder_stands_with_the_belt_and_survives_its_wrap() -> None:
    """Counts decide, not time; a u32 that wraps is one step like any other."""
    made = ejector(by="encoder", counts_per_mm=10.0)
    start = 2**32 - 900
    made.follow(start)
    made.follow((start + 800) % 2**32)  # what was on the belt before is gone
    made.enter(1, (start + 800) % 2**32)
    made.judge(1, accept=True)
    seen = [made.follow((start + 800 + counts) % 2**32) for counts in (799, 799, 800, 1199, 1200)]
    assert seen == [False, False, True, True, False]


def test_ejector_by_encoder_sees_for_ever_once_it_sees() -> None:
    """After half a turn of the counter an old mark must not come round as one that is ahead."""
    made = ejector(by="encoder", counts_per_mm=10.0)
    made.follow(0)
    here = 0
    while here < 2**31 + 100_000:
        here += 1199  # as far as a belt moves between two looks
        made.follow(here)
    made.enter(1, here)
    made.judge(1, accept=True)
    assert made.follow((here + 800) % 2**32)


def test_ejector_whose_encoder_was_reset_throws_everything_out() -> None:
    """A PLC that restarted counts from 0: nobody knows where the parts are."""
    made = ejector(by="encoder", counts_per_mm=10.0, on_means="eject")
    made.follow(50_000)
    made.follow(50_900)
    made.enter(1, 50_900)
    made.judge(1, accept=True)
    assert not made.follow(50_950)
    assert [made.follow(counts) for counts in (3, 500, 802)] == [True, True, True]
    assert not made.follow(803)


@given(st.lists(st.tuples(st.integers(30, 900), st.booleans(), st.integers(0, 700)), max_size=25))
def test_ejector_agrees_with_the_plain_sum(parts: list[tuple[int, bool, int]]) -> None:
    """Against the definition: at the nozzle, all of the parts there were accepted in time."""
    made = ejector()
    triggers, events, now = [], [], 0
    for number, (pitch_ms, good, verdict_ms) in enumerate(parts, start=1):
        now += pitch_ms
        triggers.append((now, good and verdict_ms < BEGIN_MS))
        events += [(now, 0, number, False), (now + verdict_ms, 1, number, good)]
    looks = [(ms, 2, 0, False) for ms in range(0, now + 800, 37)]
    for ms, what, number, good in sorted(events + looks):
        if what == 0:
            made.follow(at(ms))
            made.enter(number, at(ms))
        elif what == 1:
            made.follow(at(ms))
            made.judge(number, accept=good)
        else:
            there = [ok for trigger, ok in triggers if BEGIN_MS <= ms - trigger < END_MS]
            assert made.follow(at(ms)) is (bool(there) and all(there))


def test_ejector_knows_its_next_edge() -> None:
    """The link wakes for it; an encoder has none that a clock could tell."""
    made = ejector()
    edges = [made.next_edge_ns]
    made.enter(1, at(0))
    for ms in (10, BEGIN_MS, END_MS):
        made.follow(at(ms))
        edges.append(made.next_edge_ns)
    assert edges == [None, at(BEGIN_MS), at(END_MS), None]
    assert ejector(by="encoder", counts_per_mm=1.0).next_edge_ns is None


def test_section_refuses_what_cannot_be_and_says_what_is_expected() -> None:
    """No counts for an encoder; a window that begins behind the photo-eye; too early."""
    with pytest.raises(ValidationError, match="expected counts_per_mm"):
        EjectSection(distance_mm=100, by="encoder")
    with pytest.raises(ValidationError, match=r"at most 40 mm \(twice distance_mm\)"):
        EjectSection(distance_mm=20, window_mm=41)
    section = EjectSection(distance_mm=100, window_mm=40, lead_ms=50)
    assert section.window_ms(SPEED_MM_S) == (350, 550)
    assert not section.problem(SPEED_MM_S, 350)
    assert "begins 350.0 ms after the trigger" in section.problem(SPEED_MM_S, 351)


def test_ejector_notes_who_came_to_the_nozzle_and_who_left() -> None:
    """In their order, each once, with what was decided by then."""
    made = ejector()
    made.passages()
    made.enter(1, at(0))
    made.enter(2, at(100))
    made.judge(1, accept=True)
    noted = []
    for ms in (BEGIN_MS - 1, BEGIN_MS, BEGIN_MS + 1, END_MS, END_MS + 100):
        made.follow(at(ms))
        noted.append([(p.part_id, p.passes, p.left) for p in made.passages()])
    assert noted == [
        [],
        [(1, True, False)],
        [],
        [(2, False, False), (1, True, True)],
        [(2, False, True)],
    ]


def test_ejector_that_was_not_asked_for_long_notes_everybody_all_the_same() -> None:
    """Whoever went by meanwhile came, and left."""
    made = ejector()
    made.enter(1, at(0))
    made.follow(at(5000))
    assert [(p.part_id, p.left) for p in made.passages()] == [(1, False), (1, True)]


def test_ejector_that_condemned_its_parts_passes_none_of_them_and_those_after_them() -> None:
    """Whoever was accepted before goes out; whoever is accepted afterwards passes."""
    made = ejector()
    made.enter(1, at(0))
    made.judge(1, accept=True)
    assert made.follow(at(BEGIN_MS))
    made.enter(2, at(BEGIN_MS))
    made.judge(2, accept=True)
    made.condemn()
    assert not made.follow(at(BEGIN_MS + 1))
    made.enter(3, at(700))
    made.judge(3, accept=True)
    assert [made.follow(at(ms)) for ms in (2 * BEGIN_MS, 700 + BEGIN_MS)] == [False, True]


def test_nozzle_is_unknown_until_all_that_nobody_knows_has_gone_by() -> None:
    """At the start; and by then both meanings of the coil say what it does."""
    made = RejectTracker(EjectSection.model_validate(PLAIN), SPEED_MM_S)
    seen = []
    for ms in (0, BEGIN_MS):
        made.follow(at(ms))
        seen.append(made.unknown)
    assert seen == [True, False]
    assert (made.ejects(on=False), made.ejects(on=True)) == (True, False)
    other = ejector(on_means="eject")
    assert (other.ejects(on=False), other.ejects(on=True)) == (False, True)
