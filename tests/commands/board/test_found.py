"""All of a box together: which parts are told, what a station needs, and what is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gonogo.commands.board.ask_driver import CATALOGUES, answer_of
from gonogo.commands.board.found import Needs, as_json, find
from gonogo.commands.board.lack import ALL
from gonogo.config.station import load_station
from gonogo.tests.commands.board import boxes

DEMO = Path(__file__).parents[3] / "stations" / "demo.toml"
NOTHING = Needs()


def backend(name: str) -> Needs:
    """Of a station whose file names that backend."""
    return Needs((("backend", name), ("camera", "synthetic")))


def test_plain_pc_is_told_nothing_of_accelerators(tmp_path: Path) -> None:
    """Nothing there says that it should have one."""
    found = find(boxes.pc(tmp_path), NOTHING)
    assert (found.jetpack, found.cuda, found.hailo, found.lacks) == (None, None, None, ())
    assert found.complete() == ["onnxruntime", "openvino"]


@pytest.mark.parametrize("name", ["tensorrt", "hailo"])
def test_station_that_needs_an_accelerator_lacks_it(tmp_path: Path, name: str) -> None:
    """Also on a box where nothing says that it should have one."""
    found = find(boxes.pc(tmp_path), backend(name))
    assert found.lacking(backend(name))
    assert found.lacking(backend("onnxruntime")) == []
    assert name not in found.complete()


def test_jetson_and_hailo_that_are_whole_are_complete(tmp_path: Path) -> None:
    """For the backends that they were bought for."""
    whole = {"tensorrt": "10.3.0", "cuda.bindings.driver": "12.9.4"}
    found = find(boxes.orin_nano(tmp_path / "orin", **whole), backend("tensorrt"))
    assert found.complete() == ["onnxruntime", "openvino", "tensorrt"]
    assert found.lacking(backend("tensorrt")) == []
    found = find(boxes.pi5(tmp_path / "pi"), backend("hailo"))
    assert found.complete() == ["onnxruntime", "openvino", "hailo"]


def test_timing_alone_keeps_no_station_from_its_work(tmp_path: Path) -> None:
    """It is told, with the commands."""
    box = boxes.pc(tmp_path)._replace(realtime=lambda: False)
    found = find(box, backend("onnxruntime"))
    (lack,) = found.lacks
    assert "real time" in lack.what
    assert any("rtprio 99" in command for command in lack.commands)
    assert found.lacking(backend("onnxruntime")) == []


@pytest.mark.parametrize(
    ("python", "libc", "text"),
    [
        ("3.9.18", "2.35", "Python 3.9.18, expected 3.10 to 3.13"),
        ("3.14.0", "2.41", "Python 3.14.0, expected 3.10 to 3.13"),
        ("3.10.12", "2.31", "glibc 2.31, expected 2.35 or newer"),
    ],
)
def test_ground_that_does_not_carry_us_is_told(
    tmp_path: Path, python: str, libc: str, text: str
) -> None:
    """Whatever the station names; nothing is complete then."""
    found = find(boxes.orin_nano(tmp_path)._replace(python=python, libc=libc), NOTHING)
    assert next(each.what for each in found.lacks if each.needed_by == ALL).startswith(text)
    assert found.lacking(NOTHING)
    assert found.complete() == []


def test_runtime_that_is_broken_is_installed_again(tmp_path: Path) -> None:
    """Pip would leave one that is there as it is."""
    broken = {"error": "ImportError: undefined symbol: x"}
    found = find(boxes.pc(tmp_path / "one", openvino=broken), NOTHING)
    (lack,) = found.lacks
    assert "cannot be used: ImportError: undefined symbol: x" in lack.what
    assert lack.commands == (f"{boxes.VENV} -m pip install --force-reinstall --no-deps openvino",)
    absent = {"error": "ModuleNotFoundError: No module named 'openvino'"}
    (lack,) = find(boxes.pc(tmp_path / "two", openvino=absent), NOTHING).lacks
    assert lack.commands == (f"{boxes.VENV} -m pip install 'gonogo[openvino]'",)


def test_driver_that_a_station_names_is_tried(tmp_path: Path) -> None:
    """With the command that the catalogue has for it."""
    said = "GN121: camera driver 'basler': No module named 'pypylon'; pip install 'gonogo[basler]'"
    box = boxes.pc(tmp_path, **{"driver basler": {"error": said}})
    needs = Needs((("camera", "basler"), ("plc", "s7")))
    (lack,) = find(box, needs).lacking(needs)
    assert lack.needed_by == "basler"
    assert lack.what == "GN121: camera driver 'basler': No module named 'pypylon'"
    assert lack.commands == (f"{boxes.VENV} -m pip install 'gonogo[basler]'",)


def test_child_tells_a_driver_that_cannot_be_had() -> None:
    """And says nothing of one that can."""
    assert answer_of("camera", "synthetic") == {}
    assert "no-such" in answer_of("camera", "no-such")["error"]


def test_needs_are_those_of_the_station_file() -> None:
    """Each of a kind that the child knows; "auto" is none."""
    needs = Needs.of(load_station(DEMO))
    assert set(needs.drivers) == {
        ("camera", "synthetic"), ("plc", "modbus-client"), ("trigger", "plc"),
    }  # fmt: skip
    assert {kind for kind, _ in needs.drivers} <= set(CATALOGUES)
    assert needs.backends == set()


def test_needs_hold_the_engines_of_all_views_and_recipes() -> None:
    """One that comes into force with a recipe is needed, too."""
    station = load_station(DEMO)
    (view,) = station.view
    assert view.engine is not None
    engine = view.engine.model_copy(update={"backend": "openvino"})
    changed = station.model_copy(update={"view": (view.model_copy(update={"engine": engine}),)})
    assert Needs.of(changed).backends == {"openvino"}


def test_engine_that_is_for_one_backend_alone_needs_it() -> None:
    """A bundle with a HEF alone, in a station that says "auto"; one for two leaves the choice."""
    station = load_station(DEMO.with_name("pi-hailo.toml"))
    assert Needs.of(station).backends == set()
    assert Needs.of(station, {"bolt": {"hailo"}}).backends == {"hailo"}
    assert Needs.of(station, {"bolt": {"onnxruntime", "tensorrt"}}).backends == set()
    assert Needs.of(station, {"another": {"hailo"}}).backends == set()


@pytest.mark.parametrize("kind", ["orin_nano", "pi5", "pc"])
def test_json_holds_all_of_a_box(tmp_path: Path, kind: str) -> None:
    """For a program; what is unknown is null, and nothing is a text of Python's."""
    found = find(getattr(boxes, kind)(tmp_path), NOTHING)
    told: dict[str, Any] = json.loads(json.dumps(as_json(found, NOTHING)))
    assert told["machine"]["kind"] == found.machine.kind
    assert told["runtimes"]["onnxruntime"]["version"] == found.runtimes["onnxruntime"].version
    assert (told["nvidia"] is None) == (found.cuda is None)
    assert (told["hailo"] is None) == (found.hailo is None)
    assert len(told["lacks"]) == len(found.lacks)
    assert "Package(" not in json.dumps(told)
