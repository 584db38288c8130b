"""What taught engines find, in figures: the splits, the rows, what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BuildError
from gonogo.base.scores import ScoreLimits
from gonogo.build.limits import auroc
from gonogo.build.proof import score
from gonogo.build.teachtable import Caught, Draw, Wanted, caught, measure, read_tests, reviewed
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.parts import quiet, save_good, save_parts
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

rng = np.random.default_rng(9)
KNOWN, GOOD = np.exp(rng.normal(0, 0.1, 30)), np.exp(rng.normal(0, 0.1, 20))


def test_caught_counts_each_verdict() -> None:
    """Of two bad parts one rejected and one rechecked, of four good ones one each."""
    limits = ScoreLimits(1.0, 2.0)
    found = caught(limits, np.array([0.5, 0.9, 1.5, 3.0]), np.array([1.5, 2.5]))
    assert found == Caught(rejected=0.5, found=1.0, overkill=0.25, rechecked=0.25)


def test_reviewed_finds_what_is_far_off_and_not_what_is_hidden() -> None:
    """The same seed gives the same figures."""
    far, hidden = np.full(40, 9.0), np.exp(rng.normal(0, 0.1, 40))
    found = reviewed(KNOWN, GOOD, far, 1)
    assert found.found == found.rejected == 1
    assert found.overkill < 0.1
    assert reviewed(KNOWN, GOOD, hidden, 1).found < 0.3
    assert reviewed(KNOWN, GOOD, far, 1) == found


def test_draw_is_a_sample_that_comes_again(tmp_path: Path) -> None:
    """All parts at first; then about two thirds of them, by seed and number."""
    images = [tmp_path / f"{k}.png" for k in range(60)]
    assert Draw(5, 0).of(images) == images
    one = Draw(5, 1).of(images)
    assert 25 < len(one) < 50
    assert set(one) < set(images)
    assert one == Draw(5, 1).of(images) != Draw(5, 2).of(images)


def test_measure_has_a_row_for_each_model_of_the_set(tmp_path: Path) -> None:
    """One of another maker has no limits here; one of another set has no row."""
    data = tmp_path / "data" / "plates"
    save_good(data / "train" / "good", 8, 64)
    save_parts(data / "test", good=4, bad=4)
    models = tmp_path / "models"
    models.mkdir()
    tiny.filters(models / "plates_other.onnx")
    (models / "plates_other.json").write_text(json.dumps({"dataset": "plates"}))
    tiny.filters(models / "bolts.onnx")
    (models / "bolts.json").write_text(json.dumps({"dataset": "bolts"}))
    (row,) = measure(Wanted(tmp_path / "data", ("plates",), models, methods=()), quiet)
    assert (row.data, row.engine, row.parts, row.good, row.bad) == ("plates", "other", 0, 4, 4)
    _, _, *side = open_model(models / "plates_other.onnx").image.shape
    judged = [
        score(models / "bolts.onnx", "onnxruntime", kind)
        for kind in read_tests(data, (side[0], side[1]), quiet)
    ]
    assert row.auroc == auroc(*judged)
    assert row.day_zero is row.reviewed is None


def test_measure_names_a_set_that_is_not_there(tmp_path: Path) -> None:
    """And those that are."""
    (tmp_path / "plates" / "train" / "good").mkdir(parents=True)
    with pytest.raises(BuildError, match=r"no set bolts.*plates"):
        measure(Wanted(tmp_path, ("bolts",)), quiet)
    with pytest.raises(BuildError, match="no set at all"):
        measure(Wanted(tmp_path / "plates"), quiet)


def test_read_tests_takes_good_and_bad_apart(tmp_path: Path) -> None:
    """By the folder's name, at the size asked for."""
    save_parts(tmp_path / "test", good=3, bad=2)
    tests = read_tests(tmp_path, (32, 48), quiet)
    assert (len(tests.good), len(tests.bad)) == (3, 2)
    assert tests.good[0].shape == (32, 48, 3)
