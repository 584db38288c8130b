"""The station files for real parts: rules and INT8 engine together, on every test image once.

Limits come from train/good; the images are read in place and are no part of the project.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from gonogo.base.images import list_images, read_image
from gonogo.base.scores import ScoreLimits
from gonogo.base.words import Score, VerdictKind, ViewCapture
from gonogo.build.prepare import prepare_view
from gonogo.config.station import load_station
from gonogo.config.view_limits import limits_of
from gonogo.drivers.cameras.replay import ReplaySection
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.rules.ruleset import RuleSet
from gonogo.runtime.decide import Policy, decide

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"


class Judged(NamedTuple):
    """Accepted parts and all parts, by the name of the folder that says what they are."""

    accepted: dict[str, int]
    parts: dict[str, int]


def judge_all(name: str, folder: Path) -> Judged:
    """Judge the test images of a station as the line would, without pacing and PLC."""
    if not (DATA / name).is_dir() or not (DATA / "models").is_dir():
        pytest.skip(f"../shared/data/{name} or ../shared/data/models is not there")
    station = load_station(ROOT / "stations" / f"{name}.toml")
    view = station.view[0]
    camera, engine = view.camera, view.engine
    assert isinstance(camera, ReplaySection)
    assert engine is not None
    prepare = engine.prepare
    assert prepare is not None
    assert prepare.good is not None
    engine = engine.model_copy(update={"model": folder / "engine.onnx"})
    prepare_view(engine, camera.geometry, prepare.good, lambda *_: None)
    limits = limits_of(engine)
    assert limits is not None
    known = (ScoreLimits(limits.recheck_above, limits.reject_above),)
    policy = Policy(known, station.station.engineless)
    rules = RuleSet([view.rule], [camera.geometry], Path())
    backend = open_backend("onnxruntime", engine.file, camera.geometry, 1)
    pixels, outputs = np.empty(camera.geometry.shape, np.uint8), result_arrays()
    backend.bind(0, pixels, outputs)
    found = Judged({}, {})
    for path in list_images(camera.folder):
        np.copyto(pixels, read_image(path, camera.geometry, camera.fit))
        backend.run(0)
        score = Score(0, float(outputs.score[0]), 0, 0, 0)
        verdict = decide([ViewCapture(0, 0, 0)], rules.check([pixels]), [score], policy, late=False)
        label = path.parent.name
        found.parts[label] = found.parts.get(label, 0) + 1
        found.accepted[label] = found.accepted.get(label, 0) + (verdict.kind is VerdictKind.ACCEPT)
    backend.close()
    return found


def test_toy_aliens_station_rejects_no_good_part_and_passes_few_broken_ones(
    tmp_path: Path,
) -> None:
    """Overkill 0 of 14, escape at most a tenth of the broken ones."""
    found = judge_all("toy_aliens", tmp_path)
    assert (found.accepted["good"], found.parts["good"]) == (14, 14)
    assert found.accepted["broken"] <= 0.1 * found.parts["broken"]


def test_screws_station_passes_hardly_a_missing_screw(tmp_path: Path) -> None:
    """Escape at most 2 %, at most 1 of 6 good blocks rejected."""
    found = judge_all("screws", tmp_path)
    assert found.accepted["missing_screw"] <= 0.02 * found.parts["missing_screw"]
    assert found.accepted["good"] >= found.parts["good"] - 1


def test_magnetic_tile_station_passes_good_tiles(tmp_path: Path) -> None:
    """The engine alone, by its worst class: its limits from train/good reject few good tiles."""
    found = judge_all("magnetic_tile", tmp_path)
    bad = sum(found.parts.values()) - found.parts["good"]
    passed = sum(found.accepted.values()) - found.accepted["good"]
    assert found.accepted["good"] >= 0.95 * found.parts["good"]
    assert passed <= 0.7 * bad  # the card's own limit detects 38 to 40 % in this image size
