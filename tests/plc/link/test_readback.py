"""Whether something follows the coil: told by reads alone, however late it shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonogo.plc.link.readback import SLIP_NS, Amiss, Follower

MS = 1_000_000
BOUND_MS = 50


def follower(slips: int | None = None) -> Follower:
    """One with a bound of 50 ms."""
    return Follower(BOUND_MS * MS, slips)


def run(
    follower: Follower, edges: list[int], shows: list[int], reads: list[int]
) -> list[tuple[int, Amiss]]:
    """What was found, and when: the coil turns at `edges`, the follower at `shows` (ms)."""
    found = []
    follower.tell(-MS, on=False)
    moments = sorted([(ms, 0) for ms in edges] + [(ms, 1) for ms in reads])
    for ms, is_read in moments:
        if not is_read:
            follower.tell(ms * MS, on=edges.index(ms) % 2 == 0)
            continue
        read = len([show for show in shows if show <= ms]) % 2 == 1
        amiss = follower.compare(ms * MS, read=read)
        if amiss is not None:
            found.append((ms, amiss))
    return found


def test_follower_that_stands_is_found_at_the_bound_and_not_before() -> None:
    """From the acknowledged write to a read that was asked for so long after it."""
    found = run(follower(), [100], [], list(range(0, 200, 5)))
    assert found[0] == (100 + BOUND_MS, Amiss.STANDS)


def test_follower_that_is_stuck_on_is_found_without_any_edge() -> None:
    """It had followed; what counts is how long it has read otherwise, not when it was told."""
    found = run(follower(), [], [100], list(range(0, 200, 5)))
    assert found[0] == (100 + BOUND_MS, Amiss.STANDS)


def test_single_read_that_differs_says_nothing() -> None:
    """Somebody's hand at another master, and our refresh at once after it."""
    assert not run(follower(slips=2), [], [100, 105], list(range(0, 300, 5)))


def test_pulses_that_no_read_has_shown_are_found_when_the_first_can_no_longer_show() -> None:
    """Each shorter than the bound: none of them could stand for long enough."""
    edges = [100, 120, 300, 320]
    found = run(follower(), edges, [], list(range(0, 280, 5)))
    assert found[0] == (120 + BOUND_MS, Amiss.MISSED)


def test_pulses_that_show_late_are_shown() -> None:
    """Behind by more than their own length, and within the bound: never anything amiss."""
    edges = [100, 120, 160, 180, 300, 310]
    late = [edge + 40 for edge in edges]
    assert not run(follower(slips=0), edges, late, list(range(0, 500, 5)))


def test_pulse_that_was_hardly_read_needs_others_to_confirm_it() -> None:
    """We were away for longer than it lasted: it may have shown meanwhile."""
    gaps = [*range(0, 120, 5), *range(170, 400, 5)]
    assert not run(follower(), [100, 120], [], gaps)
    sparse = [ms for k in range(4) for ms in (110 + 200 * k, 180 + 200 * k)]
    edges = [edge for k in range(4) for edge in (100 + 200 * k, 120 + 200 * k)]
    found = run(follower(), edges, [], sparse)
    assert found[0] == (580, Amiss.MISSED), "the third in a row"


def test_pulse_that_is_read_once_in_a_while_begins_the_count_anew() -> None:
    """Two unseen, one seen, two unseen."""
    edges = [edge for k in range(5) for edge in (100 + 200 * k, 120 + 200 * k)]
    shows = [500, 520]
    reads = [ms for k in range(5) for ms in (110 + 200 * k, 180 + 200 * k)]
    assert not run(follower(), edges, shows, reads)


def test_follower_that_falls_back_too_often_is_found() -> None:
    """Each time for less than the bound; slips that are long past do not count."""
    falls = [100, 110, 200, 210, 300, 310]
    found = run(follower(slips=2), [10], [10, *falls], list(range(0, 400, 5)))
    assert found == [(300, Amiss.SLIPS)]
    assert not run(follower(), [10], [10, *falls], list(range(0, 400, 5)))
    apart = [100, 110, 200, 210, 300 + SLIP_NS // MS, 310 + SLIP_NS // MS]
    reads = [*range(0, 250, 5), *range(290 + SLIP_NS // MS, 400 + SLIP_NS // MS, 5)]
    assert not run(follower(slips=2), [10], [10, *apart], reads)


def test_pulses_that_are_never_read_ask_to_be_read() -> None:
    """Of that kind only, until one has been."""
    made = follower()
    run(made, [100, 120, 200, 220], [100, 120, 200, 220], [50, 130, 230])
    assert (made.unproven(on=True), made.unproven(on=False)) == (True, False)
    made.tell(240 * MS, on=True)
    made.compare(250 * MS, read=False)
    made.tell(260 * MS, on=False)
    assert made.unproven(on=True), "a read that said otherwise proves nothing yet"
    made.tell(300 * MS, on=True)
    made.compare(310 * MS, read=True)
    made.tell(320 * MS, on=False)
    assert not made.unproven(on=True)


def test_follower_agrees_only_once_it_was_read() -> None:
    """Neither before the first read, nor right after it was told something else, unread."""
    made = follower()
    agrees = [made.agrees]
    for step in range(2):
        made.tell(step, on=step == 0)
        agrees.append(made.agrees)
        made.compare(step, read=step == 0)
        agrees.append(made.agrees)
    made.forget()
    assert [*agrees, made.agrees] == [False, False, True, False, True, False]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], int, list[int]]:
    """Edges, a delay within the bound, and reads at any moments."""
    steps = draw(st.lists(st.integers(1, 200), min_size=1, max_size=20))
    edges = [sum(steps[: k + 1]) for k in range(len(steps))]
    delay = draw(st.integers(0, BOUND_MS - 1))
    gaps = draw(st.lists(st.integers(1, 12), min_size=1, max_size=500))
    return edges, delay, [sum(gaps[: k + 1]) for k in range(len(gaps))]


@given(histories())
def test_whatever_follows_within_the_bound_never_stands_amiss(
    history: tuple[list[int], int, list[int]],
) -> None:
    """For every course of edges and reads: no standing difference, nor one that falls back."""
    edges, delay, reads = history
    shows = [edge + delay for edge in edges]
    found = run(follower(slips=len(edges)), edges, shows, reads)
    assert Amiss.STANDS not in {amiss for _, amiss in found}


@given(st.lists(st.integers(16, 200), min_size=6, max_size=20), st.integers(1, 5))
def test_whatever_stays_off_is_found_with_the_first_pulse(steps: list[int], poll_ms: int) -> None:
    """Polled at least three times in each pulse, found at the bound or one bound after its end."""
    edges = [sum(steps[: k + 1]) for k in range(len(steps))]
    found = run(follower(), edges, [], list(range(0, edges[-1] + 300, poll_ms)))
    first_end = edges[1]
    assert found
    assert found[0][0] <= first_end + BOUND_MS + poll_ms
