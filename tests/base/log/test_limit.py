"""How often one event is said: counted by hand, with a clock of the test's own."""

from __future__ import annotations

from gonogo.base.log.limit import Held, RateLimit


def test_limit_takes_a_burst_and_tells_the_rest_once_the_window_is_over() -> None:
    """Then the next window begins with the next line."""
    limit = RateLimit(burst=2, window_s=60.0)
    assert [limit.takes("a", k) for k in range(5)] == [True, True, False, False, False]
    assert list(limit.over(59.0)) == []
    assert list(limit.over(60.0)) == [Held("a", 3, 60.0)]
    assert list(limit.over(200.0)) == []
    assert limit.takes("a", 200.0)


def test_limit_is_of_each_event_by_itself() -> None:
    """One that floods silences no other."""
    limit = RateLimit(burst=1)
    assert [limit.takes(name, 0.0) for name in "aab"] == [True, False, True]


def test_limit_tells_nothing_of_what_was_not_held_back() -> None:
    """Neither at the end of a window nor at the end of the process."""
    limit = RateLimit(burst=2, window_s=60.0)
    limit.takes("a", 0.0)
    assert list(limit.over(61.0)) == []
    limit.takes("a", 62.0)
    assert list(limit.rest(63.0)) == []


def test_limit_lets_the_oldest_go_when_there_are_too_many_events() -> None:
    """It does not grow; what was held back of that one is told first."""
    limit = RateLimit(burst=1, window_s=60.0, events=2)
    for name in ("a", "a", "b", "c"):
        limit.takes(name, 0.0)
    assert list(limit.over(1.0)) == [Held("a", 1, 1.0)]
    assert not limit.takes("b", 1.0)


def test_limit_tells_all_that_is_left_at_the_end() -> None:
    """Nothing is lost without being counted."""
    limit = RateLimit(burst=1)
    for name in ("a", "a", "b", "b", "b"):
        limit.takes(name, 0.0)
    assert list(limit.rest(5.0)) == [Held("a", 1, 5.0), Held("b", 2, 5.0)]
