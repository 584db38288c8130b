"""From charts to their file and back (gonogo.records.drift.state)."""

from __future__ import annotations

import base64
import binascii
import math
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import DriftStateError
from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.fourier import PAIRS, map_of
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.laney import Counts
from gonogo.records.drift.overrides import Said, SaidOf
from gonogo.records.drift.part import Conditions, Looks
from gonogo.records.drift.rows import Mark
from gonogo.records.drift.state import (
    AGAIN,
    FILE,
    SAID,
    SavedChart,
    SavedCharts,
    SavedHour,
    SavedMap,
    SavedMark,
    SavedRestart,
    SavedSaid,
    SavedSample,
    SavedWatch,
)
from gonogo.records.drift.summary import QUANTILES, Summary
from gonogo.records.drift.view_charts import ViewCharts
from gonogo.records.drift.watch import DriftWatch, Restart, Watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.records.drift.fourier import FeatureMap


def beside_records(records: Path) -> Path:
    """Where the file lies, from the `path` of [records]."""
    return records.with_name(f"{records.stem}-drift.json")


def write(path: Path, watch: DriftWatch) -> None:
    """Save the charts, whole or not at all; OutputError where it cannot be."""
    FILE.write(
        path,
        SavedWatch(
            watched=tuple(_charts(each) for each in watch.watched.values()),
            restarts=tuple(_restart(each) for each in watch.restarts),
            dropped=watch.dropped,
            mark=None if watch.mark is None else SavedMark(**watch.mark._asdict()),
            said=tuple(_said(each) for each in watch.said[:SAID]),
        ),
    )


def read(path: Path) -> DriftWatch:
    """The charts as they were saved; DriftStateError where they cannot be used."""
    saved = FILE.read(path)
    watch = DriftWatch()
    watch.dropped = saved.dropped
    watch.mark = None if saved.mark is None else Mark(**saved.mark.model_dump())
    watch.said = tuple(_said_of(each) for each in saved.said)
    watch.restarts = [
        Restart(Conditions(*each.conditions), each.who, each.why, each.wall_s)
        for each in saved.restarts
    ]
    try:
        for each in saved.watched:
            watch.take(_watched(each))
    # what the digest does not tell: a file of a program that made it otherwise
    except (ValueError, binascii.Error) as error:
        raise DriftStateError(f"{path}: {error}; {AGAIN}") from error
    return watch


def _charts(at: Watched) -> SavedCharts:
    held = at.charts
    return SavedCharts(
        conditions=tuple(held.conditions),
        number=at.hour.number,
        learnt=tuple(_hour(each) for each in held.learnt),
        recent=tuple(_hour(each) for each in held.recent),
        charts=tuple(
            SavedChart(
                signal=signal, z=chart.z, x=chart.x, since=chart.since, alarmed=chart.alarmed
            )
            for signal, chart in held.charts.items()
        ),
        map=None if at.embedded.map is None else _map(at.embedded.map),
        sample=_sample(at.embedded),
    )


def _sample(of: Embedded) -> SavedSample:
    rows = np.asarray(of.first, np.float16)
    length = rows.shape[1] if len(rows) else 0
    text = base64.b64encode(rows.astype("<f2").tobytes()).decode()
    return SavedSample(rows=text, length=length, seen=of.seen, hours=of.hours)


def _map(found: FeatureMap) -> SavedMap:
    return SavedMap(shift=_text(found.shift), scale=_text(found.scale), bandwidth=found.bandwidth)


def _hour(of: Summary) -> SavedHour:
    brightness, sharpness, noise = (None if math.isnan(each) else each for each in of.looks)
    return SavedHour(
        number=of.number,
        wall_s=of.wall_s,
        rejects=(of.rejects.hits, of.rejects.of),
        accepted=_text(of.accepted),
        trusted=_text(of.trusted),
        features=_text(of.features),
        embeddings=of.embeddings,
        looks=(brightness, sharpness, noise),
        parts=of.parts,
        places=_text(of.places),
    )


def _restart(of: Restart) -> SavedRestart:
    return SavedRestart(
        conditions=tuple(of.conditions), who=of.who[:200], why=of.why[:200], wall_s=of.wall_s
    )


def _said(of: SaidOf) -> SavedSaid:
    return SavedSaid(view=of.view, reason=of.reason, wall_s=of.wall_s, **of.said._asdict())


def _said_of(saved: SavedSaid) -> SaidOf:
    said = Said(saved.signal, saved.share, saved.low, saved.high, saved.alarmed)
    return SaidOf(saved.view, saved.reason, saved.wall_s, said)


def _watched(saved: SavedCharts) -> Watched:
    charts = ViewCharts(Conditions(*saved.conditions), tuple(_summaries(saved.learnt)))
    charts.recent.extend(_summaries(saved.recent))
    if {each.signal for each in saved.charts} != set(charts.charts):
        raise ValueError("expected a chart of each signal that its reference has")
    for each in saved.charts:
        charts.charts[each.signal].restore(each.z, each.x, each.since, alarmed=each.alarmed)
    embedded = Embedded(_map_of(saved.map))
    sample = saved.sample
    embedded.restore(_rows(sample), sample.seen, sample.hours)
    return Watched(charts, Hour(saved.number), embedded)


def _rows(saved: SavedSample) -> Sequence[NDArray[np.float16]]:
    found = np.frombuffer(base64.b64decode(saved.rows, validate=True), "<f2").astype(np.float16)
    if not np.isfinite(found).all():
        raise ValueError("expected finite embeddings")
    # ValueError where they are not of one length
    return list(found.reshape(-1, saved.length)) if len(found) else []


def _map_of(saved: SavedMap | None) -> FeatureMap | None:
    if saved is None:
        return None
    shift, scale = _floats(saved.shift), _floats(saved.scale)
    if len(shift) != len(scale) or not len(shift) or not (scale > 0).all():
        raise ValueError("expected a shift and a scale above 0 for each number of an embedding")
    return map_of(shift, scale, saved.bandwidth)


def _summaries(saved: Iterable[SavedHour]) -> Iterable[Summary]:
    for each in saved:
        yield Summary(
            each.number,
            each.wall_s,
            Counts(*each.rejects),
            _floats(each.accepted, QUANTILES),
            _floats(each.trusted, QUANTILES),
            _floats(each.features, 2 * PAIRS),
            each.embeddings,
            Looks(*(math.nan if value is None else value for value in each.looks)),
            each.parts,
            _floats(each.places),
        )


def _text(values: NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _floats(text: str, length: int | None = None) -> NDArray[np.float32]:
    """Finite numbers (length,) or (0,); of any length where none is given."""
    found = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
    if length is not None and len(found) not in {0, length}:
        raise ValueError(f"expected {length} numbers of an hour or none, got {len(found)}")
    if not np.isfinite(found).all():
        raise ValueError("expected finite numbers")
    return found
