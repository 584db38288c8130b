"""Log, PLC and table are told when an alarm begins and when it is over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit
from gonogo.ipc.drift_table import ALL_VIEWS, ChartState, DriftWriter, make_drift_table
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.worker import ORPHAN_NS, Worker
from gonogo.records.drift.overrides import Said, SaidOf
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.told import NUMBERS, Told
from gonogo.records.drift.watch import DriftWatch
from gonogo.tests.records.drift.made import TOP, learnt
from gonogo.tests.records.drift.shifts import hour

if TYPE_CHECKING:
    from collections.abc import Iterator

SCORES = NUMBERS[Signal.ACCEPTED_SCORES]
NOBODY = SaidOf("top", "", 3.6e3, Said(Signal.REVIEWS, 0.0, 0.0, 1.0, alarmed=True))


class Heard:
    """What a process of the table writes, and others read."""

    def __init__(self, station: str) -> None:
        make_drift_table(station)
        self.table = DriftWriter.attach(station)
        self.process = Worker(ProcessTable.create(station), 1, ORPHAN_NS)
        self.told = Told(self.table, self.process, ("top", "side"))

    @property
    def scores(self) -> ChartState:
        """How the scores of view top stand."""
        return self.table.views()[0].charts[SCORES].state


@pytest.fixture
def heard(station: str, caplog: pytest.LogCaptureFixture) -> Iterator[Heard]:
    """Of a process that has just begun."""
    caplog.set_level(logging.INFO)
    made = Heard(station)
    yield made
    made.table.close()


def after(watch: DriftWatch, shift: float, hours: int) -> DriftWatch:
    """So many hours later, with scores that lie `shift` sigmas off."""
    charts = watch.watched[TOP].charts
    first = charts.recent[-1].number + 1 if charts.recent else HOURS
    for k in range(hours):
        charts.add(hour(first + k, shift)._replace(rejects=charts.learnt[0].rejects))
    return watch


def test_told_while_learning_is_how_far_it_is(heard: Heard) -> None:
    """No chart, no warning."""
    watch = learnt(hours=40)
    heard.told.tell(watch)
    assert heard.table.views() == {0: (40, HOURS, {})}
    assert heard.process.warnings() == 0


def test_told_of_an_alarm_are_log_plc_and_table_once(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    """When it begins and when it is over; in between nothing is said again."""
    watch = after(learnt(), 0.0, 1)
    heard.told.tell(watch)
    assert (heard.scores, heard.process.warnings(), caplog.text) == (ChartState.IN, 0, "")
    for _ in range(8):
        heard.told.tell(after(watch, 0.6, 1))
    assert (heard.scores, heard.process.warnings()) == (ChartState.OUT, FaultBit.DRIFT)
    assert heard.table.alarms >= 1
    begun = [text for text in caplog.messages if "scores of accepted parts drifted" in text]
    assert len(begun) == 1
    assert begun[0].startswith("GN616: view 'top'")
    heard.told.tell(after(watch, 0.0, 40))
    assert (heard.scores, heard.process.warnings()) == (ChartState.IN, 0)
    assert caplog.messages[-1].startswith("drift of top is over")


def test_told_is_nothing_of_an_engine_that_is_not_in_use(heard: Heard) -> None:
    """Its last alarm would stand for ever: nobody feeds its charts any more."""
    watch = after(learnt(), 0.6, 8)
    heard.told.tell(watch)
    assert heard.process.warnings() == FaultBit.DRIFT
    other = TOP._replace(engine="00cd")
    watch.take(learnt(other).watched[other])
    heard.told.tell(watch)
    assert heard.process.warnings() == 0


def test_told_of_reviews_is_of_all_views(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody looks: a warning like any other, until somebody has."""
    watch = DriftWatch()
    watch.said = (NOBODY,)
    heard.told.tell(watch)
    words = heard.table.views()[ALL_VIEWS]
    assert words.charts[NUMBERS[Signal.REVIEWS]].state is ChartState.OUT
    assert heard.process.warnings() == FaultBit.DRIFT
    assert "nobody has reviewed a reject" in caplog.text
    watch.said = ()
    heard.told.tell(watch)
    assert (heard.table.views(), heard.process.warnings()) == ({}, 0)
    assert caplog.messages[-1] == "drift of all views is over: reviews"


def test_told_of_values_of_no_use_is_as_they_double(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    """The first one, the second, then four, eight: no flood of a faulty engine."""
    for odd in range(9):
        heard.told.behind(5, odd)
    assert [text.split(" ", 2)[1] for text in caplog.messages if "GN645" in text] == [
        "1",
        "2",
        "4",
        "8",
    ]
    assert (heard.table.waiting, heard.table.odd) == (5, 8)
