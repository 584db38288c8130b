"""One tensor for host and device: in place, by copies, and of memory that no device can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CudaError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.shm import PAGE
from gonogo.engines.backends.tensorrt.memory import ALIGN_BYTES, TensorMemory, fits, own_pages
from gonogo.ipc.frame_ring import FrameRing
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


@pytest.mark.parametrize("shape", [(), (1, 1), (1, 3, 5, 7)])
def test_own_pages_begin_with_a_page(shape: tuple[int, ...]) -> None:
    """Zeroed, and the next array begins behind the last of them."""
    first, second = own_pages(shape, np.float32), own_pages(shape, np.float32)
    assert first.shape == shape
    assert first.dtype == np.dtype(np.float32)
    assert not first.any()
    assert first.ctypes.data % PAGE == second.ctypes.data % PAGE == 0
    assert abs(first.ctypes.data - second.ctypes.data) >= PAGE


def test_areas_of_a_frame_ring_fit(station: str) -> None:
    """Frames, maps and embeddings of both places: no copy is needed for where they lie."""
    ring = FrameRing.create(station, 0, FrameShape(30, 31, 1), 3)
    for slot in ring.slots:
        assert fits(slot.pixels)
        assert all(fits(each.map) and fits(each.embedding) for each in slot.results)
    del slot
    ring.close()


def test_fits_refuses_what_lies_between_or_apart() -> None:
    """A start at another address, and rows with gaps."""
    pages = own_pages((64, 64), np.float32)
    assert fits(pages)
    assert not fits(pages[:, 1:])
    assert not fits(pages.reshape(-1)[1:])


def test_fits_refuses_what_the_allocator_gave() -> None:
    """At whatever address: others have their own in the same pages."""
    room = np.zeros(4 * ALIGN_BYTES, np.uint8)
    start = -room.ctypes.data % ALIGN_BYTES
    assert not fits(room[start : start + ALIGN_BYTES])


def through(box: TrtBox, cuda: Cuda, memory: TensorMemory, written: bytes) -> bytes:
    """What the device sees of it, before it writes `written` there."""
    stream, event = cuda.stream(), cuda.event()
    seen: list[bytes] = []

    def work() -> None:
        view = box.gpu.view(memory.pointer, len(written), write=True)
        seen.append(view.tobytes())
        view[:] = np.frombuffer(written, np.uint8)

    memory.before()
    memory.upload(stream)
    box.gpu.enqueue(stream.handle, work, (memory.pointer,))
    memory.download(stream)
    event.record(stream)
    assert event.wait(2**62)
    memory.after()
    event.close()
    stream.close()
    return seen[0]


@pytest.mark.parametrize("offset", [0, 1])
@pytest.mark.parametrize("in_place", [True, False])
def test_memory_is_the_same_on_both_sides(box: TrtBox, *, in_place: bool, offset: int) -> None:
    """In place or by copies, and through a twin where the array lies at no multiple of 256."""
    cuda = box.cuda()
    array = own_pages((ALIGN_BYTES,), np.float32)[offset : offset + 8]
    array[:] = range(8)
    memory = TensorMemory(cuda, array, in_place=in_place)
    before, after = array.tobytes(), np.arange(8, 16, dtype=np.float32)
    assert memory.in_place == in_place
    assert memory.pointer % ALIGN_BYTES == 0
    assert through(box, cuda, memory, after.tobytes()) == before
    assert np.array_equal(array, after)
    memory.close()
    memory.close()
    cuda.close()


def test_memory_that_gets_no_buffer_leaves_nothing_registered(box: TrtBox) -> None:
    """The device is full."""
    cuda = box.cuda()
    box.gpu.fail_on("cuMemAlloc", 2)
    with pytest.raises(CudaError):
        TensorMemory(cuda, own_pages((8,), np.float32), in_place=False)
    assert "registered memory" not in " ".join(box.gpu.leaks)
    cuda.close()
