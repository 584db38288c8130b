"""Which parts without a verdict a fault excuses, and which it does not."""

from __future__ import annotations

import pytest

from gonogo.proving.campaign.analysis import IN_HAND_NS, NS_PER_MS, in_gap
from gonogo.proving.campaign.rows import ROWS
from gonogo.proving.campaign.run import Shot

START_NS = 10**12
KNOWN = {row.name: row for row in ROWS}
GAP_MS = KNOWN["plc-reset"].gap_ms


def shot(name: str, at_ms: float) -> Shot:
    """A fault, so long after the start."""
    return Shot(KNOWN[name], START_NS + round(at_ms * NS_PER_MS), 0, 0, 0)


@pytest.mark.parametrize(
    ("at_ms", "excused"),
    [
        (-IN_HAND_NS / NS_PER_MS - 1, False),
        (-10, True),
        (1.6, True),
        (GAP_MS, True),
        (GAP_MS + 1, False),
    ],
)
def test_gap_begins_with_the_part_in_hand_and_ends_when_the_row_says(
    at_ms: float,
    excused: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A reset of the connection may cost what comes until the link is back."""
    assert in_gap(START_NS + round(at_ms * NS_PER_MS), [shot("plc-reset", 0)]) is excused


def test_gap_reaches_over_the_next_fault() -> None:
    """That one allows none itself; after the gap nothing is excused."""
    shots = [shot("plc-reset", 0), shot("cpu-load", 95)]
    assert in_gap(START_NS + round(1.6 * NS_PER_MS), shots)
    assert not in_gap(START_NS + round((GAP_MS + 1) * NS_PER_MS), shots)


def test_gap_is_none_where_the_row_allows_none() -> None:
    """A loaded processor is no excuse."""
    assert not in_gap(START_NS, [shot("cpu-load", 0)])
