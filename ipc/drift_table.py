"""How the charts of drift stand, in shared memory: its process writes, status and metrics read.

Once an hour of production something changes in it, so that whoever looks needs neither the charts
nor numpy. The PLC's warning does not lie here, but in the process's row of the process table.

words     0 said ns (0: never)   1 charts that are out   2 parts that wait   3 scores and
          embeddings of no use   8.. 64 words a view
of a view 0 hours learnt (UNKNOWN: no charts)  1 of so many  8 + 4s of signal s: standing,
          statistic and limit in thousandths (UNKNOWN: none), since when, UTC s

Views are those of the station file, and after the last one a row for what is of all of them.
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words_in_memory import owned, stamp, word
from gonogo.ipc.chip_health import UNKNOWN, from_milli, to_milli
from gonogo.ipc.journal import MAX_VIEWS as VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Self

SIGNALS = 14  # at most
ALL_VIEWS = VIEWS  # the row of what is of all views
_AT, _OF_VIEW, _FIRST, _OF_SIGNAL = 8, 64, 8, 4
_WORDS = _AT + _OF_VIEW * (VIEWS + 1)
_SAID_NS, _ALARMS, _WAITING, _ODD = range(4)


class ChartState(IntEnum):
    """How a chart stands."""

    NONE = 0
    IN = 1  # within its limits
    OUT = 2  # it has alarmed, and is not well inside again


class ChartWords(NamedTuple):
    """One chart: its weighted mean and limit, both in sigmas, and since when it runs that way."""

    state: ChartState
    statistic: float | None
    limit: float | None
    since_s: int


class ViewWords(NamedTuple):
    """One view: hours learnt of so many, and its charts by the number of their signal."""

    learnt_h: int
    of_h: int
    charts: Mapping[int, ChartWords]


class DriftView:
    """The table, as anybody may read it."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _WORDS, read_only=self.read_only)

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map what the station made; SegmentError where it watches no drift."""
        return cls(Segment.attach(drift_table_path(station)))

    said_ns = stamp(_SAID_NS, "When it was last said, monotonic ns; 0: never.")
    alarms = word(_ALARMS, "How many charts are out.")
    waiting = word(_WAITING, "How many recorded parts are not charted yet.")
    odd = word(_ODD, "How many scores and embeddings were of no use.")

    def views(self) -> dict[int, ViewWords]:
        """Those of which there are charts, by number; ALL_VIEWS as well."""
        found = {}
        for view in range(VIEWS + 1):
            at = _AT + _OF_VIEW * view
            if self.said_ns and self.words[at] != UNKNOWN:
                charts = {k: one for k in range(SIGNALS) if (one := self._chart(at, k)) is not None}
                found[view] = ViewWords(self.words[at], self.words[at + 1], charts)
        return found

    def _chart(self, at: int, signal: int) -> ChartWords | None:
        first = at + _FIRST + _OF_SIGNAL * signal
        state, statistic, limit, since_s = (self.words[first + k] for k in range(_OF_SIGNAL))
        if state not in _SHOWN:
            return None
        return ChartWords(ChartState(state), from_milli(statistic), from_milli(limit), since_s)

    def close(self) -> None:
        """Drop this process's view."""
        self.words.release()
        self.segment.close()


_SHOWN = frozenset({ChartState.IN, ChartState.OUT})


class DriftWriter(DriftView):
    """The same for the process that watches drift."""

    read_only = False
    alarms = owned(DriftView.alarms, _ALARMS)
    waiting = owned(DriftView.waiting, _WAITING)
    odd = owned(DriftView.odd, _ODD)

    def say(self, views: Sequence[ViewWords | None], of_all: ViewWords | None) -> None:
        """All charts as they stand; None of a view without."""
        rows: list[ViewWords | None] = [*views, *[None] * (VIEWS - len(views)), of_all]
        for view, its in enumerate(rows):
            self._say_view(_AT + _OF_VIEW * view, its)
        self.fence()
        self.words[_SAID_NS] = time.monotonic_ns()  # last: what stands above is whole

    def _say_view(self, at: int, its: ViewWords | None) -> None:
        words = self.words
        words[at] = UNKNOWN if its is None else its.learnt_h
        words[at + 1] = 0 if its is None else its.of_h
        for signal in range(SIGNALS):
            first = at + _FIRST + _OF_SIGNAL * signal
            chart = None if its is None else its.charts.get(signal)
            words[first] = ChartState.NONE if chart is None else chart.state
            if chart is not None:
                words[first + 1], words[first + 2] = (
                    to_milli(chart.statistic),
                    to_milli(chart.limit),
                )
                words[first + 3] = chart.since_s


def make_drift_table(station: str) -> None:
    """Make it: nothing was said yet."""
    Segment.create(drift_table_path(station), 8 * _WORDS).close()


def drift_table_path(station: str) -> Path:
    """Where it lies."""
    return segment_path(station, "drift")
