"""A plan that is loaded is held against its model, and let go in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import CudaMemoryFull, PlanMismatch, PlanRefused
from gonogo.engines.backends.model import Value, open_model
from gonogo.engines.backends.tensorrt.loaded import Loaded
from gonogo.engines.backends.tensorrt.words import Words
from gonogo.testing import tiny_models
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.engines.backends.cuda.contract import Cuda
    from gonogo.tests.engines.backends.tensorrt.boxes import TrtBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[TrtBox]:
    """A Jetson."""
    with trt_box(tmp_path) as made:
        yield made


@pytest.fixture
def cuda(box: TrtBox) -> Iterator[Cuda]:
    """Its device, open."""
    opened = box.cuda()
    yield opened
    opened.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Score, map and embedding."""
    return tiny_models.brightest(tmp_path / "m.onnx")


def loaded(box: TrtBox, cuda: Cuda, model: Path) -> Loaded:
    """The model's plan, as this TensorRT makes it."""
    plan = box.trt.world.plan(model.read_bytes(), detailed=True)
    return Loaded(box.trt, Words(box.trt), plan, cuda)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dtype": np.float32}, "'image' as input uint8 1 x 3 x 16 x 16, expected input float32"),
        ({"image": Value("image", (1, 3, 8, 8))}, "'image' as .* expected input uint8 1 x 3 x 8"),
        ({"image": Value("pixels", (1, 3, 16, 16))}, "'pixels' as none on the device"),
        ({"score": Value("score", (1,))}, "'score' as output float32 1 x 1, expected .* 1;"),
        ({"map": None}, "'anomaly_map' as output float32 .* expected none on the device"),
        ({"embedding": Value("more", (1, 3))}, "'more' as none on the device"),
    ],
)
def test_loaded_is_held_against_its_model(
    box: TrtBox, cuda: Cuda, model: Path, change: dict[str, Any], says: str
) -> None:
    """Types, shapes, names, and outputs that nobody has an address for."""
    it, contract = loaded(box, cuda, model), open_model(model)
    it.check(contract)
    with pytest.raises(PlanMismatch, match=f"GN376: .*{says}"):
        it.check(contract._replace(**change))
    it.close()


@pytest.mark.parametrize("plan", [b"", b"no plan at all", b"fake plan\n{"])
def test_loaded_refuses_what_is_no_plan(box: TrtBox, cuda: Cuda, plan: bytes) -> None:
    """With what TensorRT said of it; nothing is left."""
    with pytest.raises(PlanRefused, match=r"GN375: .*magicTag"):
        Loaded(box.trt, Words(box.trt), plan[:9], cuda)


def test_loaded_without_memory_on_the_device_leaves_nothing(
    box: TrtBox, cuda: Cuda, model: Path
) -> None:
    """The working memory does not fit: engine and runtime go, in this order."""
    before = sorted(box.gpu.leaks)
    box.gpu.memory_bytes = 0
    with pytest.raises(CudaMemoryFull):
        loaded(box, cuda, model)
    assert sorted(box.gpu.leaks) == before


def test_loaded_closes_twice(box: TrtBox, cuda: Cuda, model: Path) -> None:
    """Closing is idempotent."""
    it = loaded(box, cuda, model)
    it.close()
    it.close()
