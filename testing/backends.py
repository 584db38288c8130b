"""What every inference backend promises: inherit `BackendContract`, and say its name.

    from gonogo.testing.backends import BackendContract

    class TestMyBackend(BackendContract):
        name = "my-backend"

Backends are loaded through the catalogue, as the engine process does: install your package first.
The models are of a few nodes, so that what comes out is known beforehand (tiny_models.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto

from gonogo.base.errors import ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Shapes, sight_of
from gonogo.engines.backends.catalogue import BACKENDS, open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.testing import tiny_models
from gonogo.testing.memory import growth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Backend, Outputs

    Load = Callable[..., Backend]

FRAME = FrameShape(16, 16, 3)
LARGE = FrameShape(90, 80, 3)
CELLS = FRAME.height_px * FRAME.width_px
UNTOUCHED = -7.0


def noise(seed: int = 5, frame: FrameShape = FRAME) -> NDArray[np.uint8]:
    """A frame of random colours, none of them brighter than 199."""
    return np.random.default_rng(seed).integers(0, 200, frame.shape, np.uint8)


def bound(backend: Backend, pixels: NDArray[np.uint8], slot: int = 0) -> Outputs:
    """Bind a slot; where its results will be."""
    outputs = result_arrays()
    backend.bind(slot, pixels, outputs)
    return outputs


class BackendContract:
    """One backend, loaded by `name` with small models; one test for each promise."""

    name = ""
    relative_error = 1e-5  # of float arithmetic; raise it where the runtime computes in halves

    @pytest.fixture
    def load(self) -> Iterator[Load]:
        """Loads models, and unloads them after the test."""
        loaded: list[Backend] = []

        def load(model: Path, frame: FrameShape = FRAME) -> Backend:
            loaded.append(self.open(model, frame))
            return loaded[-1]

        yield load
        for backend in loaded:
            backend.close()

    @pytest.fixture
    def backend(self, load: Load, tmp_path: Path) -> Backend:
        """One whose score is the brightest red, its map the red plane, its embedding the means."""
        return load(tiny_models.brightest(tmp_path / "brightest.onnx"))

    def open(self, model: Path, frame: FrameShape) -> Backend:
        """Load a model, as the engine process does."""
        return open_backend(self.name, model, frame, 1)

    def test_backend_is_found_by_its_name(self) -> None:
        """`backend` in the station file leads to what loads models."""
        assert self.name in BACKENDS, "give this class its `name`, and install its package"
        assert callable(BACKENDS.load(self.name))

    def test_backend_writes_score_map_and_embedding(self, backend: Backend) -> None:
        """All three outputs are those of the very frame."""
        pixels = noise()
        # brighter than the noise, and red: BGR in the frame, RGB in the model
        pixels[3, 4, 2] = 250
        outputs = bound(backend, pixels)
        backend.run(0)
        assert backend.shapes == Shapes(FRAME.height_px, FRAME.width_px, 3)
        assert outputs.score[0] == 250
        assert np.array_equal(outputs.anomaly_map[:CELLS].reshape(16, 16), pixels[:, :, 2])
        means = pixels.reshape(-1, 3).mean(axis=0)[::-1]
        assert outputs.embedding[:3] == pytest.approx(means, rel=self.relative_error)

    def test_backend_reads_the_slot_anew_each_time(self, backend: Backend) -> None:
        """Bound once, the memory is rewritten and judged again, without binding again."""
        pixels, seen = np.zeros(FRAME.shape, np.uint8), []
        outputs = bound(backend, pixels)
        for value in (10, 200, 30):
            pixels.fill(value)
            backend.run(0)
            seen.append(outputs.score[0])
        assert seen == [10, 200, 30]

    def test_backend_keeps_slots_apart(self, backend: Backend) -> None:
        """Each slot has its own input and its own outputs."""
        outputs = [
            bound(backend, np.full(FRAME.shape, 10 * slot + 10, np.uint8), slot)
            for slot in range(3)
        ]
        for slot in (2, 0, 1, 0):
            backend.run(slot)
        assert [out.score[0] for out in outputs] == [10, 20, 30]
        assert [out.anomaly_map[0] for out in outputs] == [10, 20, 30]

    def test_backend_takes_a_slot_bound_again(self, backend: Backend) -> None:
        """The new memory counts, and the old one is not written any more."""
        old = bound(backend, np.full(FRAME.shape, 10, np.uint8))
        backend.run(0)
        new = bound(backend, np.full(FRAME.shape, 20, np.uint8))
        backend.run(0)
        assert (old.score[0], new.score[0]) == (10, 20)

    def test_backend_leaves_the_frame_and_the_rest_of_the_area_alone(
        self, backend: Backend
    ) -> None:
        """The frame is not written, nor is what lies behind the map and the embedding."""
        pixels = noise()
        before = pixels.copy()
        outputs = bound(backend, pixels)
        outputs.anomaly_map[CELLS:] = UNTOUCHED
        outputs.embedding[3:] = UNTOUCHED
        backend.run(0)
        assert np.array_equal(pixels, before)
        assert (outputs.anomaly_map[CELLS:] == UNTOUCHED).all()
        assert (outputs.embedding[3:] == UNTOUCHED).all()

    def test_backend_takes_the_worst_class(self, load: Load, tmp_path: Path) -> None:
        """Of three class scores the largest is the score, and of their maps the map."""
        pixels = np.zeros(FRAME.shape, np.uint8)
        pixels[0, 0] = (90, 20, 10)
        pixels[0, 1] = (5, 60, 7)
        backend = load(tiny_models.classes(tmp_path / "m.onnx", 16))
        outputs = bound(backend, pixels)
        backend.run(0)
        assert outputs.score[0] == 90
        assert outputs.anomaly_map[:2] == pytest.approx([90, 60])

    def test_backend_pools_a_large_map_by_its_worst(self, load: Load, tmp_path: Path) -> None:
        """Each cell of the smaller map is the worst of the square that it stands for."""
        # 100 x 100 does not fit into 64 x 64: each cell of 50 x 50 is the worst of four
        pixels = np.zeros((100, 100, 3), np.uint8)
        pixels[99, 98] = 80
        pixels[2, 5] = 40
        backend = load(tiny_models.classes(tmp_path / "m.onnx", 100), FrameShape(100, 100, 3))
        outputs = bound(backend, pixels)
        backend.run(0)
        small = outputs.anomaly_map[: 50 * 50].reshape(50, 50)
        assert (small[49, 49], small[1, 2]) == (80, 40)
        assert np.count_nonzero(small) == 2

    def test_backend_does_not_hide_a_score_that_is_no_number(
        self, load: Load, tmp_path: Path
    ) -> None:
        """Not a number comes out as it is: the line must not take it for a score."""
        backend = load(tiny_models.undefined(tmp_path / "m.onnx"))
        outputs = bound(backend, noise())
        # of an earlier part: a runtime that writes nothing must not leave it there
        outputs.score[0] = 1.0
        backend.run(0)
        assert np.isnan(outputs.score[0])

    def test_backend_gives_the_same_score_every_time(self, load: Load, tmp_path: Path) -> None:
        """The same frame gives bit-identical results, in any slot."""
        backend = load(tiny_models.filters(tmp_path / "m.onnx"), LARGE)
        pixels = noise(1, LARGE)
        outputs = [bound(backend, pixels.copy(), slot) for slot in range(2)]
        scores = set()
        for k in range(10):
            backend.run(k % 2)
            scores.add(float(outputs[k % 2].score[0]))
        assert len(scores) == 1

    def test_backend_takes_float_models_and_grey_frames(self, load: Load, tmp_path: Path) -> None:
        """A float32 model gets 0 .. 255 in all planes from a grey frame."""
        model = tiny_models.brightest(tmp_path / "m.onnx", dtype=TensorProto.FLOAT)
        backend = load(model, FrameShape(16, 16, 1))
        outputs = bound(backend, np.full((16, 16), 123, np.uint8))
        backend.run(0)
        assert outputs.score[0] == 123
        assert outputs.embedding[:3] == pytest.approx([123, 123, 123], rel=self.relative_error)

    def test_backend_brings_frames_to_its_size_as_the_model_says(
        self, load: Load, tmp_path: Path
    ) -> None:
        """A letterbox: the frame in the middle, bars of the model's own grey above and below."""
        model = tiny_models.brightest(tmp_path / "m.onnx")
        tiny_models.say(model, {"gonogo.fit": "letterbox", "gonogo.fill": "9"})
        wide = FrameShape(8, 16, 3)
        backend = load(model, wide)
        pixels = noise(3, wide)
        outputs = bound(backend, pixels)
        backend.run(0)
        seen = outputs.anomaly_map[:CELLS].reshape(16, 16)
        assert np.array_equal(seen[4:12], pixels[:, :, 2])
        assert np.unique(np.delete(seen, slice(4, 12), axis=0)) == pytest.approx([9])
        sight = sight_of(backend, wide)
        assert sight is None or sight.cell(4, 0) == (0, 0, 1, 1)

    def test_backend_refuses_a_bad_model(self, tmp_path: Path) -> None:
        """What is no model is refused when it is loaded, not when it is run."""
        path = tmp_path / "m.onnx"
        path.write_bytes(b"no model")
        with pytest.raises(ModelError, match=r"^GN3\d\d: "):
            self.open(path, FRAME)

    def test_backend_leaves_the_arithmetic_of_its_process_alone(self, backend: Backend) -> None:
        """No runtime may switch on flushing of small numbers for the thread that calls it."""
        bound(backend, noise())
        backend.run(0)
        # denormal: with flush-to-zero on, a product of it is 0
        smallest = np.full(4, 5e-324)
        assert (smallest * np.ones(4) > 0).all()

    def test_backend_keeps_no_frames(self, load: Load, tmp_path: Path) -> None:
        """In steady state a hundred runs leave less behind than one frame takes.

        Some runtimes have pools of small objects, which come and go.
        """
        pixels = noise(3, LARGE)
        backend = load(tiny_models.filters(tmp_path / "m.onnx"), LARGE)
        bound(backend, pixels)
        assert growth_of(lambda: backend.run(0), pixels.nbytes).kept_bytes < pixels.nbytes

    def test_backend_closes_twice(self, backend: Backend) -> None:
        """Closing is idempotent."""
        backend.close()
        backend.close()
