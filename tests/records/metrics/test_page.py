"""The page: all of the table, in both formats, within its bound, and good for promtool."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as read_text

from gonogo.base.words import Mode, Reason, VerdictKind
from gonogo.config.station import load_station
from gonogo.ipc.drift_table import ALL_VIEWS, ViewWords
from gonogo.ipc.journal import MAX_VIEWS
from gonogo.records.drift.part import Signal
from gonogo.records.metrics.alerts import CHARTS_BEHIND
from gonogo.records.metrics.counts import Counts
from gonogo.records.metrics.figures import Figures, Identity, Served
from gonogo.records.metrics.page import OPENMETRICS, TEXT, render, series, wants_openmetrics
from gonogo.records.metrics.standing import DriftStanding, RowStanding
from gonogo.records.metrics.table import METRICS, SERIES_MAX, Kind
from gonogo.tests.prometheus import families, promtool
from gonogo.tests.records.metrics.made import CHART, WELL, figures

STATIONS = Path(__file__).parents[3] / "stations"
# records, log, pictures, two engines, eight cameras, line, loader, optics, board, drift, metrics
ROWS = tuple(RowStanding(f"row {k}", lives=True, starts=1) for k in range(19))
SIGNALS = list(Signal)
SAID = {SIGNALS.index(each) for each in (Signal.OVERRIDES, Signal.REVIEWS)}  # of all views


def body(found: Figures, *, openmetrics: bool = False) -> str:
    """What is sent."""
    return render(found, openmetrics=openmetrics).body.decode()


def test_page_has_every_metric_of_the_table() -> None:
    """Each with its help and its kind; a station that has everything shows everything."""
    alarmed = WELL._replace(records=WELL.records._replace(lost=1))
    found = {each.name: each for each in families(body(figures(alarmed), openmetrics=True))}
    kinds = {metric.name: (metric.kind.value, metric.help) for metric in METRICS}
    assert {name: (each.type, each.documentation) for name, each in found.items()} == kinds
    for metric in METRICS:
        labels = set(metric.labels) | ({"le"} if metric.kind is Kind.HISTOGRAM else set())
        assert {key for sample in found[metric.name].samples for key in sample.labels} == labels


def test_page_says_in_both_formats_the_same() -> None:
    """Value by value; a counter is asked for by the same name."""
    found = figures()
    text, openmetrics = (
        {(s.name, frozenset(s.labels.items())): s.value for family in read for s in family.samples}
        for read in (read_text(body(found)), families(body(found, openmetrics=True)))
    )
    assert text == openmetrics
    assert text["gonogo_temperature_celsius", frozenset({("sensor", "chip A")})] == 60.0
    assert text["gonogo_metrics_journal_lost_total", frozenset()] == 4
    assert text["gonogo_mode", frozenset({("mode", "full")})] == 1
    (info,) = (dict(labels) for name, labels in text if name == "gonogo_engine_info")
    assert info == {
        "view": "top", "engine": "e", "version": "1.2.3", "backend": "openvino", "engine_id": "",
    }  # fmt: skip


def test_page_leaves_out_what_is_not_known() -> None:
    """No temperature is no 0 degC, and a station without engines has no place for one."""
    board = WELL.board._replace(heat=None, hottest_c=None, power_w=None, chips={})
    bare = figures(WELL._replace(board=board, disk=None, exchanges=None, drift=None))
    bare = bare._replace(identity=bare.identity._replace(engines={}), part_age_s=None)
    text = body(bare)
    for name in (
        "drift_",
        "temperature",
        "board_",
        "disk_",
        "engine_ready",
        "engine_info",
        "last_part",
    ):
        assert f"gonogo_{name}" not in text
    assert "gonogo_records_waiting_entries 0.0" in text


def test_page_has_base_units_and_names_as_prometheus_wants_them() -> None:
    """Another program is the judge."""
    code, said = promtool("check", "metrics", given=body(figures()).encode())
    assert (code, said.strip()) == (0, "")


@pytest.mark.parametrize(
    ("accept", "openmetrics"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain;version=0.0.4;q=0.3,*/*;q=0.2", False),
        ("application/openmetrics-text;version=1.0.0;q=0.75,text/plain;q=0.5", True),
        ("text/plain, Application/OpenMetrics-Text", True),
    ],
)
def test_page_is_in_the_format_that_is_asked_for(accept: str, *, openmetrics: bool) -> None:
    """Text for a browser, OpenMetrics for who names it."""
    assert wants_openmetrics(accept) is openmetrics
    page = render(figures(), openmetrics=openmetrics)
    assert page.content_type == (OPENMETRICS if openmetrics else TEXT)
    assert page.body.endswith(b"# EOF\n") is openmetrics


def drifting(views: int) -> DriftStanding:
    """Every chart that there can be of so many views, and of all of them together."""
    charts = {k: CHART._replace(statistic=0.1 * k) for k in range(len(SIGNALS))}
    hourly = {k: chart for k, chart in charts.items() if k not in SAID}
    every = {view: ViewWords(160, 160, hourly) for view in range(views)}
    every[ALL_VIEWS] = ViewWords(0, 0, {k: charts[k] for k in SAID})
    return DriftStanding(views * len(charts), CHARTS_BEHIND, 7, every)


def test_page_has_a_series_a_chart_of_one_view_and_of_many_the_worst() -> None:
    """Of each view the chart that is nearest to its limit, or there would be too many series."""
    one = body(figures(WELL._replace(drift=drifting(1))))
    assert one.count("gonogo_drift_statistic{") == len(SIGNALS)
    assert 'gonogo_drift_limit{signal="brightness",view="top"} 2.5' in one
    identity = Identity("many", "1", 0.2, tuple("abc"), {})
    many = body(figures(WELL._replace(drift=drifting(3)))._replace(identity=identity))
    found = re.findall(r'gonogo_drift_statistic{signal="(\w+)",view="(\w*)"}', many)
    assert found == [*(("places", view) for view in "abc"), ("reviews", "")]


def everything(identity: Identity) -> Figures:
    """A station of so many views after everything has happened to it that can."""
    views = range(len(identity.views))
    counts = Counts(identity.budget_s, views)
    for key in itertools.product(VerdictKind, Reason, Mode):
        counts._count(key)
    alarmed = WELL._replace(
        rows=ROWS, records=WELL.records._replace(lost=1, waiting=10**6, asides=1),
        line=WELL.line._replace(mode=Mode.SAFE, faults=0x3FFF, alive_age_s=99.0),
        drift=drifting(len(identity.views)),
    )  # fmt: skip
    return Figures(identity, counts, alarmed, Served(), 1.0)


def test_page_is_bounded_on_the_largest_station_that_there_can_be() -> None:
    """Eight views with engines, every process, every alert, every combination of words."""
    views = tuple(f"view {k}" for k in range(MAX_VIEWS))
    identity = Identity("largest", "1.0.0", 0.2, views, dict.fromkeys(range(MAX_VIEWS), "e"))
    assert series(everything(identity)) <= SERIES_MAX


@pytest.mark.parametrize("path", sorted(STATIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_page_is_bounded_on_every_example(path: Path) -> None:
    """And says nothing but names of the station file, and words of ours."""
    station = load_station(path)
    views = tuple(view.name for view in station.view)
    engines = {k: "e" for k, view in enumerate(station.view) if view.engine is not None}
    found = everything(Identity(station.station.name, "1", 0.2, views, engines))
    assert series(found) <= SERIES_MAX
    text = body(found)
    labels = set(re.findall(r'(\w+)="', text))
    assert labels <= {label for metric in METRICS for label in metric.labels} | {"le"}
    assert not labels & {"part", "part_id", "serial", "user", "person", "lot"}
