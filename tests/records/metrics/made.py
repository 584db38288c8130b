"""Standings and figures as tests want them. Import as `gonogo.tests.records.metrics.made`."""

from __future__ import annotations

from gonogo.base.words import Mode
from gonogo.ipc.board_health import Heat
from gonogo.ipc.drift_table import ChartState, ChartWords, ViewWords
from gonogo.records.metrics.counts import Counts
from gonogo.records.metrics.figures import Figures, Identity, Served
from gonogo.records.metrics.standing import (
    Board,
    Disk,
    DriftStanding,
    Exchanges,
    LineStanding,
    PlaceStanding,
    RecordsStanding,
    RowStanding,
    Standing,
)

GB = 10**9
CHART = ChartWords(ChartState.IN, 0.25, 2.5, 1_700_000_000)
LEARNING = ViewWords(40, 160, {})
WELL = Standing(
    LineStanding(Mode.FULL, faults=0, judged=5, broken=0, takeovers=1, alive_age_s=0.1),
    RecordsStanding(taken=10, waiting=0, lost=0, asides=0, room=1024),
    Disk(free=100 * GB, size=200 * GB),
    (
        PlaceStanding(
            "A", ready=True, judges=True, backends={0: "openvino"}, engines={"e": "1.2.3"}
        ),
        PlaceStanding("B", ready=False, judges=False, backends={}, engines={}),
    ),
    Exchanges(switches=2, roll_backs=1),
    (RowStanding("records", lives=True, starts=1), RowStanding("line", lives=True, starts=2)),
    Board(Heat.COOL, 51.5, slowed=False, power_w=7.25, chips={"chip A": 60.0}),
    DriftStanding(
        alarms=0, waiting=12, odd=3, views={0: ViewWords(160, 160, {0: CHART}), 1: LEARNING}
    ),
)
IDENTITY = Identity("cell", "0.1.0", 0.2, ("top", "side"), {0: "e"})


def figures(standing: Standing = WELL, counts: Counts | None = None) -> Figures:
    """Of a station that has everything once."""
    return Figures(IDENTITY, counts or Counts(0.2, (0,)), standing, Served(3, 1, 2, 4), 1.5)
