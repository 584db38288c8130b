"""The litmus run: two real processes over one memory."""

from __future__ import annotations

import os
import platform

import pytest

from gonogo.proving.litmus import PAIRS, Count, Pattern, litmus

ENOUGH_S = 60.0  # no limit on a slow box: the rounds end it


def counts() -> list[Count]:
    """Of a few rounds; skipped where this box cannot run it."""
    try:
        return litmus(ENOUGH_S, rounds=4)
    except OSError as error:
        pytest.skip(f"litmus run: {error}")


def test_litmus_with_fences_sees_nothing_out_of_order() -> None:
    """In both patterns, on whatever this is."""
    found = {(pattern, fenced): (tried, wrong) for pattern, fenced, tried, wrong in counts()}
    assert set(found) == {(pattern, fenced) for pattern in Pattern for fenced in (False, True)}
    assert {tried for tried, _ in found.values()} == {4 * PAIRS}
    assert [found[pattern, True][1] for pattern in Pattern] == [0, 0]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="not of the order of x86-64")
def test_litmus_of_message_passing_needs_no_fence_on_x86() -> None:
    """What gonogo relies on there, and why nothing is paid for in the cycle."""
    wrong = {(pattern, fenced): count for pattern, fenced, _, count in counts()}
    assert wrong[Pattern.MESSAGE_PASSING, False] == 0


def test_litmus_on_one_core_is_refused() -> None:
    """Two processes that take turns see everything in order."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        with pytest.raises(OSError, match="it takes two processor cores"):
            litmus(ENOUGH_S, rounds=1)
    finally:
        os.sched_setaffinity(0, cores)
