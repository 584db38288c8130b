"""A row in which the judge itself was late is told by name, and run once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.proving.campaign.outcome import RowOutcome
    from gonogo.proving.campaign.rows import CampaignRow

    Chosen = Sequence[tuple[CampaignRow, int]]


def twice_where_late(
    chosen: Chosen, run: Callable[[Chosen], list[RowOutcome]]
) -> dict[str, RowOutcome]:
    """The outcomes by row; the second run stands, whatever it finds. A failure stands at once."""
    found = {each.row: each for each in run(chosen)}
    # a row that failed is never run again until it passes: that would be choosing the outcome
    again = [(row, phases) for row, phases in chosen if found[row.name].inconclusive]
    if again:  # a run of its own: station, PLC and wire are started anew
        found |= {each.row: replace(each, runs=2) for each in run(again)}
    return found
