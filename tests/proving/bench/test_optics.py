"""The benchmark of the optics: what it measures says nothing, and is held against its bounds."""

from __future__ import annotations

from gonogo.proving.bench.optics import MOST_END_MS, MOST_MS, NAMES, measure
from gonogo.rules.image_trust.optics import PARTS


def test_optics_bench_holds_a_look_and_the_end_of_a_round_against_their_bounds() -> None:
    """The very look that the process takes: it fails where a clean frame is found wanting."""
    look, end = measure(parts=PARTS)
    assert (look.name, end.name) == NAMES
    assert (look.control, end.control) == (MOST_MS, MOST_END_MS)
    assert look.limit == end.limit == 1.0
    assert look.value
    assert end.value
