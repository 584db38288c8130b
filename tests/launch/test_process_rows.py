"""The process table: two engine places with `[engines]`, and what it was without."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cv2
import pytest

from gonogo.base.errors import EngineNotInstalled, ModelError
from gonogo.base.log.section import LogSection
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.drivers.cameras.synthetic import render_good
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.engines.card import read_card, write_card
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.ipc.identity import Seals
from gonogo.launch.process_rows import journal_about, supervisor_plan
from gonogo.launch.told import UNKNOWN
from gonogo.records.labels import Labels
from gonogo.records.log.process import LogPlan
from gonogo.records.process import RecordsPlan
from gonogo.rules.presence_section import PresenceSection
from gonogo.runtime.budget import CAMERA_SHARE
from gonogo.runtime.line import bind, judging_of
from gonogo.runtime.line_plan import LinePlan
from gonogo.tests.engines.serving.places import RED, bolt, facts, install, section
from gonogo.tests.stations import (
    DIAMETER,
    bundled_station,
    small_station,
    synthetic,
    tiny_engine,
)
from gonogo.tests.vendors.hailo_fake.fixture import PATH
from gonogo.tests.vendors.hailo_fake.hef import compiled

if TYPE_CHECKING:
    from pathlib import Path

SEALS = Seals(b"a secret of this boot")
RECIPE = {"number": 2, "name": "nuts", "view": ({"name": "bolt", "engine": {"bundle": "nut"}},)}


def test_table_without_engines_is_what_it_was(tmp_path: Path) -> None:
    """One place, no patience for a host that waits."""
    engine = {"model": tiny_engine(tmp_path / "top.onnx")}
    view = {"name": "top", "camera": synthetic(), "engine": engine}
    plan = supervisor_plan(small_station(tmp_path, view))
    assert [row.name for row in plan.rows] == ["records", "engine A", "line"]
    row = plan.rows[1]
    assert (row.limit_ms, row.start_limit_s) == (2 * 150.0 + 100, 60.0)
    # whoever loads no engine has less to do, but the line itself: without it there is no station
    assert plan.rows[2].start_limit_s == 180.0
    assert HostPlan.model_validate_json(row.argument).engines is None


def test_table_with_engines_has_two_places(tmp_path: Path) -> None:
    """A and B differ by their place alone; neither keeps the line from starting."""
    engines = section(tmp_path, load_limit_s=90.0)
    install(engines, bolt(tmp_path), bolt(tmp_path, "nut.gng", name="nut"))
    plan = supervisor_plan(bundled_station(tmp_path, engines, recipe=(RECIPE,)))
    assert [row.name for row in plan.rows] == ["records", "engine A", "line", "engine B", "loader"]
    hosts = plan.rows[1::2]
    one, other = (HostPlan.model_validate_json(row.argument) for row in hosts)
    assert (one.place, other) == (0, one.model_copy(update={"place": 1}))
    assert (one.views[0].bundle, one.recipes[2][0].bundle) == ("bolt", "nut")
    assert one.engines == engines
    for row in hosts:
        assert (row.required, row.start_limit_s) == (False, 90.0)
    # parts wait for the first one's load, and for nothing of the other's
    assert [row.early for row in plan.rows] == [False, True, False, False, False]


def test_table_has_one_process_for_a_device_that_only_one_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the backend that the file names, or that a bundle may run in; where its package is."""
    engines = section(tmp_path)
    hef = compiled(tiny_engine(tmp_path / "chip.onnx"))
    forms = {"onnxruntime": facts(RED), "hailo": facts(RED)}
    install(engines, bolt(tmp_path, backends=forms, further={"hailo": hef}))
    in_two = ["records", "engine A", "line", "engine B", "loader"]
    for backend, package, names in (
        ("auto", True, ["records", "engine A", "line", "loader"]),
        ("hailo", True, ["records", "engine A", "line", "loader"]),
        ("onnxruntime", True, in_two),
        ("auto", False, in_two),
    ):
        with monkeypatch.context() as patch:
            if package:
                patch.syspath_prepend(str(PATH))
            plan = supervisor_plan(bundled_station(tmp_path, engines, backend=backend))
        assert [row.name for row in plan.rows] == names, (backend, package)
        in_one = plan.rows[1].module == "gonogo.engines.serving.shared_host"
        assert in_one == (len(names) == 4)
        assert ("engine-b-kill" in plan.refused_faults) == in_one
        assert plan.rows[1].start_limit_s == engines.load_limit_s


def test_table_gives_the_line_the_strictest_limits_of_any_backend(tmp_path: Path) -> None:
    """Until the host says which backend serves; a backend that is named has its own."""
    engines = section(tmp_path)
    both = {
        "onnxruntime": facts((255.0, 255.0), recheck_above=240.0),
        "openvino": facts((255.0, 255.0), recheck_above=200.0).model_copy(
            update={"reject_above": 260.0}
        ),
        "tensorrt": facts((255.0, 255.0), recheck_above=1.0),
    }
    path = bolt(tmp_path, backends=both, further={"tensorrt": tiny_engine(tmp_path / "rt.onnx")})
    install(engines, path)
    station = bundled_station(tmp_path, engines)
    chosen, engine = engines_of(station), station.view[0].engine
    assert engine is not None
    limits = {
        backend: limits_of(engine.model_copy(update={"backend": backend}), chosen)
        for backend in ("auto", "onnxruntime", "openvino")
    }
    found = {name: (its.recheck_above, its.reject_above) for name, its in limits.items() if its}
    assert found == {
        # the box has no such device, and nobody has looked yet
        "auto": (1.0, 252.0), "onnxruntime": (240.0, 252.0), "openvino": (200.0, 260.0),
    }  # fmt: skip
    line = supervisor_plan(station).rows[2]
    assert LinePlan.model_validate_json(line.argument).limits == (limits["auto"],)


def test_table_refuses_a_bundle_that_no_backend_here_can_run(tmp_path: Path) -> None:
    """The station file wants another backend than the bundle is for."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    station = bundled_station(tmp_path, engines)
    engine = station.view[0].engine
    assert engine is not None
    with pytest.raises(ModelError, match="it is for onnxruntime, expected openvino"):
        limits_of(engine.model_copy(update={"backend": "openvino"}), engines_of(station))


def test_table_is_adopted_though_another_version_is_active(tmp_path: Path) -> None:
    """A supervisor that starts again after an exchange finds its own processes; a changed
    station file does not.
    """  # noqa: D205 - one sentence
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    station = bundled_station(tmp_path, engines)
    before = supervisor_plan(station)
    strict = facts((255.0, 255.0), recheck_above=10.0)
    install(engines, bolt(tmp_path, "b.gng", version="2.0.0", backends={"onnxruntime": strict}))
    after = supervisor_plan(station)
    assert after.rows[2].argument != before.rows[2].argument
    assert after.digest(SEALS) == before.digest(SEALS)
    changed = station.model_copy(
        update={"station": station.station.model_copy(update={"budget_ms": 60.0})}
    )
    assert supervisor_plan(changed).digest(SEALS) != before.digest(SEALS)


def test_table_needs_every_engine_that_a_recipe_names(tmp_path: Path) -> None:
    """Missed at the start, not when the recipe is asked for."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    with pytest.raises(EngineNotInstalled, match="nut"):
        supervisor_plan(bundled_station(tmp_path, engines, recipe=(RECIPE,)))


def test_table_sums_up_all_that_judges_in_each_recipe(tmp_path: Path) -> None:
    """D8 at the PLC: station file, card, model and learnt image, each alone; and nothing else."""
    model, image = tiny_engine(tmp_path / "top.onnx", 1.06), tmp_path / "p.png"
    keys = {"method": "golden", "image": image, "learn_from": tmp_path / "good", "high": 50.0}
    rule = {"kind": "presence", "name": "p"} | keys
    view = {"name": "top", "engine": {"model": model}, "rule": (rule,)}
    other = view | {"rule": (rule | {"high": 60.0},)}
    recipe = {"number": 2, "name": "other", "view": (other,)}
    station = small_station(tmp_path, view | {"camera": synthetic()}, recipe=(recipe,))
    origin = UNKNOWN

    def learn_from(*seeds: int) -> None:
        (tmp_path / "good").mkdir(exist_ok=True)
        for path in (tmp_path / "good").iterdir():
            path.unlink()
        for seed in seeds:
            camera = SyntheticSection.model_validate(synthetic(seed=seed))
            (frame,) = render_good(camera, 1)
            cv2.imwrite(str(tmp_path / "good" / f"{seed}.png"), frame)
        learnt = PresenceSection.model_validate(rule)
        learnt.prepare(station.view[0].camera.geometry, tmp_path, "exact", again=True)

    def word(number: int = 1) -> int:
        row = supervisor_plan(station, origin=origin).rows[2]
        plan = LinePlan.model_validate_json(row.argument)
        return judging_of(plan, number, bind(plan.station)).policy.word

    learn_from(1)
    words = [word(), word(2)]
    assert word() == words[0]
    origin = origin._replace(sha256="of another file that says the same")
    words.append(word())
    card = read_card(model)
    for change in ({"reject_above": 9.06}, {"proven": ("onnxruntime",)}):
        write_card(model, card.model_copy(update=change))
        words.append(word())
    tiny_engine(model, 1.06, 8)
    words.append(word())
    learn_from(1, 2)
    words.append(word())
    assert len(set(words)) == len(words), words


def test_table_names_rules_in_the_records_so_that_none_is_taken_for_another(
    tmp_path: Path,
) -> None:
    """With their view where two views have a rule of one name; recipes as well."""
    side, top = ({"name": name, "camera": synthetic(), "rule": (DIAMETER,)} for name in "ab")
    gap = top | {"rule": (DIAMETER, DIAMETER | {"name": "gap"})}
    recipe = {"number": 2, "name": "nuts", "view": [_judged(top), _judged(side)]}
    plan = supervisor_plan(small_station(tmp_path, side, gap, recipe=(recipe,)))
    records = RecordsPlan.model_validate_json(plan.rows[0].argument)
    assert records.rules == ("a/diameter", "b/diameter", "gap")
    assert records.units == ("mm",) * 3
    assert records.recipes == {2: (("a/diameter", "b/diameter"), ("mm", "mm"))}


def _judged(view: dict[str, Any]) -> dict[str, Any]:
    """What judges a view, as a recipe says it."""
    return {"name": view["name"], "rule": view["rule"]}


def test_table_s_journal_says_what_records_must_know(tmp_path: Path) -> None:
    """Labels and the place of the database: all that rows are made with."""
    station = small_station(tmp_path)
    plan = supervisor_plan(station)
    about = journal_about(plan)
    assert Labels.read(about) == (("top",), ("diameter",), ("mm",), {})
    assert json.loads(about)["path"] == str(station.records.path)
    assert plan.rows[0].aftercare == "gonogo.records.salvage"


def test_table_waits_for_a_camera_as_long_as_its_device_may_block(tmp_path: Path) -> None:
    """And for a part's frame besides; its heart is given time."""
    camera = {"driver": "folder", "folder": tmp_path, "width_px": 64, "height_px": 64}
    view = {"name": "top", "camera": camera | {"pause_ms": 4000}, "rule": (DIAMETER,)}
    station = small_station(tmp_path, view)
    rows = {row.name: row for row in supervisor_plan(station).rows}
    blocks_ms, frame_ms, heart_ms = 6000, 150.0 / CAMERA_SHARE, 100
    assert rows["camera top"].limit_ms == blocks_ms + frame_ms + heart_ms


def test_table_keeps_a_log_where_the_file_says_where(tmp_path: Path) -> None:
    """A process of its own, the first: it is stopped last, with all that the others said."""
    station = small_station(tmp_path)
    wanted = LogSection(path=tmp_path / "log.jsonl", file_mb=2.0, files=3)
    plan = supervisor_plan(station.model_copy(update={"log": wanted}))
    assert [row.name for row in plan.rows][:2] == ["log", "records"]
    assert plan.log == wanted
    told = LogPlan.model_validate_json(plan.rows[0].argument)
    assert told == LogPlan(
        station=station.station.name, path=tmp_path / "log.jsonl", file_mb=2.0, files=3
    )
    assert "log" not in [row.name for row in supervisor_plan(station).rows]
