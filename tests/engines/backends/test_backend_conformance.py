"""What every inference backend must do, run over each one that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto

from gonogo.base.errors import ModelError, UnknownDriver
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import BACKEND_NAMES
from gonogo.engines.backends.backend import Outputs, Shapes, file_role_of
from gonogo.engines.backends.catalogue import BACKENDS, open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.bundles.manifest import FILE_OF, ROLES
from gonogo.ipc.frame_ring import FrameRing
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Backend

FRAME = FrameShape(16, 16, 3)


def _present(name: str) -> object:
    missing = find_spec(name) is None
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=f"{name} is not installed"))


every_backend = pytest.mark.parametrize("name", [_present(name) for name in BACKENDS])


def _bound(
    name: str, model: Path, pixels: NDArray[np.uint8], slot: int = 0
) -> tuple[Backend, Outputs]:
    channels = 1 if pixels.ndim == 2 else 3
    height_px, width_px = pixels.shape[:2]
    backend = open_backend(name, model, FrameShape(height_px, width_px, channels), 1)
    outputs = result_arrays()
    backend.bind(slot, pixels, outputs)
    return backend, outputs


def _noise(seed: int = 5) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 200, FRAME.shape, np.uint8)


@every_backend
def test_backend_writes_score_map_and_embedding(name: str, tmp_path: Path) -> None:
    """All three outputs are those of the very frame."""
    pixels = _noise()
    pixels[3, 4, 2] = 250
    backend, outputs = _bound(name, tiny.brightest(tmp_path / "m.onnx"), pixels)
    backend.run(0)
    assert backend.shapes == Shapes(16, 16, 3)
    assert outputs.score[0] == 250
    assert np.array_equal(outputs.anomaly_map[:256].reshape(16, 16), pixels[:, :, 2])
    means = pixels.reshape(-1, 3).mean(axis=0)[::-1]
    assert outputs.embedding[:3] == pytest.approx(means, rel=1e-5)


@every_backend
def test_backend_reads_the_slot_anew_each_time(name: str, tmp_path: Path) -> None:
    """Bound once, the memory is rewritten and judged again, without binding again."""
    pixels = np.zeros(FRAME.shape, np.uint8)
    backend, outputs = _bound(name, tiny.brightest(tmp_path / "m.onnx"), pixels)
    seen = []
    for value in (10, 200, 30):
        pixels.fill(value)
        backend.run(0)
        seen.append(outputs.score[0])
    assert seen == [10, 200, 30]


@every_backend
def test_backend_keeps_slots_apart(name: str, tmp_path: Path) -> None:
    """Each slot has its own input and its own outputs."""
    backend = open_backend(name, tiny.brightest(tmp_path / "m.onnx"), FRAME, 1)
    outputs = [result_arrays() for _ in range(3)]
    for slot, out in enumerate(outputs):
        backend.bind(slot, np.full(FRAME.shape, 10 * slot + 10, np.uint8), out)
    for slot in (2, 0, 1, 0):
        backend.run(slot)
    assert [out.score[0] for out in outputs] == [10, 20, 30]
    assert [out.anomaly_map[0] for out in outputs] == [10, 20, 30]


@every_backend
def test_backend_leaves_the_frame_and_the_rest_of_the_area_alone(name: str, tmp_path: Path) -> None:
    """The frame is not written, nor is what lies behind the map and the embedding."""
    pixels = _noise()
    before = pixels.copy()
    backend, outputs = _bound(name, tiny.brightest(tmp_path / "m.onnx"), pixels)
    outputs.anomaly_map[256:] = -7
    outputs.embedding[3:] = -7
    backend.run(0)
    assert np.array_equal(pixels, before)
    assert (outputs.anomaly_map[256:] == -7).all()
    assert (outputs.embedding[3:] == -7).all()


@every_backend
def test_backend_writes_into_the_shared_ring(name: str, tmp_path: Path, station: str) -> None:
    """Bound to a ring slot, the result is in the segment itself: another mapping reads it."""
    ring = FrameRing.create(station, 0, FRAME, 2)
    slot = ring.slots[1]
    result = slot.results[0]
    backend = open_backend(name, tiny.brightest(tmp_path / "m.onnx"), FRAME, 1)
    backend.bind(1, slot.pixels, Outputs(result.score, result.map, result.embedding))
    slot.pixels.fill(77)
    backend.run(1)
    other = FrameRing.attach(station, 0, FRAME)
    assert other.slots[1].results[0].score[0] == 77
    assert other.slots[1].results[0].map[255] == 77
    backend.close()


@every_backend
def test_backend_takes_the_worst_class(name: str, tmp_path: Path) -> None:
    """Of three class scores the largest is the score, and of their maps the map."""
    pixels = np.zeros(FRAME.shape, np.uint8)
    pixels[0, 0] = (90, 20, 10)
    pixels[0, 1] = (5, 60, 7)
    backend, outputs = _bound(name, tiny.classes(tmp_path / "m.onnx", 16), pixels)
    backend.run(0)
    assert outputs.score[0] == 90
    assert outputs.anomaly_map[:2] == pytest.approx([90, 60])


@every_backend
def test_backend_pools_a_large_map_by_its_worst(name: str, tmp_path: Path) -> None:
    """Each cell of the smaller map is the worst of the square that it stands for."""
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[99, 98] = 80
    pixels[2, 5] = 40
    backend, outputs = _bound(name, tiny.classes(tmp_path / "m.onnx", 100), pixels)
    backend.run(0)
    small = outputs.anomaly_map[: 50 * 50].reshape(50, 50)
    assert (small[49, 49], small[1, 2]) == (80, 40)
    assert np.count_nonzero(small) == 2


@every_backend
def test_backend_does_not_hide_a_score_that_is_no_number(name: str, tmp_path: Path) -> None:
    """Not a number comes out as it is: the line must not take it for a score."""
    backend, outputs = _bound(name, tiny.undefined(tmp_path / "m.onnx"), _noise())
    outputs.score[0] = 1.0
    backend.run(0)
    assert np.isnan(outputs.score[0])


@every_backend
def test_backend_gives_the_same_score_every_time(name: str, tmp_path: Path) -> None:
    """The same frame gives bit-identical results, in any slot."""
    backend = open_backend(name, tiny.filters(tmp_path / "m.onnx"), FrameShape(90, 80, 3), 1)
    pixels = np.random.default_rng(1).integers(0, 256, (90, 80, 3), np.uint8)
    outputs = [result_arrays() for _ in range(2)]
    for slot, out in enumerate(outputs):
        backend.bind(slot, pixels.copy(), out)
    scores = set()
    for k in range(10):
        backend.run(k % 2)
        scores.add(float(outputs[k % 2].score[0]))
    assert len(scores) == 1


@every_backend
def test_backend_takes_float_models_and_grey_frames(name: str, tmp_path: Path) -> None:
    """A float32 model gets 0 .. 255 in all planes from a grey frame."""
    model = tiny.brightest(tmp_path / "m.onnx", dtype=TensorProto.FLOAT)
    backend, outputs = _bound(name, model, np.full((16, 16), 123, np.uint8))
    backend.run(0)
    assert outputs.score[0] == 123
    assert outputs.embedding[:3] == pytest.approx([123, 123, 123])


@every_backend
def test_backend_refuses_a_bad_model(name: str, tmp_path: Path) -> None:
    """What is no model is refused when it is loaded, not when it is run."""
    path = tmp_path / "m.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(ModelError):
        open_backend(name, path, FRAME, 1)


@every_backend
def test_backend_leaves_the_arithmetic_of_its_process_alone(name: str, tmp_path: Path) -> None:
    """No runtime may switch on flushing of small numbers for the thread that calls it."""
    backend, _ = _bound(name, tiny.brightest(tmp_path / "m.onnx"), _noise())
    backend.run(0)
    smallest = np.full(4, 5e-324)
    assert (smallest * np.ones(4) > 0).all()


@every_backend
def test_backend_closes_twice(name: str, tmp_path: Path) -> None:
    """Closing is idempotent."""
    backend = open_backend(name, tiny.brightest(tmp_path / "m.onnx"), FRAME, 1)
    backend.close()
    backend.close()


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
def test_backends_agree_on_a_float_model(tmp_path: Path) -> None:
    """Two runtimes score the same frame alike to within float rounding."""
    model = tiny.filters(tmp_path / "m.onnx")
    pixels = np.random.default_rng(2).integers(0, 256, (90, 80, 3), np.uint8)
    scores = []
    for name in BACKENDS:
        backend, outputs = _bound(name, model, pixels)
        backend.run(0)
        scores.append(outputs.score[0])
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


def test_open_backend_names_the_known_ones(tmp_path: Path) -> None:
    """A backend that no table holds is answered with those that are."""
    with pytest.raises(UnknownDriver, match="known: onnxruntime, openvino"):
        open_backend("abacus", tmp_path / "m.onnx", FRAME, 1)


def test_each_backend_has_a_bit_in_shared_memory() -> None:
    """The line reads which ones serve without knowing what they are."""
    assert BACKENDS.names[: len(BACKEND_NAMES)] == BACKEND_NAMES


@every_backend
def test_backend_opens_the_file_that_a_bundle_must_have_for_it(name: str) -> None:
    """What the backend says of itself and what the format wants of a bundle is one role."""
    wanted: dict[str, str] = {str(known): role for known, role in FILE_OF.items()}
    role = file_role_of(BACKENDS.load(name))
    assert role == wanted.get(name, role), "one of another package is named by no bundle"
    assert role in ROLES
