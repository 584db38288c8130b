"""CUDA by NVIDIA's own `cuda-bindings`: the default, with everything that the contract has.

Source: CUDA Driver API; cuda-bindings 12.9 and 13.5, whose calls return a tuple with the result
first. The package imports without a driver; its first call then raises RuntimeError.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from threading import get_ident
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import BackendError, CudaError
from gonogo.engines.backends.cuda.calls import Calls
from gonogo.engines.backends.cuda.codes import NOT_READY, UNREGISTRABLE, not_opened, refusal
from gonogo.engines.backends.cuda.driver import NOWHERE, Bytes, host_bytes
from gonogo.engines.backends.cuda.opening import facts_of, first_device, reads_only, set_flags

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda import driver
    from gonogo.engines.backends.cuda.contract import DeviceFacts

NAME = "cuda-bindings"
_KEPT_FLAGS = (
    "something else in this process made the device's context before: whether the processor "
    "spins or sleeps while the driver waits is as that one chose"
)


class Memory:
    """See gonogo.engines.backends.cuda.driver."""

    def __init__(self, call: Calls, facts: DeviceFacts, *, read_only: bool) -> None:
        self._call = call
        self._can_register, self._read_only = facts.can_register, read_only

    def allocate(self, nbytes: int) -> Bytes:
        """By cuMemAlloc."""
        made = self._call("cuMemAlloc", nbytes)
        return Bytes(int(made), NOWHERE, made)

    def free(self, made: Bytes) -> None:
        """By cuMemFree."""
        self._call("cuMemFree", made.token)

    def pin(self, nbytes: int) -> Bytes:
        """By cuMemHostAlloc, mapped."""
        api = self._call.api
        address = self._call("cuMemHostAlloc", nbytes, api.CU_MEMHOSTALLOC_DEVICEMAP)
        try:
            pointer = self._call("cuMemHostGetDevicePointer", address, 0)
        except BackendError:
            with contextlib.suppress(BackendError):  # the first one is told
                self._call("cuMemFreeHost", address)
            raise
        return Bytes(int(pointer), host_bytes(address, nbytes), address)

    def unpin(self, made: Bytes) -> None:
        """By cuMemFreeHost."""
        self._call("cuMemFreeHost", made.token)

    def register(self, memory: NDArray[np.uint8]) -> Bytes | None:
        """By cuMemHostRegister, mapped; also of memory that this process may only read."""
        api, address = self._call.api, memory.ctypes.data
        flags = int(api.CU_MEMHOSTREGISTER_DEVICEMAP)
        if not memory.flags.writeable:
            flags |= int(api.CU_MEMHOSTREGISTER_READ_ONLY)
        if not self._can_register or not (memory.flags.writeable or self._read_only):
            return None
        try:
            self._call("cuMemHostRegister", address, memory.nbytes, flags)
        except CudaError as error:
            if error.cuda_code in UNREGISTRABLE:
                return None
            raise
        try:
            pointer = self._call("cuMemHostGetDevicePointer", address, 0)
        except BackendError:
            with contextlib.suppress(BackendError):
                self._call("cuMemHostUnregister", address)
            raise
        return Bytes(int(pointer), memory, address)

    def unregister(self, made: Bytes) -> None:
        """By cuMemHostUnregister."""
        self._call("cuMemHostUnregister", made.token)


class Work:
    """See gonogo.engines.backends.cuda.driver."""

    def __init__(self, call: Calls) -> None:
        self._call = call
        # numerically lower is more urgent: the greatest priority comes second
        _least, self._greatest = call("cuCtxGetStreamPriorityRange")

    def stream(self) -> tuple[Any, int]:
        """By cuStreamCreateWithPriority."""
        flags = self._call.api.CUstream_flags.CU_STREAM_NON_BLOCKING
        made = self._call("cuStreamCreateWithPriority", int(flags), self._greatest)
        return made, int(made)

    def end_stream(self, token: Any) -> None:  # noqa: ANN401
        """By cuStreamDestroy."""
        self._call("cuStreamDestroy", token)

    def is_idle(self, token: Any) -> bool:  # noqa: ANN401
        """By cuStreamQuery."""
        return self._is_done("cuStreamQuery", token)

    def event(self) -> Any:  # noqa: ANN401
        """By cuEventCreate."""
        flags = self._call.api.CUevent_flags.CU_EVENT_DISABLE_TIMING
        return self._call("cuEventCreate", int(flags))

    def end_event(self, token: Any) -> None:  # noqa: ANN401
        """By cuEventDestroy."""
        self._call("cuEventDestroy", token)

    def record(self, event: Any, stream: Any) -> None:  # noqa: ANN401
        """By cuEventRecord."""
        self._call("cuEventRecord", event, stream)

    def is_reached(self, event: Any) -> bool:  # noqa: ANN401
        """By cuEventQuery."""
        return self._is_done("cuEventQuery", event)

    def upload(self, pointer: int, source: NDArray[np.uint8], stream: Any) -> None:  # noqa: ANN401
        """By cuMemcpyHtoDAsync."""
        self._call("cuMemcpyHtoDAsync", pointer, source.ctypes.data, source.nbytes, stream)

    def download(self, target: NDArray[np.uint8], pointer: int, stream: Any) -> None:  # noqa: ANN401
        """By cuMemcpyDtoHAsync."""
        self._call("cuMemcpyDtoHAsync", target.ctypes.data, pointer, target.nbytes, stream)

    def _is_done(self, name: str, token: Any) -> bool:  # noqa: ANN401
        code = self._call.answer(name, token)[0]
        if code and int(code) != NOT_READY:
            raise self._call.refusal(name, code)
        return not code


class Graphs:
    """See gonogo.engines.backends.cuda.driver."""

    def __init__(self, call: Calls) -> None:
        self._call = call

    def begin(self, stream: Any) -> None:  # noqa: ANN401
        """By cuStreamBeginCapture: what other threads do meanwhile does not spoil it."""
        mode = self._call.api.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
        self._call("cuStreamBeginCapture", stream, mode)

    def end(self, stream: Any) -> Any:  # noqa: ANN401
        """By cuStreamEndCapture, cuGraphInstantiate."""
        graph = self._call("cuStreamEndCapture", stream)
        try:
            made = self._call("cuGraphInstantiate", graph, 0)
        except BackendError:
            with contextlib.suppress(BackendError):
                self._call("cuGraphDestroy", graph)
            raise
        try:
            self._call("cuGraphDestroy", graph)  # what is launched is a copy of it
        except BackendError:
            with contextlib.suppress(BackendError):
                self._call("cuGraphExecDestroy", made)
            raise
        return made

    def launch(self, token: Any, stream: Any) -> None:  # noqa: ANN401
        """By cuGraphLaunch."""
        self._call("cuGraphLaunch", token, stream)

    def release(self, token: Any) -> None:  # noqa: ANN401
        """By cuGraphExecDestroy."""
        self._call("cuGraphExecDestroy", token)


# how many of a thread have the device's one context current: the last of them takes it away
_users: Counter[tuple[Any, int]] = Counter()


class Bindings:
    """The device's primary context, which TensorRT's runtime shares, current in this thread."""

    name = NAME

    def __init__(self, api: Any, *, spin: bool) -> None:  # noqa: ANN401 - the module
        call = Calls(api, not_opened)
        self._device = first_device(call)
        self.facts = facts_of(call, self._device)
        kept = not set_flags(call, self._device, spin=spin)
        self.lacks: tuple[str, ...] = (_KEPT_FLAGS,) if kept else ()
        self._call = Calls(api, refusal)
        self._context = call("cuDevicePrimaryCtxRetain", self._device)
        self._mine = (api, get_ident())
        _users[self._mine] += 1
        try:
            call("cuCtxSetCurrent", self._context)
            read_only = reads_only(call, self._device)
            self.memory: driver.Memory = Memory(self._call, self.facts, read_only=read_only)
            self.work: driver.Work = Work(self._call)
        except BackendError:
            with contextlib.suppress(BackendError):
                self.close()
            raise
        self.graphs: driver.Graphs | None = Graphs(self._call)

    def close(self) -> None:
        """Not current any more, unless another of this thread has it, then released."""
        _users[self._mine] -= 1
        try:
            if not _users[self._mine]:
                self._call("cuCtxSetCurrent", self._call.api.CUcontext(0))
        finally:
            self._call("cuDevicePrimaryCtxRelease", self._device)
