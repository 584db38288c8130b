"""What judges, in numpy and as ONNX."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.proof import judge
from gonogo.build.teaching.bank import learn_bank
from gonogo.build.teaching.eyes import Eyes
from gonogo.build.teaching.filters import even_gains, filters_model
from gonogo.build.teaching.head import Head, engine_model
from gonogo.build.teaching.whitening import Rule
from gonogo.engines.backends.backend import Shapes
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.parts import bad_part, good_part

if TYPE_CHECKING:
    from pathlib import Path

EYES = filters_model(even_gains())


@pytest.fixture(scope="module")
def head() -> Head:
    """A bank of four plates, and places of which the left ones are usually far."""
    eyes = Eyes(EYES)
    features = np.array([eyes.see(good_part(k, 256)) for k in range(4)])
    uneven = np.linspace(2.0, 0.5, 32, dtype=np.float32)[None].repeat(32, axis=0)
    return Head(learn_bank(features, Rule(alike=False, floor=2.0)), uneven)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("by_place", [True, False])
def test_head_in_the_graph_is_the_head_in_numpy(
    tmp_path: Path, head: Head, backend: str, *, by_place: bool
) -> None:
    """Score, map and embedding of parts that are not in the bank, in every backend."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    wanted = head if by_place else head._replace(usual=None)
    path = tmp_path / "engine.onnx"
    path.write_bytes(engine_model(EYES, wanted, 32))
    assert open_model(path).shapes == Shapes(32, 32, 64)
    frames = [good_part(20, 256), bad_part(21, 256)]
    eyes = Eyes(EYES)
    features = np.array([eyes.see(frame) for frame in frames])
    said = judge(path, backend, frames)
    assert said.maps.reshape(2, 32, 32) == pytest.approx(wanted.maps(features), abs=3e-3)
    assert said.scores == pytest.approx(wanted.scores(features), abs=3e-3)
    rows = features.reshape(2, len(features[0]), -1).transpose(0, 2, 1)
    white = wanted.bank.whitening.of(rows).mean(axis=1)
    assert said.embeddings == pytest.approx(white, abs=3e-3)


def test_head_divides_by_what_is_usual_at_a_place(head: Head) -> None:
    """A distance where parts differ anyway counts less than one where they never do."""
    features = Eyes(EYES).see(bad_part(21, 256))[None]
    plain = head._replace(usual=None).maps(features)[0]
    divided = head.maps(features)[0]
    assert divided[:, 0] == pytest.approx(plain[:, 0] / 2.0, rel=1e-5)
    assert divided[:, -1] == pytest.approx(plain[:, -1] * 2.0, rel=1e-5)
