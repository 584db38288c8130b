"""What every inference backend must do, run over each one that is installed, and ours together."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import UnknownDriver
from gonogo.base.words import BACKEND_NAMES
from gonogo.engines.backends.backend import Outputs, file_role_of
from gonogo.engines.backends.catalogue import BACKENDS, cpu_backends, open_backend
from gonogo.engines.backends.hailo.trailer import with_fit
from gonogo.engines.backends.model import open_model
from gonogo.engines.bundles.manifest import FILE_OF, ROLES
from gonogo.ipc.frame_ring import FrameRing
from gonogo.testing.backends import FRAME, LARGE, BackendContract, bound, noise
from gonogo.tests.engines import tiny
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box
from gonogo.tests.vendors.hailo_fake.fixture import chip_here
from gonogo.tests.vendors.hailo_fake.hef import compiled
from gonogo.tests.vendors.tensorrt_fake import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend


def _present(name: str) -> object:
    missing = find_spec(name) is None
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=f"{name} is not installed"))


# each TensorRT in place on a Jetson; then what may be otherwise, with the oldest
BOXES: dict[str, dict[str, Any]] = {version: {"version": version} for version in VERSIONS} | {
    "a card, by copies": {"integrated": False, "zero_copy": "never"},
    "a driver that registers nothing": {"can_register": False},
    "pycuda": {"way": "pycuda"},
}
every_backend = pytest.mark.parametrize("name", [_present(name) for name in BACKENDS])


class TestOnnxRuntime(BackendContract):
    """The one that is always there."""

    name = "onnxruntime"


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
class TestOpenVino(BackendContract):
    """The one of the extra."""

    name = "openvino"


class TestTensorRt(BackendContract):
    """The one of a Jetson, on a simulated GPU: each way in which it can run there."""

    name = "tensorrt"

    @pytest.fixture(autouse=True, params=list(BOXES))
    def _on_a_box(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
        with trt_box(tmp_path, **BOXES[request.param]) as self.box:
            yield

    def open(self, model: Path, frame: FrameShape) -> Backend:
        """As the engine process does, with what this box has."""
        return self.box.open(model, frame)


class TestHailo(BackendContract):
    """The chip, as its stand-in: not run on a real one."""

    name = "hailo"

    @pytest.fixture(autouse=True)
    def _bench(self, tmp_path: Path) -> Iterator[None]:
        (tmp_path / "bench").mkdir()
        with chip_here(tmp_path / "bench"):
            yield

    def open(self, model: Path, frame: FrameShape) -> Backend:
        """What the compiler makes of the model."""
        if model.read_bytes() == b"no model":
            return super().open(model, frame)
        hef = compiled(model)
        # as a bundle has it: what the ONNX file says of itself stands behind the HEF
        hef.write_bytes(with_fit(hef.read_bytes(), open_model(model).fit))
        return super().open(hef, frame)


def test_each_backend_of_ours_is_held_against_the_contract() -> None:
    """A further one in the catalogue needs a class here."""
    ours = (TestOnnxRuntime, TestOpenVino, TestTensorRt, TestHailo)
    assert BACKENDS.names == tuple(each.name for each in ours)


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


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
def test_backends_agree_on_a_float_model(tmp_path: Path) -> None:
    """Two runtimes score the same frame alike to within float rounding."""
    model = tiny.filters(tmp_path / "m.onnx")
    pixels = noise(2, LARGE)
    scores = []
    for name in cpu_backends():
        backend = open_backend(name, model, LARGE, 1)
        outputs = bound(backend, pixels)
        backend.run(0)
        scores.append(float(outputs.score[0]))
    assert np.isfinite(scores).all()
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
