"""How often is too often, and how long a pause is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonogo.watchdog.ends import KEPT_ENDS, NS_PER_S, Ends

MINUTE_NS = 60 * NS_PER_S


def ended(*at_s: float, strikes: int = 0) -> Ends:
    """Ends at these seconds."""
    ends = Ends(strikes)
    for each in at_s:
        ends.add(round(each * NS_PER_S))
    return ends


def test_ends_older_than_a_minute_do_not_count() -> None:
    """To the nanosecond."""
    ends = ended(0.0, 1.0)
    assert ends.recent(MINUTE_NS - 1) == 2
    assert ends.recent(MINUTE_NS) == 1
    assert ends.recent(MINUTE_NS + NS_PER_S) == 0


def test_ends_are_too_many_at_the_last_strike() -> None:
    """Not one before; those that have aged do not count, and 0 strikes are never too many."""
    assert not ended(1.0, 2.0, strikes=3).spent(3 * NS_PER_S)
    assert ended(1.0, 2.0, 3.0, strikes=3).spent(3 * NS_PER_S)
    assert not ended(1.0, 2.0, 3.0, strikes=3).spent(61 * NS_PER_S)
    assert not ended(*[1.0] * KEPT_ENDS, strikes=0).spent(2 * NS_PER_S)


def test_ends_that_are_forgiven_are_gone() -> None:
    """The next one is answered at once again."""
    ends = ended(1.0, 1.0, 1.0, strikes=3)
    ends.forgive()
    assert (ends.recent(NS_PER_S), ends.spent(NS_PER_S), ends.pause_ns(NS_PER_S)) == (0, False, 0)


def test_pause_begins_with_the_second_end_and_doubles() -> None:
    """0 s, then 0.1 s, 0.2 s ... and never more than 8 s."""
    pauses_s = [ended(*[1.0] * n).pause_ns(2 * NS_PER_S) / NS_PER_S for n in range(11)]
    assert pauses_s == [0, 0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 8.0, 8.0]


@given(st.lists(st.integers(0, 10 * MINUTE_NS), max_size=40))
def test_ends_kept_suffice_for_the_longest_pause(at_ns: list[int]) -> None:
    """However many there were: what is forgotten would not have changed anything."""
    ends, now_ns = Ends(KEPT_ENDS), 0
    for each in sorted(at_ns):
        ends.add(each)
        now_ns = each
    truly = sum(now_ns - each < MINUTE_NS for each in at_ns)
    assert ends.recent(now_ns) == min(truly, KEPT_ENDS)
    assert ends.spent(now_ns) == (truly >= KEPT_ENDS)
    assert ends.pause_ns(now_ns) == ended(*[0.0] * truly).pause_ns(0)
