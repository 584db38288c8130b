"""What the file of the charts takes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.records.drift.state import SavedCharts, SavedWatch
from gonogo.records.drift.watch import CHARTS

PLAIN = {
    "conditions": ("top", "flange 3", 2, 500.0),
    "number": 0,
    "learnt": (),
    "recent": (),
    "charts": (),
    "map": None,
    "sample": {"rows": "", "length": 0, "seen": 0, "hours": 0},
}


@pytest.mark.parametrize(
    "odd",
    [
        {"number": -1},
        {"map": {"shift": "", "scale": "", "bandwidth": 0.0}},
        {"charts": ({"signal": "smell", "z": 0.0, "since": 0, "alarmed": False},)},
        {"charts": ({"signal": "brightness", "z": float("nan"), "since": 0, "alarmed": False},)},
        {"conditions": ("v" * 300, "e", 0, 1.0)},
    ],
)
def test_saved_charts_have_bounds(odd: dict[str, object]) -> None:
    """What no program of ours would have written is refused."""
    SavedCharts.model_validate(PLAIN)
    with pytest.raises(ValidationError):
        SavedCharts.model_validate(PLAIN | odd)


def test_saved_watch_holds_no_more_than_a_watch() -> None:
    """A file is not read into more memory than a station has charts."""
    one = SavedCharts.model_validate(PLAIN)
    SavedWatch(watched=(one,) * CHARTS, restarts=(), dropped=0)
    with pytest.raises(ValidationError):
        SavedWatch(watched=(one,) * (CHARTS + 1), restarts=(), dropped=0)
