"""All that a page of metrics is made from, and the values that are more than one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import FaultBit, Mode
from gonogo.ipc.board_health import Heat
from gonogo.ipc.drift_table import ALL_VIEWS
from gonogo.records.drift.part import Signal
from gonogo.records.metrics.alerts import found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gonogo.ipc.drift_table import ChartWords
    from gonogo.records.metrics.counts import Counts
    from gonogo.records.metrics.standing import DriftStanding, PlaceStanding, Standing

    Values = Iterable[tuple[tuple[str, ...], float]]


CHARTS = 20  # charts of drift that have series of their own: two views
SIGNALS = [signal.name.lower() for signal in Signal]


class Identity(NamedTuple):
    """What does not change while the process lives; `engines`: what a view's engine is called.

    Where bundles are installed these are their names, else those of the models' files.
    """

    station: str
    version: str
    budget_s: float
    views: tuple[str, ...]
    engines: dict[int, str]


class Served(NamedTuple):
    """What the endpoint counts of itself; `lost`: entries overwritten before it counted them."""

    scrapes: int = 0
    turned_away: int = 0
    cut_off: int = 0
    lost: int = 0


class Figures(NamedTuple):
    """All that a page is made from."""

    identity: Identity
    counts: Counts
    standing: Standing
    served: Served
    part_age_s: float | None


def one(value: float | None) -> Values:
    """A metric without labels; none at all where nothing is known."""
    return [] if value is None else [((), float(value))]


def each(values: dict[str, int]) -> Values:
    """By the one label that it has."""
    return [((name,), float(value)) for name, value in values.items()]


def by_view(figures: Figures, values: dict[int, int]) -> Values:
    """By the name of the view."""
    return [((figures.identity.views[k],), float(value)) for k, value in values.items()]


def faults(figures: Figures) -> Values:
    """Every bit, shown or not."""
    shown = figures.standing.line.faults
    return [((bit.name.lower(),), float(bool(shown & bit))) for bit in FaultBit if bit.name]


def modes(figures: Figures) -> Values:
    """Each of them, one is 1."""
    now = figures.standing.line.mode
    return [((mode.name.lower(),), float(mode is now)) for mode in Mode]


def heats(figures: Figures) -> Values:
    """Each of them, one is 1; none where nobody looks."""
    now = figures.standing.board.heat
    return [] if now is None else [((heat.name.lower(),), float(heat is now)) for heat in Heat]


def temperatures(figures: Figures) -> Values:
    """Those that are known."""
    board = figures.standing.board
    box = {} if board.hottest_c is None else {"box": board.hottest_c}
    return [((name,), celsius) for name, celsius in {**box, **board.chips}.items()]


def places(figures: Figures) -> tuple[PlaceStanding, ...]:
    """Engine places; none of a station without engines, whose memory has one all the same."""
    return figures.standing.places if figures.identity.engines else ()


def engines(figures: Figures) -> Values:
    """A series a view: what judges it, by the place in force."""
    judging = next((place for place in figures.standing.places if place.judges), None)
    for view, name in figures.identity.engines.items():
        engine_id = figures.counts.engine_ids.get(view)
        backend = "" if judging is None else judging.backends.get(view, "")
        version = "" if judging is None else judging.engines.get(name, "")
        last = "" if engine_id is None else f"{engine_id:016x}"
        yield (figures.identity.views[view], name, version, backend, last), 1.0


def drift_one(figures: Figures, read: Callable[[DriftStanding], int]) -> Values:
    """One number of the charts of drift; none where nobody keeps them."""
    drift = figures.standing.drift
    return [] if drift is None else [((), float(read(drift)))]


def drift_charts(figures: Figures, read: Callable[[ChartWords], float | None]) -> Values:
    """Of each chart, by view and signal; where there are more than CHARTS, of each view the worst.

    A label a chart of eight views would be half of all that a page may have.
    """
    drift = figures.standing.drift
    views = {} if drift is None else drift.views
    all_of_them = sum(len(its.charts) for its in views.values()) <= CHARTS
    for view, its in views.items():
        name = figures.identity.views[view] if view < ALL_VIEWS else ""
        shown = its.charts if all_of_them else _worst(its.charts)
        for signal, chart in shown.items():
            value = read(chart)
            if value is not None:
                yield (name, SIGNALS[signal]), float(value)


def _worst(charts: Mapping[int, ChartWords]) -> dict[int, ChartWords]:
    """The one that is nearest to its limit, or furthest beyond."""
    ranked = sorted(charts.items(), key=lambda each: _reach(each[1]))
    return dict(ranked[-1:])


def _reach(chart: ChartWords) -> float:
    return abs(chart.statistic or 0.0) / (chart.limit or 1.0)


def drift_learnt(figures: Figures) -> Values:
    """Of the view that has learnt least of its reference; none while there is no view."""
    drift = figures.standing.drift
    views = [] if drift is None else drift.views.values()
    shares = [its.learnt_h / its.of_h for its in views if its.of_h]
    return [((), min(shares))] if shares else []


def alerts(figures: Figures) -> Values:
    """Those that hold."""
    return [((alert.name, alert.severity), 1.0) for alert, _ in found(figures.standing)]
