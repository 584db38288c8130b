"""A bundle's own frames: an engine that does not score as its maker saw it is not served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BackendError
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.serving.golden import prove
from gonogo.tests.engines import tiny
from gonogo.tests.engines.bundles.parcels import frames
from gonogo.tests.engines.serving.places import RED, facts

if TYPE_CHECKING:
    from pathlib import Path


def test_prove_scores_frames_of_the_model_s_size_whatever_the_camera_s(tmp_path: Path) -> None:
    """The backend is bound to another geometry, and goes on judging its frames."""
    camera = FrameShape(64, 48, 1)
    backend = open_backend("onnxruntime", tiny.brightest(tmp_path / "m.onnx"), camera, 1)
    pixels, outputs = np.full(camera.shape, 90, np.uint8), result_arrays()
    backend.bind(0, pixels, outputs)
    assert prove(backend, 7, np.array(frames()), facts(RED)) == RED
    backend.run(0)
    assert outputs.score[0] == 90.0


@pytest.mark.parametrize("wrong", [(0.0, 0.0), (RED[0], RED[1] * 1.05), (RED[0] * 0.95, RED[1])])
def test_prove_refuses_other_scores(tmp_path: Path, wrong: tuple[float, float]) -> None:
    """One frame outside of the tolerance is enough; both are said."""
    backend = open_backend(
        "onnxruntime", tiny.brightest(tmp_path / "m.onnx"), FrameShape(16, 16, 3), 1
    )
    with pytest.raises(BackendError, match=f"score {RED[0]:g}, {RED[1]:g}, expected {wrong[0]:g}"):
        prove(backend, 0, np.array(frames()), facts(wrong))


def test_prove_refuses_scores_that_are_no_numbers(tmp_path: Path) -> None:
    """Not a number is near to nothing."""
    backend = open_backend(
        "onnxruntime", tiny.undefined(tmp_path / "m.onnx"), FrameShape(16, 16, 3), 1
    )
    with pytest.raises(BackendError, match="score nan, nan"):
        prove(backend, 0, np.array(frames()), facts(RED))
