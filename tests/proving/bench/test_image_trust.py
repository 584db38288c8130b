"""The benchmark of image trust: what it measures passes, and is held against its bound."""

from __future__ import annotations

from gonogo.proving.bench.image_trust import MOST_MS, NAMES, measure


def test_image_trust_bench_holds_all_checks_against_their_bound_and_the_slow_way() -> None:
    """The very look that the line takes: it fails where a good frame is found wanting."""
    bound, slow = measure(times=8, slow_times=1)
    assert (bound.name, slow.name) == NAMES
    assert (bound.control, bound.limit) == (MOST_MS, 1.0)
    assert bound.value == slow.value
    assert slow.control is not None
    assert slow.control > 0
