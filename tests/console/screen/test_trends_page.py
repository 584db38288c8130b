"""What the page of trends is told: charts, overrides, times and health; a question each."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gonogo.console.screen.drift_charts import drift_charts
from gonogo.console.screen.health import health
from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.overrides import Said, SaidOf
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.saving import beside_records, write
from gonogo.records.drift.view_charts import ViewCharts
from gonogo.records.drift.watch import DriftWatch, Watched
from gonogo.tests.console.screen.scene import app_of, call
from gonogo.tests.console.screen.test_app import Known, who
from gonogo.tests.records.drift.shifts import HERE, hour

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.console.screen.scene import Scene

PATHS = ("drift", "overrides", "cycle", "health")


def charted(records: Path, shift: float, hours: int = 12) -> None:
    """Charts beside the records, of hours that are so far off."""
    charts = ViewCharts(HERE, tuple(hour(k) for k in range(HOURS)))
    for k in range(hours):
        charts.add(hour(HOURS + k, shift))
    watch = DriftWatch()
    watch.take(Watched(charts, Hour(HOURS + hours), Embedded()))
    out = Said(Signal.OVERRIDES, 0.4, -0.1, 0.25, alarmed=True)
    watch.said = (SaidOf("top", "RULE", 1e9, out),)
    write(beside_records(records), watch)


@pytest.mark.parametrize("name", PATHS)
def test_every_question_has_an_answer_before_the_first_part(scene: Scene, name: str) -> None:
    """For whoever sees parts, and for nobody else."""
    with ExitStack() as stack:
        app = app_of(scene.open(stack, Known()))
        assert call(app, f"/trends/{name}", headers=who("nobody")).status == 200
        assert call(app, f"/trends/{name}", headers=who("blind")).status == 403


def test_charts_that_nobody_keeps_are_said_not_to_be_there(tmp_path: Path) -> None:
    """As those of a station without [records.drift]."""
    assert drift_charts(tmp_path / "r.sqlite") == {"charted": False, "views": [], "said": []}


def test_charts_have_their_way_and_their_limits(tmp_path: Path) -> None:
    """The last point is where the chart stands; one that is out says since when, and its looks."""
    charted(tmp_path / "r.sqlite", 0.6)
    (view,) = drift_charts(tmp_path / "r.sqlite")["views"]
    assert (view["view"], view["learning"], view["of_h"]) == (HERE.view, False, HOURS)
    charts = {each["signal"]: each for each in view["charts"]}
    scores = charts["ACCEPTED_SCORES"]
    assert scores["out"]
    assert scores["since"].startswith("1970-01-0")
    assert len(scores["points"]) == 12
    assert scores["points"][-1][2] == scores["now"] > scores["high"]
    assert {each["name"] for each in scores["looks"]} == {"brightness", "sharpness"}
    light = charts["BRIGHTNESS"]
    assert (light["out"], light["looks"], light["low"]) == (False, [], -light["high"])
    assert charts["HISTOGRAM"]["low"] is None  # of large values alone
    said = drift_charts(tmp_path / "r.sqlite")["said"]
    assert [(each["share"], each["low"], each["high"]) for each in said] == [(400, 0, 250)]


def test_charts_that_learn_have_no_points(tmp_path: Path) -> None:
    """How far they are is all there is."""
    charts = ViewCharts(HERE, (hour(0), hour(1)))
    watch = DriftWatch()
    watch.take(Watched(charts, Hour(2), Embedded()))
    write(beside_records(tmp_path / "r.sqlite"), watch)
    (view,) = drift_charts(tmp_path / "r.sqlite")["views"]
    assert (view["learning"], view["learnt_h"], view["charts"]) == (True, 2, [])


def test_health_says_what_is_known_without_a_supervisor(scene: Scene, tmp_path: Path) -> None:
    """Disk and alerts from memory, and what the kept log names by a number with what to do."""
    log = tmp_path / "log.jsonl"
    log.write_text('{"level": "warning", "event": "x", "text": "GN645: 3 scores"}\n')
    told = health(scene.plan().model_copy(update={"log": log}))
    assert told["processes"] is None
    assert told["disk"]["size"] >= told["disk"]["free"] > 0
    assert [each["number"] for each in told["lately"]] == ["GN645"]
    assert all(each["do"] for each in told["alerts"])
    assert health(scene.plan())["lately"] == []
    gone = scene.plan().model_copy(update={"log": tmp_path / "none" / "log.jsonl"})
    assert health(gone)["lately"] == []
