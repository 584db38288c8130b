"""One slot: what it holds is let go in order, however far it came."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import GonogoError
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.backends.preprocess import Preprocesses
from gonogo.engines.backends.tensorrt.bound_slot import BoundSlot, Job
from gonogo.engines.backends.tensorrt.memory import own_pages
from gonogo.testing import tiny_models
from gonogo.testing.backends import noise
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.tensorrt.backend import TrtBackend
    from gonogo.tests.engines.backends.tensorrt.boxes import TrtBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[TrtBox]:
    """A Jetson."""
    with trt_box(tmp_path) as made:
        yield made


@pytest.fixture
def backend(box: TrtBox, tmp_path: Path) -> Iterator[TrtBackend]:
    """Loaded, nothing bound."""
    made = box.open(tiny_models.brightest(tmp_path / "m.onnx"))
    yield made
    made.close()


def job_of(backend: TrtBackend, pixels: NDArray[np.uint8]) -> Job:
    """Frames of these pixels, results in ordinary memory."""
    return Job(backend._contract, Preprocesses(backend._contract), pixels, result_arrays())


def test_slot_closes_twice_and_leaves_nothing(box: TrtBox, backend: TrtBackend) -> None:
    """Graph, context and memory go; what the backend holds stays."""
    before = sorted(box.gpu.leaks)
    slot = BoundSlot(backend._device, job_of(backend, noise()), in_place=True)
    assert len(box.gpu.leaks) > len(before)
    slot.close()
    slot.close()
    assert sorted(box.gpu.leaks) == before


@pytest.mark.parametrize(
    "call", ["cuMemHostRegister", "cuMemHostGetDevicePointer", "cuEventRecord", "cuGraphLaunch"]
)
def test_slot_that_fails_halfway_leaves_nothing(
    box: TrtBox, backend: TrtBackend, call: str
) -> None:
    """Told, or lived with: what was made until then is let go with it."""
    before = sorted(box.gpu.leaks)
    box.gpu.fail_on(call, 2)
    with contextlib.suppress(GonogoError):
        BoundSlot(backend._device, job_of(backend, noise()), in_place=True).close()
    assert sorted(box.gpu.leaks) == before


def test_slot_takes_a_frame_for_the_tensor_only_where_it_is_one(
    box: TrtBox, tmp_path: Path
) -> None:
    """One plane of the model's size, at an address that the device takes."""
    model = tiny_models.brightest(tmp_path / "grey.onnx", image=(1, 1, 16, 16))
    backend = box.open(model)
    room = own_pages((4096,), np.uint8).view(np.uint8)
    for offset, shape, taken in (
        (0, (16, 16), True),
        (1, (16, 16), False),
        (0, (32, 16), False),
        (0, (16, 16, 3), False),
    ):
        count = int(np.prod(shape))
        pixels = room[offset : offset + count].reshape(shape)
        job = Job(backend._contract, Preprocesses(backend._contract), pixels, result_arrays())
        slot = BoundSlot(backend._device, job, in_place=True)
        assert (slot._preprocess is None) == taken, (offset, shape)
        slot.close()
    backend.close()
