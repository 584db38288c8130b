"""A score of goodness becomes one of badness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.exports.turned import turned
from gonogo.build.proof import judge
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import good_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAMES = [good_part(k, made.SIDE) for k in range(4)]


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("make", [made.ultralytics, made.efficient_ad])
def test_turned_turns_score_and_map(
    tmp_path: Path, make: Callable[[Path], Path], *, shares: bool
) -> None:
    """1 - s or -s, of what ONNX Runtime computes of the model before."""
    path = make(tmp_path / "m.onnx")
    path.write_bytes(adopt(path, Options()).ways[FOLDED])
    before = judge(path, "onnxruntime", FRAMES)
    path.write_bytes(turned(path.read_bytes(), shares=shares))
    after = judge(path, "onnxruntime", FRAMES)
    whole = 1 if shares else 0
    assert after.scores == pytest.approx(whole - before.scores, abs=1e-6)
    assert np.allclose(after.maps, whole - before.maps, atol=1e-6)


def test_turned_takes_the_least_good_place_of_a_map(tmp_path: Path) -> None:
    """Where the export has no score of its own."""
    path = made.padim(tmp_path / "m.onnx")
    path.write_bytes(adopt(path, Options(pixels="imagenet")).ways[FOLDED])
    before = judge(path, "onnxruntime", FRAMES)
    path.write_bytes(turned(path.read_bytes(), shares=False))
    after = judge(path, "onnxruntime", FRAMES)
    assert after.scores == pytest.approx(-before.maps.min(axis=1), rel=1e-5)
