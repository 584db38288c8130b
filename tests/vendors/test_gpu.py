"""The simulated GPU catches what it is there to catch, and its stand-ins are as strict."""

from __future__ import annotations

import mmap
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.shm import PAGE
from gonogo.tests.vendors.gpu import Gpu, GpuError, ViolationError, current_gpu, simulated_gpu

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@pytest.fixture
def gpu() -> Gpu:
    """One in use by this thread; whoever provokes a violation takes it out again."""
    gpu = Gpu()
    gpu.init()
    gpu.set_current(gpu.retain_context())
    return gpu


def caught(gpu: Gpu, what: str, do: Callable[[], object]) -> None:
    """That is a violation, and is kept."""
    with pytest.raises(ViolationError, match=what):
        do()
    assert gpu.violations
    gpu.violations.clear()


def mapped(count: int = 1) -> NDArray[np.uint8]:
    """Pages of the host."""
    return np.frombuffer(mmap.mmap(-1, count * PAGE), np.uint8)


def test_view_of_what_is_not_there_is_a_violation(gpu: Gpu) -> None:
    """Never allocated, past the end, freed, unregistered, the host's own address."""
    pointer, memory = gpu.allocate(100), mapped()
    gpu.register(memory.ctypes.data, PAGE)
    there = gpu.device_pointer(memory.ctypes.data)
    gpu.view(there, PAGE, write=True)[:3] = 7
    assert list(memory[:4]) == [7, 7, 7, 0]
    caught(gpu, "neither allocated nor registered", lambda: gpu.view(1234, 1, write=False))
    caught(gpu, "past the end", lambda: gpu.view(pointer, 101, write=False))
    caught(gpu, "the host's address", lambda: gpu.view(memory.ctypes.data, 1, write=False))
    gpu.free(pointer)
    gpu.unregister(memory.ctypes.data)
    caught(gpu, "device memory.*was released", lambda: gpu.view(pointer, 1, write=False))
    caught(gpu, "registered memory.*was released", lambda: gpu.view(there, 1, write=False))
    caught(gpu, "was released", lambda: gpu.free(pointer))


def test_memory_that_is_unmapped_before_it_is_unregistered_is_a_violation(gpu: Gpu) -> None:
    """The driver would pin what another mapping may get."""
    mapping = mmap.mmap(-1, PAGE)
    address = np.frombuffer(mapping, np.uint8).ctypes.data
    gpu.register(address, PAGE)
    pointer = gpu.device_pointer(address)
    mapping.close()
    caught(gpu, "is unmapped", lambda: gpu.view(pointer, 1, write=False))
    caught(gpu, "unmapped before", lambda: gpu.unregister(address))


def test_enqueue_wants_a_stream_of_ones_own_and_a_context(gpu: Gpu) -> None:
    """Neither the default stream, nor one that was closed, nor another thread."""
    stream = gpu.stream(1)
    gpu.enqueue(stream, lambda: None)
    for default in (0, 1, 2):
        caught(gpu, "default stream", lambda: gpu.enqueue(default, lambda: None))  # noqa: B023
    found: list[BaseException] = []

    def elsewhere() -> None:
        try:
            gpu.enqueue(stream, lambda: None)
        except ViolationError as error:
            found.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(found) == 1
    gpu.violations.clear()
    with gpu.loading():
        gpu.synchronize()
    gpu.destroy_stream(stream)
    caught(gpu, "not there, or not any more", lambda: gpu.enqueue(stream, lambda: None))


def test_work_is_done_when_its_event_was_asked_for_often_enough(gpu: Gpu) -> None:
    """In order, and not before."""
    stream, event, done = gpu.stream(1), gpu.event(2), []
    for number in range(3):
        gpu.enqueue(stream, lambda number=number: done.append(number))  # type: ignore[misc]
    gpu.record_event(event, stream)
    gpu.enqueue(stream, lambda: done.append(9))
    for _ in range(gpu.delay):
        with pytest.raises(GpuError, match="600"):
            gpu.query_event(event)
        assert done == []
    gpu.query_event(event)
    assert done == [0, 1, 2]


def test_blocking_wait_is_a_violation_but_while_loading(gpu: Gpu) -> None:
    """Every kind of it."""
    stream = gpu.stream(1)
    gpu.enqueue(stream, lambda: None)
    caught(gpu, "blocks, and has no deadline", gpu.synchronize)
    caught(gpu, "cuStreamSynchronize", lambda: gpu.synchronize("cuStreamSynchronize", stream))
    with gpu.loading():
        gpu.synchronize("cuStreamSynchronize", stream)
    gpu.destroy_stream(stream)


def test_address_changed_after_the_capture_is_caught(gpu: Gpu) -> None:
    """The graph has the old one."""
    stream, addresses = gpu.stream(1), [gpu.allocate(8), gpu.allocate(8)]
    bound = [addresses[0]]
    gpu.begin_capture(stream)
    gpu.enqueue(stream, lambda: None, (addresses[0],), current=lambda: tuple(bound))
    launched = gpu.instantiate(gpu.end_capture(stream))
    gpu.launch(launched, stream)
    bound[0] = addresses[1]
    caught(gpu, "changed since", lambda: gpu.launch(launched, stream))


def test_memory_that_a_graph_was_captured_with_must_be_there(gpu: Gpu) -> None:
    """At each launch."""
    stream, pointer = gpu.stream(1), gpu.allocate(8)
    gpu.begin_capture(stream)
    gpu.enqueue(stream, lambda: None, (pointer,))
    launched = gpu.instantiate(gpu.end_capture(stream))
    gpu.free(pointer)
    caught(gpu, "was released", lambda: gpu.launch(launched, stream))


def test_memory_in_use_by_the_device_may_not_be_released(gpu: Gpu) -> None:
    """Nor the stream that works on it."""
    stream, pointer = gpu.stream(1), gpu.allocate(8)
    gpu.enqueue(stream, lambda: None, (pointer,))
    caught(gpu, "while the device works on it", lambda: gpu.free(pointer))
    caught(gpu, "while the device works on it", lambda: gpu.destroy_stream(stream))


def test_allocation_while_capturing_spoils_the_capture(gpu: Gpu) -> None:
    """As a driver has it: the capture cannot be ended well."""
    stream = gpu.stream(1)
    gpu.begin_capture(stream)
    with pytest.raises(GpuError, match="900"):
        gpu.allocate(8)
    with pytest.raises(GpuError, match="901"):
        gpu.enqueue(stream, lambda: None)
    with pytest.raises(GpuError, match="901"):
        gpu.end_capture(stream)


def test_copy_from_memory_that_is_not_pinned_is_a_violation(gpu: Gpu) -> None:
    """It would block."""
    stream, pointer, memory = gpu.stream(1), gpu.allocate(8), mapped()
    caught(
        gpu,
        "the copy would block",
        lambda: gpu.copy_to_device(pointer, memory.ctypes.data, 8, stream),
    )


def test_context_goes_last(gpu: Gpu) -> None:
    """With anything open it is a violation, and a leak."""
    gpu.allocate(8)
    assert len(gpu.leaks) == 2
    caught(gpu, "released before device memory", gpu.release_context)


def test_violation_that_was_swallowed_fails_all_the_same() -> None:
    """As does what is left open."""

    def swallowed() -> None:
        with simulated_gpu() as gpu:
            assert current_gpu() is gpu
            with pytest.raises(ViolationError):
                gpu.view(1, 1, write=False)

    def left() -> None:
        with simulated_gpu() as gpu:
            gpu.init()
            gpu.retain_context()

    for wrong in (swallowed, left):
        with pytest.raises(AssertionError):
            wrong()


def test_lost_device_answers_nothing_else(gpu: Gpu) -> None:
    """From the call on that loses it; out of memory is of that call alone."""
    gpu.memory_bytes = 100
    with pytest.raises(GpuError, match="error 2"):
        gpu.allocate(101)
    pointer = gpu.allocate(100)
    gpu.fail_call(2, 46, lost=True)
    gpu.event(0)
    for _ in range(3):
        with pytest.raises(GpuError, match="46"):
            gpu.event(0)
    with pytest.raises(GpuError, match="46"):
        gpu.free(pointer)
