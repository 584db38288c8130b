"""A station restarts, and its charts go on."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base import strict_json
from gonogo.base.errors import DriftStateError, OutputError
from gonogo.records.drift import saving
from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.state import FILE
from gonogo.records.drift.view_charts import ViewCharts
from gonogo.records.drift.watch import DriftWatch, Restart, Watched
from gonogo.tests.records.drift.shifts import HERE, hour

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEARNT = tuple(hour(k) for k in range(HOURS))
OTHER = HERE._replace(view="side")


def embedded(hours: int) -> Embedded:
    """After so many hours of embeddings of five numbers."""
    rng, held = np.random.default_rng(3), Embedded()
    for _ in range(hours):
        for row in rng.normal(0, 1, (30, 5)).astype(np.float32):
            held.add(row)
        held.mean()
    return held


def watch(learnt: int = HOURS) -> DriftWatch:
    """One set of charts that watches, and one that is LEARNING."""
    held = DriftWatch()
    charts = ViewCharts(HERE, LEARNT[:learnt])
    for k in range(learnt, learnt + 5):
        charts.add(hour(k, 0.5))
    held.take(Watched(charts, Hour(learnt + 5), embedded(24)))
    held.take(Watched(ViewCharts(OTHER, LEARNT[:40]), Hour(40), embedded(3)))
    held.restart(Restart(OTHER._replace(recipe=3), "M. Muster", "new lamp", 5.0))
    return held


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The JSON of a file of these charts, without its digest."""
    path = tmp_path_factory.mktemp("whole") / "drift.json"
    saving.write(path, watch())
    return FILE.read(path).model_dump_json().encode()


def test_charts_go_on_after_a_restart_as_if_there_had_been_none(tmp_path: Path) -> None:
    """Points and alarms of the next hours, the map of the embeddings, who restarted what."""
    one, path = watch(), tmp_path / "drift.json"
    saving.write(path, one)
    two = saving.read(path)
    for k in range(HOURS + 5, HOURS + 15):
        found = [each.watched[HERE].charts.add(hour(k, 0.5)) for each in (one, two)]
        assert repr(found[0]) == repr(found[1])
    assert two.watched[HERE].hour.number == HOURS + 5
    assert two.restarts == one.restarts
    rows = np.ones((2, 5), np.float32)
    maps = [each.watched[HERE].embedded.map for each in (one, two)]
    assert maps[0] is not None
    assert maps[1] is not None
    assert np.array_equal(maps[0].of(rows), maps[1].of(rows))


def test_learning_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Forty hours are forty hours, and the sample of embeddings is what it was."""
    one, path = watch(), tmp_path / "drift.json"
    saving.write(path, one)
    found = saving.read(path).watched[OTHER]
    assert found.charts.learning
    assert len(found.charts.learnt) == 40
    kept = one.watched[OTHER].embedded
    assert (found.embedded.seen, found.embedded.hours) == (kept.seen, kept.hours) == (90, 3)
    assert np.array_equal(np.array(found.embedded.first), np.array(kept.first))


def test_torn_or_edited_file_is_told(tmp_path: Path) -> None:
    """Cut off at a dozen places, one digit changed, none there, of another program."""
    path = tmp_path / "drift.json"
    saving.write(path, watch())
    whole = path.read_bytes()
    step = len(whole) // 12
    torn = [whole[:length] for length in (*range(0, len(whole), step), len(whole) - 1)]
    for raw in (*torn, whole.replace(b"500.0", b"501.0", 1), b'{"version": 1}\n'):
        path.write_bytes(raw)
        with pytest.raises(DriftStateError, match=r"LEARNING anew") as told:
            saving.read(path)
        assert told.value.code == 615
    path.unlink()
    with pytest.raises(DriftStateError, match="cannot be read"):
        saving.read(path)


def floats(*values: float) -> str:
    """As they stand in the file."""
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


def first_hour(charts: dict[str, Any]) -> dict[str, Any]:
    """Of the reference."""
    hours: list[dict[str, Any]] = charts["learnt"]
    return hours[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda charts: first_hour(charts).update(accepted=floats(1.0, 2.0)),
        lambda charts: first_hour(charts).update(accepted=floats(*[float("nan")] * 129)),
        lambda charts: first_hour(charts).update(trusted="!!!"),
        lambda charts: charts["charts"].pop(),
        lambda charts: charts["map"].update(scale=floats(1.0)),
        lambda charts: charts["map"].update(scale=floats(1.0, 1.0, 0.0, 1.0, 1.0)),
        lambda charts: charts["sample"].update(rows="AAAA", length=1),
        lambda charts: charts["sample"].update(rows="AAAAAAAA", length=4),
        lambda charts: charts["sample"].update(rows="AH4=", length=1),
    ],
)
def test_file_that_does_not_fit_together_is_told(
    tmp_path: Path, whole: bytes, change: Callable[[dict[str, Any]], object]
) -> None:
    """Sealed, but by a program that was another one: LEARNING anew, and no crash later."""
    path = tmp_path / "drift.json"
    saved = json.loads(whole)
    change(saved["watched"][0])
    path.write_bytes(strict_json.sealed(saved, FILE.seal))
    with pytest.raises(DriftStateError, match="LEARNING anew"):
        saving.read(path)


def test_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The former one stays; the charts go on in memory."""
    with pytest.raises(OutputError):
        saving.write(tmp_path / "absent" / "drift.json", watch())
