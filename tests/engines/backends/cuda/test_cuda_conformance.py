"""What every way to CUDA must do: on the simulated GPU, and on a real one where there is one.

The contract is gonogo.engines.backends.cuda.contract; its ways are
gonogo.engines.backends.cuda.bindings and gonogo.engines.backends.cuda.pycuda, which both do
what gonogo.engines.backends.cuda.driver asks of them.
"""

from __future__ import annotations

import contextlib
import mmap
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import AcceleratorLost, BackendError, CudaError, CudaMemoryFull
from gonogo.base.shm import PAGE, Segment
from gonogo.engines.backends.cuda.codes import refusal
from gonogo.engines.backends.cuda.device import Device
from gonogo.engines.backends.cuda.pycuda import Guard
from gonogo.tests.hardware.real_rig import WAYS, WAYS_HERE, real_rig, why_not
from gonogo.tests.vendors.gpu import GREATEST_PRIORITY, GpuError
from gonogo.tests.vendors.rigs import KINDS, SimulatedRig, simulated_rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda.contract import Cuda, Event, Stream
    from gonogo.tests.vendors.rigs import Rig

LONG_NS = 30_000_000_000
N = 1000
_THAT = ", which cannot register"
COPIES = f"cuda-bindings on Jetson{_THAT}"


@pytest.fixture(params=[*KINDS, *WAYS_HERE])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Each stand-in; each real way, or why it is not here."""
    kind: str = request.param
    opened = simulated_rig(kind) if kind in KINDS else real_rig(kind)
    with opened as found:
        yield found


@pytest.fixture(params=KINDS)
def simulated(request: pytest.FixtureRequest) -> Iterator[SimulatedRig]:
    """Only the stand-ins: what no real device can be made to do."""
    with simulated_rig(request.param) as found:
        yield found


@pytest.fixture
def cuda(rig: Rig) -> Iterator[Cuda]:
    """It, in use; closed at the end."""
    opened = rig.open()
    with contextlib.closing(opened):
        yield opened


@pytest.mark.parametrize("way", WAYS)
def test_real_way_is_tried_where_there_is_a_device(way: str) -> None:
    """All tests of this file above the line run on it, or it is said why not."""
    if missing := why_not(way):
        pytest.skip(missing)
    assert way in WAYS_HERE


def pages(count: int = 4) -> NDArray[np.uint8]:
    """Whole pages of anonymous memory, counted through."""
    memory = np.frombuffer(mmap.mmap(-1, count * PAGE), np.uint8)
    memory[:] = np.arange(memory.size) % 251
    return memory


def soon_ns() -> int:
    """A deadline that no test is to reach."""
    return time.monotonic_ns() + LONG_NS


def done(stream: Stream, event: Event) -> bool:
    """Whether all that a stream was given is done, in any time that a busy machine takes."""
    event.record(stream)
    return event.wait(soon_ns())


def test_device_says_what_it_is(cuda: Cuda) -> None:
    """Name, compute capability, driver, memory: what plans are kept by and people told."""
    facts = cuda.device
    assert facts.name
    assert facts.compute_capability > (5, 0)
    assert facts.driver >= 11000
    assert facts.memory_bytes > 1 << 28
    assert cuda.graphs == (cuda.name == "cuda-bindings")
    assert cuda.graphs != any("no graphs" in each for each in cuda.lacks)


def test_device_reads_and_writes_host_memory(rig: Rig, cuda: Cuda) -> None:
    """In place or through the pinned copy: what the host wrote, and back."""
    memory = pages()
    shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
    expected = memory[:N].copy() + 1
    shared.to_device()
    rig.add_one(stream, shared.pointer, shared.pointer + 2 * PAGE, N)
    assert done(stream, event)
    shared.to_host()
    assert np.array_equal(memory[2 * PAGE : 2 * PAGE + N], expected)
    assert shared.in_place == cuda.device.can_register


def test_results_are_of_before_until_the_event(simulated: SimulatedRig) -> None:
    """Whoever reads too early is caught by what he reads."""
    memory = pages()
    with contextlib.closing(simulated.open()) as cuda:
        shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
        before = memory[PAGE : PAGE + N].copy()
        shared.to_device()
        simulated.add_one(stream, shared.pointer, shared.pointer + PAGE, N)
        event.record(stream)
        shared.to_host()
        assert np.array_equal(memory[PAGE : PAGE + N], before)
        assert event.wait(soon_ns())
        shared.to_host()
        assert not np.array_equal(memory[PAGE : PAGE + N], before)


def test_share_of_the_same_pages_twice(rig: Rig, cuda: Cuda) -> None:
    """Slots, and results within one page: each has its own address, and closes by itself."""
    memory = pages()
    parts = [memory[:PAGE], memory[PAGE : PAGE + 100], memory[PAGE + 128 : PAGE + 500], memory]
    shared = [cuda.share(each) for each in parts]
    if shared[0].in_place:
        starts = [each.ctypes.data - memory.ctypes.data for each in parts]
        assert [each.pointer - shared[0].pointer for each in shared] == starts
    for each in shared[:1] + shared[2:]:
        each.close()
    stream, event = cuda.stream(), cuda.event()
    expected = parts[1][:50].copy() + 1
    shared[1].to_device()
    rig.add_one(stream, shared[1].pointer, shared[1].pointer + 50, 50)
    assert done(stream, event)
    shared[1].to_host()
    assert np.array_equal(parts[1][50:100], expected)


def test_upload_and_download_through_memory_of_the_device(rig: Rig, cuda: Cuda) -> None:
    """Copies in the stream's order, around a kernel."""
    source, target = pages(1)[:N], pages(1)[:N]
    there, back = cuda.share(source), cuda.share(target)
    first, second = cuda.buffer(N), cuda.buffer(N)
    stream, event = cuda.stream(), cuda.event()
    there.to_device()
    stream.upload(first, there)
    rig.add_one(stream, first.pointer, second.pointer, N)
    stream.download(back, second)
    assert done(stream, event)
    back.to_host()
    assert np.array_equal(target, source + 1)


def test_copy_of_another_size_is_refused(cuda: Cuda) -> None:
    """Rather than past the end of one of the two."""
    shared, stream = cuda.share(pages(1)), cuda.stream()
    with pytest.raises(CudaError, match=f"{PAGE} bytes and 100"):
        stream.upload(cuda.buffer(100), shared)
    with pytest.raises(CudaError, match="expected as many"):
        stream.download(shared, cuda.buffer(PAGE + 1))


def test_buffer_wants_a_size(cuda: Cuda) -> None:
    """None and less are told apart from what the driver says of them."""
    for wrong in (0, -1):
        with pytest.raises(CudaError, match=f"expected at least 1 byte, got {wrong}"):
            cuda.buffer(wrong)


def test_share_wants_flat_bytes(cuda: Cuda) -> None:
    """What has strides has no one address."""
    for wrong in (pages(2)[::2], pages(1).reshape(2, -1), pages(1)[:0]):
        with pytest.raises(CudaError, match="memory to share: expected"):
            cuda.share(wrong)


def test_event_gives_up_at_its_deadline(rig: Rig, cuda: Cuda) -> None:
    """A kernel that does not end does not hold the engine; when it ends, the event comes."""
    stream, event = cuda.stream(), cuda.event()
    rig.spin(stream)
    event.record(stream)
    assert not event.wait(time.monotonic_ns() - 1)
    assert not event.wait(time.monotonic_ns() + 5_000_000)
    rig.let_go()
    assert event.wait(soon_ns())


def test_event_without_spinning_comes_too(rig: Rig) -> None:
    """The processor sleeps between two looks."""
    with contextlib.closing(rig.open(spin=False)) as cuda:
        stream, event = cuda.stream(), cuda.event()
        rig.spin(stream)
        event.record(stream)
        assert not event.wait(time.monotonic_ns() + 5_000_000)
        rig.let_go()
        assert event.wait(soon_ns())


def test_graph_does_again_what_was_captured(rig: Rig, cuda: Cuda) -> None:
    """With the bytes that are there when it is launched; nothing is done by capturing."""
    if not cuda.graphs:
        with pytest.raises(CudaError, match="has no graphs"):
            cuda.stream().begin_capture()
        return
    memory = pages()
    shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
    before = memory[PAGE : PAGE + N].copy()
    stream.begin_capture()
    rig.add_one(stream, shared.pointer, shared.pointer + PAGE, N)
    graph = stream.end_capture()
    assert done(stream, event)
    assert np.array_equal(memory[PAGE : PAGE + N], before)
    for first in (7, 8):
        memory[:N] = first
        graph.launch(stream)
        assert done(stream, event)
        assert set(memory[PAGE : PAGE + N]) == {first + 1}


def test_capture_that_an_error_cut_short_is_over(rig: Rig, cuda: Cuda) -> None:
    """Closing the device ends it; the next capture of that stream is another one."""
    if not cuda.graphs:
        pytest.skip("pycuda has no graphs")
    memory = pages()
    shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
    stream.begin_capture()
    with pytest.raises(CudaError):
        cuda.buffer(PAGE)  # may not be called while capturing
    with pytest.raises(CudaError):
        stream.end_capture()
    stream.begin_capture()
    rig.add_one(stream, shared.pointer, shared.pointer + PAGE, N)
    stream.end_capture().launch(stream)
    assert done(stream, event)
    stream.begin_capture()
    stream.close()
    cuda.stream().begin_capture()  # and left so


def test_close_is_idempotent_and_closes_everything(rig: Rig) -> None:
    """Whatever its owner left open, and in whatever order."""
    cuda = rig.open()
    memory = pages()
    shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
    buffer = cuda.buffer(N)
    cuda.share(memory[PAGE:])
    stream.close()
    for _ in range(2):
        cuda.close()
        for each in (shared, stream, event, buffer):
            each.close()


@pytest.mark.parametrize("closed_first", [0, 1])
def test_two_devices_of_one_thread_close_by_themselves(rig: Rig, closed_first: int) -> None:
    """They share the device's one context: two views, or a model that is tried beside another."""
    both = [rig.open(), rig.open()]
    both.pop(closed_first).close()
    with contextlib.closing(both[0]) as cuda:
        memory = pages()
        shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
        shared.to_device()
        rig.add_one(stream, shared.pointer, shared.pointer + PAGE, N)
        assert done(stream, event)
        shared.to_host()
        assert np.array_equal(memory[PAGE : PAGE + N], memory[:N] + 1)


def test_shared_memory_can_be_unmapped_after_close(rig: Rig, tmp_path: Path) -> None:
    """No view of it is left behind; a segment that another process mapped works, too."""
    made = Segment.create(tmp_path / "ring", 4 * PAGE)
    here = Segment.attach(tmp_path / "ring")
    with contextlib.closing(rig.open()) as cuda:
        shared = cuda.share(np.frombuffer(here.map, np.uint8)[PAGE:])
        stream, event = cuda.stream(), cuda.event()
        made.map[PAGE] = 41
        shared.to_device()
        rig.add_one(stream, shared.pointer, shared.pointer + 1, 1)
        assert done(stream, event)
        shared.to_host()
        assert made.map[PAGE + 1] == 42
        shared.close()
        here.map.close()  # BufferError while a view of it lives
    made.map.close()


def test_cycles_leave_nothing_behind(rig: Rig, cuda: Cuda) -> None:
    """What is open after many is what was open after the first."""
    memory = pages()
    shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
    device = cuda
    assert isinstance(device, Device)
    open_before = len(device.made)
    for _ in range(300):
        shared.to_device()
        rig.add_one(stream, shared.pointer, shared.pointer + PAGE, N)
        assert done(stream, event)
        shared.to_host()
    assert len(device.made) == open_before


# -- what no real device can be made to do --------------------------------------------------------


def test_stream_has_the_highest_priority_or_that_is_said(simulated: SimulatedRig) -> None:
    """And is not in step with the default stream."""
    with contextlib.closing(simulated.open()) as cuda:
        stream = simulated.gpu.streams[cuda.stream().handle]
        says_so = any("no priorities" in each for each in cuda.lacks)
        assert stream.priority == (0 if says_so else GREATEST_PRIORITY)
        assert stream.flags == 1
        assert says_so == (cuda.name == "pycuda")


@pytest.mark.parametrize(("spin", "flags"), [(True, 1), (False, 4)])
def test_context_is_made_to_spin_or_to_sleep(spin: bool, flags: int) -> None:  # noqa: FBT001
    """Before it is made, as later is too late."""
    kind = "cuda-bindings on Jetson"
    with simulated_rig(kind) as rig, contextlib.closing(rig.open(spin=spin)) as cuda:
        assert rig.gpu.context_flags == flags
        assert cuda.lacks == ()


def test_close_releases_what_was_made_last_first(simulated: SimulatedRig) -> None:
    """What stands on something else goes before it."""
    cuda = simulated.open()
    made = cuda.share(pages()), cuda.buffer(N), cuda.stream(), cuda.event()
    cuda.close()
    assert len(made) == 4
    first = "cuMemHostUnregister" if cuda.device.can_register else "cuMemFreeHost"
    assert simulated.gpu.released == [
        "cuEventDestroy", "cuStreamDestroy", "cuMemFree", first, "cuDevicePrimaryCtxRelease",
    ]  # fmt: skip


def test_event_is_asked_for_once_more_at_its_deadline(simulated: SimulatedRig) -> None:
    """A process that was held up does not call a device late that was not."""
    simulated.gpu.delay = 1
    with contextlib.closing(simulated.open()) as cuda:
        stream, event = cuda.stream(), cuda.event()
        event.record(stream)
        assert event.wait(time.monotonic_ns() - 1)


def test_context_that_something_else_made_is_used_and_that_is_said() -> None:
    """No reason to run without the device."""
    with simulated_rig("cuda-bindings on Jetson") as rig:
        first = rig.open(spin=True)
        with contextlib.closing(rig.open(spin=False)) as second:
            assert rig.gpu.context_flags == 1
            assert "something else in this process" in second.lacks[0]
        first.close()


def test_memory_that_cannot_be_registered_is_copied(simulated: SimulatedRig) -> None:
    """Pages that are registered in part, or by something else; a device that cannot."""
    gpu, memory = simulated.gpu, pages()
    with contextlib.closing(simulated.open()) as cuda:
        gpu.register(memory.ctypes.data, PAGE)
        shared, stream, event = cuda.share(memory[:]), cuda.stream(), cuda.event()
        assert not shared.in_place
        shared.to_device()
        simulated.add_one(stream, shared.pointer, shared.pointer + PAGE, 10)
        assert done(stream, event)
        shared.to_host()
        assert list(memory[PAGE : PAGE + 3]) == [1, 2, 3]
        gpu.unregister(memory.ctypes.data)


@pytest.mark.parametrize("code", [1, 2, 304, 800, 801])
def test_memory_that_is_too_much_to_register_is_tried_again_with_less(code: int) -> None:
    """The pages of the array alone; and where that is too much, too, a copy."""
    with simulated_rig("cuda-bindings on Jetson") as rig, contextlib.closing(rig.open()) as cuda:
        for refused, in_place in ((1, True), (2, False)):
            for nth in range(1, refused + 1):
                rig.gpu.fail_on("cuMemHostRegister", code, nth=nth)
            shared = cuda.share(pages()[PAGE : 2 * PAGE])
            assert shared.in_place == in_place


def test_device_that_cannot_register_is_said_and_copied_for() -> None:
    """HOST_REGISTER_SUPPORTED is asked for, not tried."""
    with simulated_rig("cuda-bindings on Jetson") as rig:
        rig.gpu.can_register = False
        with contextlib.closing(rig.open()) as cuda:
            assert not cuda.share(pages()).in_place
            assert rig.gpu.calls["cuMemHostRegister"] == 0
            assert any("pinned copy" in each for each in cuda.lacks)


def test_pycuda_that_drops_what_it_registers_is_not_asked() -> None:
    """Of pycuda #459: not even to see it fail."""
    with simulated_rig("pycuda on Jetson") as rig, contextlib.closing(rig.open()) as cuda:
        assert not cuda.share(pages()).in_place
        assert rig.gpu.calls["cuMemHostRegister"] == 0


def test_memory_that_may_only_be_read_is_shared(simulated: SimulatedRig) -> None:
    """In place where the device can, else copied; never written."""
    mapped = mmap.mmap(-1, PAGE, prot=mmap.PROT_READ)
    with contextlib.closing(simulated.open()) as cuda:
        shared, buffer = cuda.share(np.frombuffer(mapped, np.uint8)), cuda.buffer(PAGE)
        stream, event = cuda.stream(), cuda.event()
        shared.to_device()
        stream.upload(buffer, shared)
        assert done(stream, event)
        shared.to_host()
        assert shared.in_place == (cuda.name == "cuda-bindings")


def test_memory_full_says_so(simulated: SimulatedRig) -> None:
    """With CUDA's own text, and what to do."""
    simulated.gpu.memory_bytes = 1000
    with contextlib.closing(simulated.open()) as cuda:
        cuda.buffer(900)
        with pytest.raises(CudaMemoryFull, match=r"cuMemAlloc.*\n*.*smaller model"):
            cuda.buffer(101)


@pytest.mark.parametrize("code", [46, 700, 702, 719, 999])
def test_device_that_is_lost_is_lost_for_good(simulated: SimulatedRig, code: int) -> None:
    """The process ends on it; closing releases what there is, and says nothing."""
    with contextlib.closing(simulated.open()) as cuda:
        shared, stream, event = cuda.share(pages()), cuda.stream(), cuda.event()
        buffer = cuda.buffer(shared_size := 4 * PAGE)
        assert buffer.nbytes == shared_size
        event.record(stream)
        simulated.gpu.lose(code)
        for use in (lambda: event.wait(soon_ns()), lambda: stream.upload(buffer, shared)):
            with pytest.raises(AcceleratorLost, match=r"expected a device that works"):
                use()


def test_kernel_that_fails_loses_the_device(simulated: SimulatedRig) -> None:
    """Seen at the event, as on a real one."""
    with contextlib.closing(simulated.open()) as cuda:
        stream, event = cuda.stream(), cuda.event()

        def fails() -> None:
            raise GpuError(700)

        simulated.gpu.enqueue(stream.handle, fails)
        event.record(stream)
        with pytest.raises(AcceleratorLost, match=r"illegal memory access|ILLEGAL_ADDRESS"):
            event.wait(soon_ns())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("MemoryError", CudaMemoryFull), ("LaunchError", AcceleratorLost), ("LogicError", CudaError)],
)
def test_text_that_is_not_known_is_told_by_its_class(
    kind: str, expected: type[BackendError]
) -> None:
    """Of a driver that is newer than our list; pycuda tells no number."""

    def refused() -> None:
        raise kinds[kind]("cuX failed: a new text - and more")

    base = type("Error", (Exception,), {})
    names = ("MemoryError", "LaunchError", "LogicError")
    kinds = {name: type(name, (base,), {}) for name in names}
    with pytest.raises(expected, match=r"cuX.*a new text") as caught:
        Guard(SimpleNamespace(Error=base, **kinds), refusal)(refused)
    assert type(caught.value) is expected


def use_everything(rig: SimulatedRig) -> None:
    """Open a device, make one of all, use it, close it."""
    with contextlib.closing(rig.open()) as cuda:
        memory = pages()
        shared, part = cuda.share(memory), cuda.share(memory[PAGE : 2 * PAGE])
        copied = cuda.share(np.frombuffer(mmap.mmap(-1, PAGE, prot=mmap.PROT_READ), np.uint8))
        buffer, stream, event = cuda.buffer(PAGE), cuda.stream(), cuda.event()
        copied.to_device()
        stream.upload(buffer, copied)
        if cuda.graphs:
            stream.begin_capture()
            rig.add_one(stream, buffer.pointer, shared.pointer, N)
            stream.end_capture().launch(stream)
        stream.download(part, buffer)
        event.record(stream)
        assert event.wait(soon_ns())
        part.close()


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("kind", [*KINDS, COPIES])
def test_whatever_call_fails_nothing_stays_open(kind: str, lost: bool) -> None:  # noqa: FBT001
    """Each call of the driver in turn, from the first one to the last release."""
    registers, kind = kind != COPIES, kind.removesuffix(_THAT)
    with simulated_rig(kind) as rig:
        rig.gpu.can_register = registers
        use_everything(rig)
        calls = rig.gpu.total_calls
    assert calls > 25
    survived = 0
    for number in range(1, calls + 1):
        with simulated_rig(kind) as rig:  # at its end: no violation, and nothing left
            rig.gpu.can_register = registers
            rig.gpu.fail_call(number, 719 if lost else 400, lost=lost)
            try:
                use_everything(rig)
                survived += 1
            except (BackendError, GpuError):  # GpuError: the kernel of the test was refused
                pass
    # releases of a device that is lost, and what pycuda releases, say nothing
    assert survived < calls / 2


def test_device_at_work_is_not_taken_apart(simulated: SimulatedRig) -> None:
    """It may still write to all of it: this process must end, and with it goes everything."""
    opened = simulated.open()
    assert isinstance(opened, Device)
    cuda = Device(opened.way, spin=True, idle_limit_ms=1)
    shared, stream = cuda.share(pages()), cuda.stream()
    simulated.add_one(stream, shared.pointer, shared.pointer + PAGE, N)
    simulated.gpu.stalled = True
    with pytest.raises(AcceleratorLost, match="still at work after 1 ms"):
        cuda.close()
    assert len(simulated.gpu.leaks) == 3
    simulated.gpu.process_ended()
