"""The page of figures, in the text format of Prometheus and in OpenMetrics.

Made once after each look, however many ask for it. prometheus-client writes both formats; what
stands on it comes from gonogo.records.metrics.table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import generate_latest as as_text
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.openmetrics.exposition import generate_latest as as_openmetrics
from prometheus_client.registry import Collector

from gonogo.records.metrics.table import METRICS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric as Family

    from gonogo.records.metrics.figures import Figures
    from gonogo.records.metrics.table import Metric

# as both have been for years: what a newer library would add to them is not asked for
TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Page(NamedTuple):
    """What is sent."""

    content_type: str
    body: bytes


class Families(Collector):
    """The table with its values, as the library wants it."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Family]:
        """A family a metric, those that have no value left out."""
        for metric in METRICS:
            family = _family(metric, self._figures)
            if family.samples:
                yield family


def wants_openmetrics(accept: str) -> bool:
    """By the Accept header of a request (RFC 9110); text where it is not named."""
    names = {each.partition(";")[0].strip().lower() for each in accept.split(",")}
    return "application/openmetrics-text" in names


def render(figures: Figures, *, openmetrics: bool) -> Page:
    """In one of the two formats."""
    if openmetrics:
        return Page(OPENMETRICS, as_openmetrics(Families(figures)))  # type: ignore[no-untyped-call]
    return Page(TEXT, as_text(Families(figures)))


def series(figures: Figures) -> int:
    """How many there are on the page."""
    return sum(len(family.samples) for family in Families(figures).collect())


def _family(metric: Metric, figures: Figures) -> Family:
    if metric.kind is Kind.HISTOGRAM:
        return _histogram(metric, figures)
    if metric.kind is Kind.INFO:
        info = InfoMetricFamily(metric.name, metric.help)
        for labels, _ in metric.read(figures):
            info.add_metric((), dict(zip(metric.labels, labels, strict=True)))
        return info
    made = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = made(metric.name, metric.help, labels=metric.labels)
    for labels, value in metric.read(figures):
        family.add_metric(labels, value)
    return family


def _histogram(metric: Metric, figures: Figures) -> Family:
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for stage, histogram in figures.counts.stages.items():
        family.add_metric((stage,), histogram.buckets, histogram.sum_s)
    return family
