"""What others are told of the charts: the log, the PLC's warning, and the table in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import DriftOdd
from gonogo.base.log.logger import get_logger
from gonogo.base.words import FaultBit
from gonogo.ipc.drift_table import ChartState, ChartWords, ViewWords
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.ipc.drift_table import DriftWriter
    from gonogo.ipc.worker import Worker
    from gonogo.records.drift.overrides import SaidOf
    from gonogo.records.drift.view_charts import ViewCharts
    from gonogo.records.drift.watch import DriftWatch

log = get_logger(__name__)

NUMBERS = {signal: number for number, signal in enumerate(Signal)}
Out = tuple[str, Signal]  # a view, or a reason, and what is out of its limits there


class Told:
    """What was told last, so that the beginning and the end of each alarm are told once.

    `views`: the names of all views of the station. An alarm that stands when the process begins is
    told once more: whoever reads the log of this run does not have the one before.
    """

    def __init__(self, table: DriftWriter, process: Worker, views: Sequence[str]) -> None:
        self._table, self._process, self._views = table, process, views
        self._out: set[Out] = set()
        self._odd = 0

    def tell(self, watch: DriftWatch) -> None:
        """After each hour of production, and whenever something was restarted."""
        current = {view: found.charts for view, found in watch.current.items()}
        views = [_words(current.get(view)) for view in self._views]
        out = {
            (view, its.signal): str(its.alarm.warning())
            for view in self._views
            if view in current
            for its in current[view].standing()
            if its.alarm is not None
        }
        said = [each for each in watch.said if each.said.alarmed]
        out |= {(each.reason, each.said.signal): str(each.warning()) for each in said}
        self._table.say(views, _of_all(watch.said))
        self._table.alarms = len(out)
        self._process.warn(FaultBit.DRIFT if out else 0)
        self._changes(out)

    def behind(self, waiting: int, odd: int) -> None:
        """So many parts wait; so many scores and embeddings were of no use, told as they double."""
        self._table.waiting, self._table.odd = waiting, odd
        # twice as many as when it was told last: one faulty engine is no flood
        if odd >= 2 * max(self._odd, 1) or (odd and not self._odd):
            self._odd = odd
            log.warning(
                "drift_odd",
                text="%(error)s",
                error=DriftOdd(
                    f"{odd} scores or embeddings could not be charted since the start: expected "
                    "finite numbers, and embeddings of the length that the reference has; has the "
                    "engine been exchanged for one with the same id? `gonogo drift restart` begins "
                    "its reference anew"
                ),
            )

    def _changes(self, out: dict[Out, str]) -> None:
        for key in out.keys() - self._out:
            log.warning("drift_alarm", text="%(error)s", error=out[key])
        for where, signal in sorted(self._out - out.keys()):
            log.info(
                "drift_over",
                text="drift of %(where)s is over: %(signal)s",
                where=where or "all views",
                signal=signal.value,
            )
        self._out = set(out)


def _words(charts: ViewCharts | None) -> ViewWords | None:
    if charts is None:
        return None
    words = {
        NUMBERS[its.signal]: ChartWords(
            ChartState.IN if its.alarm is None else ChartState.OUT,
            *its.worst,
            int(its.since_wall_s),
        )
        for its in charts.standing()
    }
    return ViewWords(len(charts.learnt), HOURS, words)


def _of_all(said: Sequence[SaidOf]) -> ViewWords | None:
    """Of overrides and reviews: of each the reason that is worst off."""
    worst: dict[int, ChartWords] = {}
    for each in sorted(said, key=lambda its: (its.said.alarmed, its.said.share)):
        state = ChartState.OUT if each.said.alarmed else ChartState.IN
        number = NUMBERS[each.said.signal]
        worst[number] = ChartWords(state, each.said.share, each.said.high, int(each.wall_s))
    return ViewWords(0, 0, worst) if worst else None
