"""How long the link waits before it connects again."""

from __future__ import annotations

from gonogo.plc.link.backoff import FIRST_S, MOST_S, Backoff


def failed(times: int) -> Backoff:
    """One that was lost so often in a row."""
    backoff = Backoff()
    for _ in range(times):
        backoff.failed()
    return backoff


def test_first_failure_costs_no_time() -> None:
    """A PLC that was there a moment ago is asked again at once."""
    assert (failed(0).delay_s, failed(1).delay_s) == (0.0, 0.0)


def test_delay_doubles_up_to_two_seconds() -> None:
    """Spread by a quarter: boxes that lost one PLC together do not come back together."""
    assert (FIRST_S, MOST_S) == (0.2, 2.0)
    for failures, most_s in ((2, 0.2), (3, 0.4), (4, 0.8), (5, 1.6), (6, 2.0), (1000, 2.0)):
        delays_s = [failed(failures).delay_s for _ in range(50)]
        assert all(0.75 * most_s <= delay_s <= most_s for delay_s in delays_s)
        assert len(set(delays_s)) > 1


def test_good_exchange_begins_anew() -> None:
    """However often it had failed before."""
    backoff = failed(9)
    backoff.worked()
    assert backoff.delay_s == 0.0
    backoff.failed()
    assert backoff.delay_s == 0.0
