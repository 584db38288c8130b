"""A simulated GPU behind the stand-ins for `cuda.bindings.driver`, `pycuda` and `tensorrt`.

It has the state that a driver keeps (a primary context, memory, streams, events, graphs), refuses
with CUDA's own codes what a driver refuses (GpuError), and calls a violation what a driver lets
pass and a station must not do: a pointer that is freed, a default stream, a blocking wait. Every
violation is kept in `violations`, so that one whose exception is swallowed fails the test as well.

Work is never done when it is given, but when an event behind it has been asked for `delay` times:
whoever reads a result before its event finds the bytes of before.

It does not simulate: time, concurrency of streams, caches, kernels other than Python functions,
peers, more than one device.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gonogo.tests.vendors.gpu_memory import (
    DEVICE,
    PINNED,
    REGISTERED,
    Memory,
    is_mapped,
    is_writable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.tests.vendors.gpu_memory import Range

# cuda.h, CUresult
INVALID_VALUE, OUT_OF_MEMORY, NOT_INITIALIZED, NO_DEVICE, INVALID_DEVICE = 1, 2, 3, 100, 101
INVALID_CONTEXT, INVALID_HANDLE, NOT_READY, CONTEXT_ACTIVE = 201, 400, 600, 708
ALREADY_REGISTERED, NOT_REGISTERED, LAUNCH_FAILED, NOT_SUPPORTED = 712, 713, 719, 801
CAPTURE_UNSUPPORTED, CAPTURE_INVALIDATED, CAPTURED_EVENT = 900, 901, 907
DRIVER_MISMATCH = 803
GREATEST_PRIORITY = -5


class GpuError(Exception):
    """What the driver answers, as CUDA's number for it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"CUDA error {code}")
        self.code = code


class ViolationError(AssertionError):
    """A driver might have let it pass; a station must not do it."""


class Work(NamedTuple):
    """Something for the device to do, and what it touches; `current`: addresses it would touch now.

    `event`: no work, but a place in it.
    """

    do: Callable[[], None]
    addresses: tuple[int, ...] = ()
    current: Callable[[], tuple[int, ...]] | None = None
    event: int = 0


class Stream:
    """Work in order; `captured` is None unless it is being recorded."""

    def __init__(self, priority: int, flags: int, thread: int) -> None:
        self.priority, self.flags, self.thread = priority, flags, thread
        self.pending: deque[Work] = deque()
        self.captured: list[Work] | None = None
        self.invalidated = False
        self.polls = 0


class Event:
    """A place in a stream's work; `state`: "new", "pending", "reached", "captured"."""

    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.state = "new"
        self.stream = 0
        self.polls = 0


class Gpu:
    """One device. Handles are integers; every call of the driver counts in `calls`."""

    def __init__(
        self, *, integrated: bool = True, delay: int = 2, can_register: bool = True
    ) -> None:
        self.integrated, self.delay, self.can_register = integrated, delay, can_register
        self.name = "Simulated Orin" if integrated else "Simulated RTX"
        self.compute_capability = (8, 7)
        self.driver = 12060
        self.init_code = (
            0  # 100: no driver or device; 803: the driver does not fit its kernel module
        )
        self.has_library = True  # libcuda.so.1
        self.devices = 1
        self.memory_bytes = 8 << 30
        self.stalled = False  # no work is done from now on: a kernel that spins
        self.violations: list[str] = []
        self.calls: Counter[str] = Counter()
        self.released: list[str] = []  # the calls that did, in order
        self.memory = Memory(self.violation, own_addresses=integrated)
        self.streams: dict[int, Stream] = {}
        self.events: dict[int, Event] = {}
        self.graphs: dict[int, list[Work]] = {}
        self.execs: dict[int, list[Work]] = {}
        self.context_flags = 0
        self.retained = 0
        self._initialized = self._ended = False
        self._lost = 0
        self._faults: dict[int, tuple[int, bool]] = {}  # by the number of the call
        self._faults_on: dict[tuple[str, int], tuple[int, bool]] = {}
        self._current: dict[int, bool] = {}  # threads in which the context is current
        self._blocking_allowed = 0
        self._next_handle = 0x1000

    # -- what a test sees and scripts ----------------------------------------------------

    def violation(self, text: str) -> ViolationError:
        """Record one; the caller raises it."""
        self.violations.append(text)
        return ViolationError(text)

    @property
    def total_calls(self) -> int:
        """Calls of the driver until now."""
        return self.calls.total()

    @property
    def leaks(self) -> list[str]:
        """What is still open, as words."""
        found = [str(each) for each in self.memory.open.values()]
        for kind, table in self._tables().items():
            found += [f"{kind} {handle:#x}" for handle in table]
        return found + ["the primary context"] * self.retained

    def _tables(self) -> dict[str, dict[int, object]]:
        return {
            "stream": dict(self.streams),
            "event": dict(self.events),
            "graph": dict(self.graphs),
            "graph that can be launched": dict(self.execs),
        }

    def fail_call(self, number: int, code: int, *, lost: bool = False) -> None:
        """The call of that number from now on (1: the next) fails; `lost`: and every one after."""
        self._faults[self.total_calls + number] = code, lost

    def fail_on(self, name: str, code: int, *, nth: int = 1, lost: bool = False) -> None:
        """The nth call of that name from now on fails; `lost`: and every one after, of any name."""
        self._faults_on[name, self.calls[name] + nth] = code, lost

    def lose(self, code: int = LAUNCH_FAILED) -> None:
        """The device is gone: every call says so from now on."""
        self._lost = code

    def process_ended(self) -> None:
        """What the kernel releases with a process: everything, in any order."""
        self.memory.open.clear()
        for table in (self.streams, self.events, self.graphs, self.execs):
            table.clear()
        self.retained = 0
        self._current.clear()
        self._ended = True

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Blocking waits are allowed within: nothing is being judged yet."""
        self._blocking_allowed += 1
        try:
            yield
        finally:
            self._blocking_allowed -= 1

    # -- what a stand-in for TensorRT uses -----------------------------------------------

    def view(self, pointer: int, nbytes: int, *, write: bool) -> NDArray[np.uint8]:
        """The bytes behind a device pointer."""
        return self.memory.view(pointer, nbytes, write=write)

    def enqueue(
        self,
        stream_handle: int,
        work: Callable[[], None],
        addresses: tuple[int, ...] = (),
        *,
        current: Callable[[], tuple[int, ...]] | None = None,
    ) -> None:
        """Give a stream work; recorded instead where the stream is being captured.

        `addresses` are what it touches, as they are now. `current` tells, when a graph with this
        work is launched, which ones whoever gave it would touch then: others are a violation.
        GpuError once the device is lost, or where the capture was invalidated.
        """
        self._enter("work")
        if not self._current.get(threading.get_ident()):
            raise self.violation("work is given in a thread without a current context")
        self._give(self._stream(stream_handle), Work(work, addresses, current))

    def invalidate_capture(self, stream_handle: int) -> None:
        """Something was done that cannot be recorded: to end the capture fails."""
        self.streams[stream_handle].invalidated = True

    # -- the driver: device and context --------------------------------------------------

    def init(self) -> None:
        """As cuInit."""
        self._enter("cuInit", initialized=False)
        if self.init_code:
            raise GpuError(self.init_code)
        if not self.devices:
            raise GpuError(NO_DEVICE)
        self._initialized = True

    def driver_version(self) -> int:
        """As cuDriverGetVersion: works before cuInit."""
        self._enter("cuDriverGetVersion", initialized=False)
        return self.driver

    def device_count(self) -> int:
        """As cuDeviceGetCount."""
        self._enter("cuDeviceGetCount")
        return self.devices

    def device(self, ordinal: int) -> int:
        """As cuDeviceGet."""
        self._enter("cuDeviceGet")
        if not 0 <= ordinal < self.devices:
            raise GpuError(INVALID_DEVICE)
        return ordinal

    def attribute(self, number: int) -> int:
        """As cuDeviceGetAttribute, those that somebody asked for until now."""
        self._enter("cuDeviceGetAttribute")
        major, minor = self.compute_capability
        known = {18: int(self.integrated), 75: major, 76: minor, 99: int(self.can_register)}
        known |= {19: 1, 91: int(not self.integrated), 113: int(self.can_register)}
        if number not in known:
            raise self.violation(f"device attribute {number} is not simulated")
        return known[number]

    def facts(self) -> tuple[str, int]:
        """As cuDeviceGetName, cuDeviceTotalMem."""
        self._enter("cuDeviceGetName")
        return self.name, self.memory_bytes

    def set_context_flags(self, flags: int) -> None:
        """As cuDevicePrimaryCtxSetFlags; refused once somebody retained it with others."""
        self._enter("cuDevicePrimaryCtxSetFlags")
        if self.retained and flags != self.context_flags:
            raise GpuError(CONTEXT_ACTIVE)
        self.context_flags = flags

    def retain_context(self) -> int:
        """As cuDevicePrimaryCtxRetain; its handle."""
        self._enter("cuDevicePrimaryCtxRetain")
        self.retained += 1
        return 0xC0

    def release_context(self) -> None:
        """As cuDevicePrimaryCtxRelease; nothing of it may be open when the last one releases it."""
        if self._ended:
            return
        if not self.retained:
            raise self.violation("the primary context is released once more than it was retained")
        self.retained -= 1
        if not self.retained and (left := self.leaks):
            raise self.violation(f"the context is released before {', '.join(left)}")
        self.released.append("cuDevicePrimaryCtxRelease")
        self._enter("cuDevicePrimaryCtxRelease")

    def set_current(self, context: int) -> None:
        """As cuCtxSetCurrent; 0: none."""
        if not context:  # also when the device is lost: a release
            self._current.pop(threading.get_ident(), None)
        self._enter("cuCtxSetCurrent")
        if context:
            if not self.retained:
                raise self.violation("a context is made current that is not retained")
            self._current[threading.get_ident()] = True

    def current(self) -> int:
        """As cuCtxGetCurrent."""
        self._enter("cuCtxGetCurrent")
        return 0xC0 if self._current.get(threading.get_ident()) else 0

    def synchronize(self, name: str = "cuCtxSynchronize", stream: int = 0) -> None:
        """A blocking wait, for one stream or for all: only while loading."""
        self._enter(name, context=True)
        if not self._blocking_allowed:
            raise self.violation(f"{name} blocks, and has no deadline")
        if self.stalled:
            raise self.violation(f"{name} would wait for ever")
        self._unsafe()
        for each in [self._stream(stream)] if stream else list(self.streams.values()):
            self._drain(each)

    # -- the driver: memory --------------------------------------------------------------

    def allocate(self, nbytes: int) -> int:
        """As cuMemAlloc."""
        self._enter("cuMemAlloc", context=True)
        self._unsafe()
        if nbytes <= 0:
            raise GpuError(INVALID_VALUE)
        if self.memory.used_bytes + nbytes > self.memory_bytes:
            raise GpuError(OUT_OF_MEMORY)
        return self.memory.allocate(nbytes).pointer

    def free(self, pointer: int) -> None:
        """As cuMemFree."""
        if self._ended:
            return
        self._release(self.memory.of_pointer(pointer), DEVICE, pointer)
        self.released.append("cuMemFree")
        self._enter("cuMemFree", context=True)

    def pin(self, nbytes: int) -> int:
        """As cuMemHostAlloc; the host's address."""
        self._enter("cuMemHostAlloc", context=True)
        self._unsafe()
        return self.memory.pin(nbytes).host

    def unpin(self, host: int) -> None:
        """As cuMemFreeHost."""
        if self._ended:
            return
        self._release_host(host, PINNED)
        self.released.append("cuMemFreeHost")
        self._enter("cuMemFreeHost", context=True)

    def register(self, host: int, nbytes: int, *, read_only: bool = False) -> None:
        """As cuMemHostRegister with DEVICEMAP."""
        self._enter("cuMemHostRegister", context=True)
        self._unsafe()
        if not self.can_register:
            raise GpuError(NOT_SUPPORTED)
        if is_mapped(host, nbytes) and not read_only and not is_writable(host):
            raise GpuError(INVALID_VALUE)
        if self.memory.register(host, nbytes, read_only=read_only) is None:
            raise GpuError(ALREADY_REGISTERED)

    def unregister(self, host: int) -> None:
        """As cuMemHostUnregister."""
        if self._ended:
            return
        self._release_host(host, REGISTERED)
        self.released.append("cuMemHostUnregister")
        self._enter("cuMemHostUnregister", context=True)

    def device_pointer(self, host: int) -> int:
        """As cuMemHostGetDevicePointer."""
        self._enter("cuMemHostGetDevicePointer", context=True)
        found = self.memory.of_host(host, 1)
        if found is None:
            raise GpuError(INVALID_VALUE)
        return found.pointer + host - found.host

    def copy_to_device(self, pointer: int, host: int, nbytes: int, stream: int) -> None:
        """As cuMemcpyHtoDAsync."""
        self._enter("cuMemcpyHtoDAsync", context=True)
        source = self._pinned(host, nbytes)

        def copy() -> None:
            self.view(pointer, nbytes, write=True)[:] = self.view(source, nbytes, write=False)

        self._give(self._stream(stream), Work(copy, (pointer, source)))

    def copy_to_host(self, host: int, pointer: int, nbytes: int, stream: int) -> None:
        """As cuMemcpyDtoHAsync."""
        self._enter("cuMemcpyDtoHAsync", context=True)
        target = self._pinned(host, nbytes)

        def copy() -> None:
            self.view(target, nbytes, write=True)[:] = self.view(pointer, nbytes, write=False)

        self._give(self._stream(stream), Work(copy, (pointer, target)))

    def _pinned(self, host: int, nbytes: int) -> int:
        found = self.memory.of_host(host, nbytes)
        if found is None:
            raise self.violation(
                f"{nbytes} bytes at {host:#x} of the host are not pinned as a whole: "
                "the copy would block"
            )
        return found.pointer + host - found.host

    def _release_host(self, host: int, kind: str) -> None:
        found = [each for each in self.memory.open.values() if each.host == host]
        if not found:
            raise self.violation(f"{host:#x} of the host is released, and is no {kind}")
        self._release(found[0], kind, found[0].pointer)

    def _release(self, found: Range, kind: str, pointer: int) -> None:
        if found.kind != kind or found.pointer != pointer:
            raise self.violation(f"{pointer:#x} is released as {kind}, and lies in {found}")
        for stream in self.streams.values():
            touched = [each for work in stream.pending for each in work.addresses]
            if not self._lost and any(found.holds(each) for each in touched):
                raise self.violation(f"{found} is released while the device works on it")
        self.memory.release(found)

    # -- the driver: streams and events --------------------------------------------------

    def priorities(self) -> tuple[int, int]:
        """As cuCtxGetStreamPriorityRange: least, greatest."""
        self._enter("cuCtxGetStreamPriorityRange", context=True)
        return 0, GREATEST_PRIORITY

    def stream(self, flags: int, priority: int = 0) -> int:
        """As cuStreamCreateWithPriority."""
        self._enter("cuStreamCreateWithPriority", context=True)
        handle = self._handle()
        self.streams[handle] = Stream(priority, flags, threading.get_ident())
        return handle

    def destroy_stream(self, handle: int) -> None:
        """As cuStreamDestroy."""
        if self._ended:
            return
        stream = self._stream(handle)
        del self.streams[handle]
        if stream.pending and not self._lost:
            raise self.violation("a stream is destroyed while the device works on it")
        if stream.captured is not None:
            raise self.violation("a stream is destroyed while it is being captured")
        self.released.append("cuStreamDestroy")
        self._enter("cuStreamDestroy", context=True)

    def query_stream(self, handle: int) -> None:
        """As cuStreamQuery."""
        self._enter("cuStreamQuery", context=True)
        stream = self._stream(handle)
        self._unsafe()
        stream.polls += 1
        if stream.pending and (self.stalled or stream.polls <= self.delay):
            raise GpuError(NOT_READY)
        self._drain(stream)

    def event(self, flags: int) -> int:
        """As cuEventCreate."""
        self._enter("cuEventCreate", context=True)
        handle = self._handle()
        self.events[handle] = Event(flags)
        return handle

    def destroy_event(self, handle: int) -> None:
        """As cuEventDestroy."""
        if self._ended:
            return
        self._event(handle)
        del self.events[handle]
        self.released.append("cuEventDestroy")
        self._enter("cuEventDestroy", context=True)

    def record_event(self, handle: int, stream_handle: int) -> None:
        """As cuEventRecord."""
        self._enter("cuEventRecord", context=True)
        event, stream = self._event(handle), self._stream(stream_handle)
        event.state = "pending" if stream.captured is None else "captured"
        event.stream, event.polls = stream_handle, 0
        self._give(stream, Work(lambda: None, event=handle))

    def query_event(self, handle: int) -> None:
        """As cuEventQuery: GpuError NOT_READY until it has been asked for often enough."""
        self._enter("cuEventQuery", context=True)
        event = self._event(handle)
        if event.state == "new":
            raise self.violation("an event is asked for that was never recorded")
        if event.state == "captured":
            raise GpuError(CAPTURED_EVENT)
        event.polls += 1
        if event.state == "pending":
            if self.stalled or event.polls <= self.delay:
                raise GpuError(NOT_READY)
            self._advance(self.streams[event.stream], handle)

    # -- the driver: graphs --------------------------------------------------------------

    def begin_capture(self, handle: int) -> None:
        """As cuStreamBeginCapture."""
        self._enter("cuStreamBeginCapture", context=True)
        stream = self._stream(handle)
        if stream.captured is not None:
            raise GpuError(CAPTURE_UNSUPPORTED)
        stream.captured, stream.invalidated = [], False

    def end_capture(self, handle: int) -> int:
        """As cuStreamEndCapture: a graph; the capture is over whatever it answers."""
        stream = self._stream(handle)
        captured, stream.captured = stream.captured, None
        self._enter("cuStreamEndCapture", context=True)
        if captured is None:
            raise self.violation("a capture is ended that was not begun")
        if stream.invalidated:
            raise GpuError(CAPTURE_INVALIDATED)
        graph = self._handle()
        self.graphs[graph] = captured
        return graph

    def instantiate(self, graph: int) -> int:
        """As cuGraphInstantiate."""
        self._enter("cuGraphInstantiate", context=True)
        self._known(self.graphs, graph, "graph")
        handle = self._handle()
        self.execs[handle] = list(self.graphs[graph])
        return handle

    def destroy_graph(self, handle: int) -> None:
        """As cuGraphDestroy."""
        self._known(self.graphs, handle, "graph")
        del self.graphs[handle]
        self.released.append("cuGraphDestroy")
        self._enter("cuGraphDestroy", context=True)

    def destroy_exec(self, handle: int) -> None:
        """As cuGraphExecDestroy."""
        self._known(self.execs, handle, "graph")
        del self.execs[handle]
        self.released.append("cuGraphExecDestroy")
        self._enter("cuGraphExecDestroy", context=True)

    def launch(self, handle: int, stream_handle: int) -> None:
        """As cuGraphLaunch: the work with the addresses that it was captured with."""
        self._enter("cuGraphLaunch", context=True)
        self._known(self.execs, handle, "graph")
        stream = self._stream(stream_handle)
        for work in self.execs[handle]:
            if work.current is not None and work.current() != work.addresses:
                raise self.violation("a graph is launched with addresses that were changed since")
            self._give(stream, work)

    # -- within --------------------------------------------------------------------------

    def _enter(self, name: str, *, initialized: bool = True, context: bool = False) -> None:
        """One call of the driver: counted, and failed where that was ordered."""
        self.calls[name] += 1
        fault = self._faults.pop(self.total_calls, None)
        fault = self._faults_on.pop((name, self.calls[name]), fault)
        if fault is not None:
            code, lost = fault
            self._lost = code if lost else self._lost
            raise GpuError(code)
        if self._lost:
            raise GpuError(self._lost)
        if initialized and not self._initialized:
            raise GpuError(NOT_INITIALIZED)
        if context and not self._current.get(threading.get_ident()):
            raise GpuError(INVALID_CONTEXT)

    def _handle(self) -> int:
        self._next_handle += 0x10
        return self._next_handle

    def _known(self, table: dict[int, list[Work]], handle: int, kind: str) -> None:
        if handle not in table:
            raise self.violation(f"{kind} {handle:#x} is not there, or not any more")

    def _stream(self, handle: int) -> Stream:
        if handle in {0, 1, 2}:  # cuda.h: CU_STREAM_LEGACY 1, CU_STREAM_PER_THREAD 2
            raise self.violation("the default stream is used")
        if handle not in self.streams:
            raise self.violation(f"stream {handle:#x} is not there, or not any more")
        return self.streams[handle]

    def _event(self, handle: int) -> Event:
        if handle not in self.events:
            raise self.violation(f"event {handle:#x} is not there, or not any more")
        return self.events[handle]

    def _unsafe(self) -> None:
        """What a thread must not call while it captures: every capture of it is lost by that."""
        mine = threading.get_ident()
        captures = [
            each
            for each in self.streams.values()
            if each.captured is not None and each.thread == mine
        ]
        for each in captures:
            each.invalidated = True
        if captures:
            raise GpuError(CAPTURE_UNSUPPORTED)

    def _give(self, stream: Stream, work: Work) -> None:
        for address in work.addresses:
            self.memory.of_pointer(address)
        if stream.captured is None:
            stream.pending.append(work)
            stream.polls = 0
        elif stream.invalidated:
            raise GpuError(CAPTURE_INVALIDATED)
        else:
            stream.captured.append(work)

    def _advance(self, stream: Stream, until: int) -> None:
        """All work up to an event."""
        while stream.pending:
            work = stream.pending.popleft()
            self._do(work)
            if work.event == until and self.events[until].state == "reached":
                return

    def _drain(self, stream: Stream) -> None:
        while stream.pending:
            self._do(stream.pending.popleft())

    def _do(self, work: Work) -> None:
        try:
            work.do()
        except GpuError as error:  # a kernel that failed: sticky, as with a real device
            self._lost = error.code
            raise
        # recorded again since: this place is not the one that is asked for
        again = any(each.event == work.event for s in self.streams.values() for each in s.pending)
        if work.event in self.events and not again:
            self.events[work.event].state = "reached"


_current: list[Gpu] = []


def current_gpu() -> Gpu:
    """The one of the test; in a process of a station: as GONOGO_SIMULATED_GPU says (JSON)."""
    if not _current:
        told = json.loads(os.environ.get("GONOGO_SIMULATED_GPU", "{}"))
        gpu = Gpu(integrated=told.pop("integrated", True))
        for name, value in told.items():
            setattr(gpu, name, value)
        _current.append(gpu)
    return _current[-1]


@contextmanager
def simulated_gpu(
    *, integrated: bool = True, delay: int = 2, can_register: bool = True
) -> Iterator[Gpu]:
    """A GPU for one test, which at its end has seen no violation and has nothing left open."""
    gpu = Gpu(integrated=integrated, delay=delay, can_register=can_register)
    _current.append(gpu)
    try:
        yield gpu
    finally:
        _current.remove(gpu)
    assert gpu.violations == []
    assert gpu.leaks == []
