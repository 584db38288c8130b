"""What each process is told: all that it needs, and no more of the file than that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.log.section import LogSection
from gonogo.config.console import ConsoleSection
from gonogo.config.recipe_switch import FIRST
from gonogo.config.screen import ScreenSection
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.console.serial.plan import ConsolePlan
from gonogo.drivers.board.process import BoardPlan
from gonogo.ipc.journal import MAX_VIEWS
from gonogo.ipc.process_table import ROWS
from gonogo.launch.process_rows import row_numbers, supervisor_plan
from gonogo.launch.told import (
    UNKNOWN,
    Given,
    Origin,
    picture_path,
    state_path,
    tell_board,
    tell_engine,
    tell_line,
    tell_loader,
    tell_metrics,
    tell_optics,
    tell_pictures,
    tell_records,
    view_plan,
)
from gonogo.launch.told_drift import tell_drift
from gonogo.launch.told_people import tell_console
from gonogo.records.drift.process import DriftPlan
from gonogo.records.drift.section import DriftSection
from gonogo.records.metrics.process import MetricsPlan
from gonogo.records.metrics.section import MetricsSection
from gonogo.records.pictures.process import PicturesPlan
from gonogo.records.section import ImagesSection
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.stations import DIAMETER, bundled_station, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from gonogo.config.station import Station


def given(station: Station, origin: Origin = UNKNOWN) -> Given:
    """As the table of processes makes it."""
    engines = engines_of(station)
    limits = tuple(limits_of(view.engine, engines) for view in station.view)
    return Given(station, origin, engines, limits)


def scored_station(folder: Path, **changes: Any) -> Station:  # noqa: ANN401 - of small_station
    """A view with an engine, and one of rules alone before it."""
    plain = {"name": "side", "camera": synthetic(), "rule": ({**RULE},)}
    model = {"model": tiny_engine(folder / "top.onnx"), "threads": 2, "cuda": "pycuda"}
    return small_station(
        folder, plain, {"name": "top", "camera": synthetic(), "engine": model}, **changes
    )


RULE = {"name": "w", "kind": "dimension", "measure": "width", "mm_per_px": 0.8, "high": 74.0}


def test_engine_is_told_of_views_that_it_scores_by_their_number(tmp_path: Path) -> None:
    """A view of rules alone keeps its number, and is nothing to an engine."""
    station = scored_station(tmp_path)
    plan = tell_engine(given(station), place=0)
    (view,) = plan.views
    assert (view.view, view.threads, view.model) == (1, 2, tmp_path / "top.onnx")
    assert view.cuda == "pycuda"
    assert (view.height_px, view.width_px, view.channels) == (120, 160, 3)
    engine = station.view[1].engine
    assert engine is not None
    assert view == view_plan(1, station.view[1], engine)


def test_line_is_told_its_limits_and_a_sum_of_what_it_judges_by(tmp_path: Path) -> None:
    """One number a recipe, which another file or another engine changes."""
    station = scored_station(tmp_path)
    plan = tell_line(given(station))
    assert plan.limits[0] is None
    assert plan.limits[1] is not None
    assert (plan.fell_back, list(plan.checksums)) == (False, [FIRST])
    other = tell_line(given(station, Origin(fell_back=True, candidate=None, sha256="ab")))
    assert other.fell_back
    assert other.checksums != plan.checksums


def test_loader_is_told_the_bundles_and_is_there_only_with_engines(tmp_path: Path) -> None:
    """A station whose engines are files has none to exchange."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    plan = tell_loader(given(bundled_station(tmp_path, engines)))
    assert (plan.bundles, plan.engines) == (("bolt",), engines)
    with pytest.raises(ValueError, match="has no loader"):
        tell_loader(given(small_station(tmp_path)))


def test_records_are_told_where_rows_go_and_what_the_file_was(tmp_path: Path) -> None:
    """The state of the last run lies beside them."""
    station = small_station(tmp_path)
    origin = Origin(fell_back=False, candidate=tmp_path / "c", sha256="ab")
    plan = tell_records(given(station, origin))
    assert (plan.path, plan.state) == (station.records.path, state_path(station))
    assert plan.state == tmp_path / f"{station.station.name}.state.json"
    assert (plan.candidate, plan.station_sha256) == (tmp_path / "c", "ab")
    assert (plan.views, plan.rules, plan.units) == (("top",), ("diameter",), ("mm",))


def test_optics_are_told_of_the_views_that_have_learnt(tmp_path: Path) -> None:
    """Each with its number, its shape and a picture of its own, whatever it is called."""
    learnt = tmp_path / "learnt.json"
    camera, grey = synthetic(), synthetic(pixel_format="mono8")
    views = (
        {"name": "side", "camera": camera, "rule": (RULE,)},
        {"name": "a b", "camera": grey, "rule": (RULE,), "trust": {"learnt": learnt}},
        {"name": "a_b", "camera": camera, "rule": (RULE,),
         "trust": {"learnt": learnt, "look_every_s": 5.0}},
    )  # fmt: skip
    station = small_station(tmp_path, *views)
    plan = tell_optics(given(station))
    assert [(each.view, each.name, each.look_every_s) for each in plan.views] == [
        (1, "a b", 1.0), (2, "a_b", 5.0),
    ]  # fmt: skip
    assert [each.geometry for each in plan.views] == [(120, 160, 1), (120, 160, 3)]
    assert {each.learnt for each in plan.views} == {learnt}
    name = station.station.name
    pictures = [each.picture for each in plan.views]
    assert pictures == [picture_path(station, 1), picture_path(station, 2)]
    assert pictures == [tmp_path / f"{name}.{k}-a_b.optics.png" for k in (1, 2)]


def test_optics_are_there_only_where_a_view_has_learnt(tmp_path: Path) -> None:
    """Last of all: no part waits for them, and stopped first."""
    plain = {"name": "top", "camera": synthetic(), "rule": (RULE,)}
    trust = {"trust": {"learnt": tmp_path / "learnt.json"}}
    for view, expected in (
        (plain, ["records", "line"]),
        (plain | trust, ["records", "line", "optics"]),
    ):
        rows = supervisor_plan(small_station(tmp_path, view)).rows
        assert [row.name for row in rows] == expected


def test_pictures_are_kept_only_where_the_file_says_so(tmp_path: Path) -> None:
    """Before the line, so that its first part has one; told of every view and of the shifts."""
    plain = small_station(tmp_path)
    with pytest.raises(ValueError, match="without"):
        tell_pictures(given(plain))
    images = ImagesSection(folder=tmp_path / "pictures")
    records = plain.records.model_copy(update={"images": images, "shift_starts": ("05:30",)})
    station = plain.model_copy(update={"records": records})
    rows = supervisor_plan(station).rows
    assert [row.name for row in rows] == ["records", "pictures", "line"]
    told = PicturesPlan.model_validate_json(rows[1].argument)
    assert (told.path, told.images, told.shift_starts) == (records.path, images, ("05:30",))
    assert [(view.name, view.geometry) for view in told.views] == [("top", (120, 160, 3))]


def test_board_is_watched_only_where_the_file_says_so(tmp_path: Path) -> None:
    """Last of all, and told what the file says of it alone."""
    rows = supervisor_plan(small_station(tmp_path, board={"shed_c": 90.0})).rows
    assert [row.name for row in rows] == ["records", "line", "board"]
    told = BoardPlan.model_validate_json(rows[-1].argument)
    assert (told.board.shed_c, told.root) == (90.0, Path("/"))
    with pytest.raises(ValueError, match="without"):
        tell_board(given(small_station(tmp_path)))


def test_table_has_room_for_the_largest_station(tmp_path: Path) -> None:
    """Eight cameras with processes of their own, two engine places, and all that may be."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    trust = {"learnt": tmp_path / "learnt.json"}
    views = [
        {"name": f"v{k}", "camera": synthetic(own_process=True), "rule": (RULE,), "trust": trust}
        for k in range(MAX_VIEWS)
    ]
    views[0]["engine"] = {"bundle": "bolt"}
    log, metrics = LogSection(path=tmp_path / "log"), MetricsSection()
    station = small_station(tmp_path, *views, engines=engines, board={})
    images = ImagesSection(folder=tmp_path / "pictures")
    records = station.records.model_copy(update={"images": images, "drift": DriftSection()})
    screen = ScreenSection()
    console = ConsoleSection(device="/dev/ttyUSB0")
    changes = {"records": records, "log": log, "metrics": metrics, "screen": screen}
    changes["console"] = console
    plan = supervisor_plan(station.model_copy(update=changes))
    assert len(plan.rows) == MAX_VIEWS + 13
    assert max(max(numbers) for numbers in row_numbers(plan).values()) < ROWS


def test_drift_is_told_under_what_light_views_are_seen(tmp_path: Path) -> None:
    """Exposure and geometry of each camera, and whether an engine scores it."""
    engine = {"model": tiny_engine(tmp_path / "bolt.onnx")}
    views = (
        {"name": "a", "camera": synthetic(exposure_ms=2.5), "engine": engine},
        {"name": "b", "camera": synthetic(), "rule": (DIAMETER,)},
    )
    station = small_station(tmp_path, *views)
    assert "drift" not in row_numbers(supervisor_plan(station))
    with pytest.raises(ValueError, match="no such process"):
        tell_drift(given(station))
    records = station.records.model_copy(update={"drift": DriftSection(look_every_s=3.0)})
    plan = supervisor_plan(station.model_copy(update={"records": records}))
    told = DriftPlan.model_validate_json(plan.rows[-1].argument)
    assert [(each.name, each.exposure_us, each.scored) for each in told.views] == [
        ("a", 2500.0, True), ("b", 0.0, False),
    ]  # fmt: skip
    assert told.views[0].geometry == station.view[0].camera.geometry
    assert (told.path, told.shift_starts) == (records.path, records.shift_starts)
    assert told.drift.look_every_s == 3.0


def test_console_is_told_its_port_and_where_the_log_is(tmp_path: Path) -> None:
    """And nothing else of the file; a station without the section has no such process."""
    station = small_station(tmp_path)
    assert "console" not in row_numbers(supervisor_plan(station))
    with pytest.raises(ValueError, match="no such process"):
        tell_console(given(station))
    section, log = ConsoleSection(device="/dev/ttyUSB7"), LogSection(path=tmp_path / "log")
    station = station.model_copy(update={"console": section, "log": log})
    assert "console" in row_numbers(supervisor_plan(station))
    name, file = station.station.name, tmp_path / "cell.toml"
    origin = Origin(fell_back=False, candidate=None, file=file)
    assert tell_console(given(station, origin)) == ConsolePlan(
        station=name, console=section, log=log.path, records=station.records.path,
        access=station.access, file=file,
    )  # fmt: skip


def test_metrics_are_told_what_everything_is_called(tmp_path: Path) -> None:
    """By the numbers of the table that the supervisor makes; the line has two of them."""
    engine = {"model": tiny_engine(tmp_path / "bolt.onnx")}
    views = (
        {"name": "a", "camera": synthetic(), "rule": (DIAMETER,)},
        {"name": "b", "camera": synthetic(), "engine": engine},
    )
    station = small_station(tmp_path, *views, warm_spare=True)
    assert "metrics" not in row_numbers(supervisor_plan(station))
    with pytest.raises(ValueError, match="no such process"):
        tell_metrics(given(station), {})
    served = station.model_copy(update={"metrics": MetricsSection(port=9999)})
    plan = supervisor_plan(served)
    told = MetricsPlan.model_validate_json(plan.rows[-1].argument)
    assert told.rows == row_numbers(plan)
    assert told.rows["line"][1] == told.rows["line"][0] + 1
    assert (told.views, told.engines, told.metrics.port) == (("a", "b"), {1: "bolt"}, 9999)
    assert (told.records, told.budget_ms) == (station.records.path, station.station.budget_ms)
