"""Plans for TensorRT before a station starts, on the stand-ins for CUDA and TensorRT."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.launch.plans import wants_plans
from gonogo.tests.hotstation import HotStation
from gonogo.tests.stations import small_station
from gonogo.tests.vendors.environment import python_with
from gonogo.tests.vendors.installed import CUDA_BINDINGS, HERE, found_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.config.station import Station

SITE = HERE / "tensorrt_fake" / "site"
BUILD = """
import sys
from gonogo.base.errors import GonogoError
from gonogo.config.station import Station
from gonogo.launch.plans import build_plans, wants_plans
station = Station.model_validate_json(sys.argv[1])
assert wants_plans(station)
try:
    build_plans(station, lambda *words: print("begins", *words), print)
except GonogoError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""
HANGS = """
import time
from gonogo.launch import plans
plans.QUIET_S = 1
with plans._bounded(print) as told:
    told("a word")
    time.sleep(60)
"""


class Box:
    """An interpreter that finds the stand-ins, and a folder of plans."""

    def __init__(self, folder: Path) -> None:
        self.python = python_with(folder / "python", CUDA_BINDINGS, SITE)
        self.plans = folder / "plans"

    def ran(
        self, code: str, *words: str, fake: Mapping[str, object] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What became of that, with faults of TensorRT on order."""
        environment = {
            "GONOGO_PLANS": str(self.plans),
            "GONOGO_FAKE_TENSORRT": json.dumps(fake or {}),
        }
        return subprocess.run(
            [self.python, "-I", "-c", code, *words],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A simulated Jetson."""
    return Box(tmp_path)


def two_views(folder: Path) -> Station:
    """Judged by one engine in TensorRT."""
    found = HotStation(folder, backend="tensorrt").station
    other = found.view[0].model_copy(update={"name": "side"})
    return found.model_copy(update={"view": (*found.view, other)})


def test_plan_is_built_before_the_start_and_once(box: Box, tmp_path: Path) -> None:
    """Of two views with one engine it is one; the next start finds it."""
    station = two_views(tmp_path).model_dump_json()
    first = box.ran(BUILD, station)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("begins 1 1 top\nbuilding the plan for TensorRT 10.3.0 on")
    assert "plan built: " in first.stdout
    assert len(list(box.plans.glob("*.plan"))) == 1
    second = box.ran(BUILD, station)
    assert second.returncode == 0
    assert second.stdout.startswith("begins 1 1 top\n")
    assert "plan" not in second.stdout


def test_plan_that_cannot_be_built_is_told_where_nothing_else_may_judge(
    box: Box, tmp_path: Path
) -> None:
    """Under auto another backend judges."""
    station = two_views(tmp_path)
    fails = {"refuses": ["build_serialized_network"]}
    named = box.ran(BUILD, station.model_dump_json(), fake=fails)
    assert "view 'top': no plan: GN373" in named.stdout
    assert named.returncode == 1
    assert "\nPlanNotBuilt: GN373" in named.stderr
    views = [
        view.model_copy(update={"engine": view.engine.model_copy(update={"backend": "auto"})})
        for view in station.view
        if view.engine is not None
    ]
    auto = station.model_copy(update={"view": tuple(views)})
    left = box.ran(BUILD, auto.model_dump_json(), fake=fails)
    assert "no plan: GN373" in left.stdout
    assert left.returncode == 0, left.stderr


def test_build_that_says_nothing_any_more_ends_with_its_process(box: Box) -> None:
    """What hangs in a library takes no word of Python's."""
    ran = box.ran(HANGS)
    assert (ran.returncode, ran.stdout) == (-signal.SIGALRM, "")


def test_plans_are_wanted_where_there_is_a_tensorrt_and_something_for_it(tmp_path: Path) -> None:
    """It is only looked for: a package that ends who imports it is none of a start's affair."""
    station = two_views(tmp_path)
    with found_in(SITE):
        assert wants_plans(station)
        assert not wants_plans(small_station(tmp_path))
        engine = station.view[0].engine
        assert engine is not None
        cpu = engine.model_copy(update={"backend": "openvino"})
        view = station.view[0].model_copy(update={"engine": cpu})
        assert not wants_plans(station.model_copy(update={"view": (view,)}))
