"""The charts of drift in shared memory: what was said, and nothing made up."""

from __future__ import annotations

import pytest

from gonogo.base.errors import SegmentError
from gonogo.ipc.drift_table import (
    ALL_VIEWS,
    SIGNALS,
    ChartState,
    ChartWords,
    DriftView,
    DriftWriter,
    ViewWords,
    make_drift_table,
)

CHART = ChartWords(ChartState.OUT, -3.125, 2.5, 1_700_000_000)
EVERY = {k: CHART._replace(state=ChartState.IN, since_s=k) for k in range(SIGNALS)}


def test_drift_table_gives_back_what_was_said(station: str) -> None:
    """Views by number with their charts; the last row is of all views."""
    make_drift_table(station)
    writer, view = DriftWriter.attach(station), DriftView.attach(station)
    assert (view.said_ns, view.views()) == (0, {})
    learning, watching = ViewWords(12, 160, {}), ViewWords(160, 160, {2: CHART})
    of_all = ViewWords(0, 0, EVERY)
    writer.say([learning, None, watching], of_all)
    writer.alarms, writer.waiting, writer.odd = 1, 70, 3
    assert view.views() == {0: learning, 2: watching, ALL_VIEWS: of_all}
    assert (view.alarms, view.waiting, view.odd) == (1, 70, 3)
    assert view.said_ns > 0
    # another engine: what its charts do not have is not there any more
    writer.say([learning, None, watching._replace(charts={})], None)
    assert view.views()[2].charts == {}
    assert ALL_VIEWS not in view.views()
    for each in (writer, view):
        each.close()


def test_drift_table_cannot_be_written_by_who_reads(station: str) -> None:
    """Nor is there one where nobody charts drift."""
    with pytest.raises(SegmentError):
        DriftView.attach(station)
    make_drift_table(station)
    view = DriftView.attach(station)
    with pytest.raises(TypeError):
        view.words[1] = 1
    view.close()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_drift_table_has_no_number_for_what_is_none(station: str, value: float | None) -> None:
    """It is not known then, and no zero."""
    make_drift_table(station)
    writer = DriftWriter.attach(station)
    writer.say([ViewWords(160, 160, {0: CHART._replace(statistic=value)})], None)
    assert writer.views()[0].charts[0].statistic is None
    writer.close()
