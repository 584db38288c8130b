"""A line a view for `gonogo status`."""

from __future__ import annotations

from gonogo.console.show.drift_status import FEW, standing
from gonogo.ipc.drift_table import (
    ChartState,
    ChartWords,
    DriftWriter,
    ViewWords,
    make_drift_table,
)
from gonogo.records.drift.part import Signal

IN = ChartWords(ChartState.IN, 0.1, 2.5, 5)
OUT = IN._replace(state=ChartState.OUT)
NUMBERS = {signal: number for number, signal in enumerate(Signal)}


def test_standing_is_a_line_a_view(station: str) -> None:
    """Learning, within limits, or what is out; what waits, and what could not be charted."""
    make_drift_table(station)
    table = DriftWriter.attach(station)
    assert list(standing(table, ["top"])) == ["drift: nothing was said yet"]
    charts = {NUMBERS[Signal.BRIGHTNESS]: OUT, NUMBERS[Signal.NOISE]: IN}
    nobody = {NUMBERS[Signal.REVIEWS]: OUT}
    table.say(
        [ViewWords(12, 160, {}), ViewWords(160, 160, {0: IN}), ViewWords(160, 160, charts)],
        ViewWords(0, 0, nobody),
    )
    table.waiting, table.odd = FEW + 1, 2
    assert list(standing(table, ["top", "side", "below"])) == [
        "drift of view 'top': LEARNING, 12 of 160 h",
        "drift of view 'side': 1 charts within their limits",
        "drift of view 'below': OUT: brightness; `gonogo drift` says more",
        "drift of all views: OUT: reviews; `gonogo drift` says more",
        "drift: 101 recorded parts are not charted yet",
        "drift: 2 scores or embeddings could not be charted (GN645)",
    ]
    table.close()
