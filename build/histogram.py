"""Scores of good and bad parts in bins, with the limits: as a table and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.bins import count
from gonogo.build.plot import draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.thresholds import Thresholds


def table(good: Sequence[float], bad: Sequence[float], thresholds: Thresholds) -> dict[str, object]:
    """The histogram as JSON, for a bundle's file of role `histogram`."""
    counts = count(good, bad, thresholds)
    escape = thresholds.escape
    return {
        "good_parts": len(good),
        "bad_parts": len(bad),
        "axis": "logarithmic" if counts.axis.log else "linear",
        "edges": counts.edges.tolist(),
        "good": counts.good.tolist(),
        "bad": counts.bad.tolist(),
        "recheck_above": thresholds.recheck_above,
        "reject_above": thresholds.reject_above,
        "overkill": thresholds.overkill._asdict(),
        "recheck": thresholds.recheck._asdict(),
        "escape": None if escape is None else escape._asdict(),
        "how": thresholds.how,
    }


def picture(
    good: Sequence[float], bad: Sequence[float], thresholds: Thresholds, title: str
) -> bytes:
    """The histogram as a PNG, for a bundle's file of role `picture`."""
    return draw(count(good, bad, thresholds), thresholds, title)
