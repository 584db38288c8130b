"""CUDA by `pycuda`, where a box has that and not cuda-bindings, or the station asks for it.

It has neither graphs nor priorities nor the flags of a primary context, and tells of an error its
text alone. A stream or an event is released when the last reference to it goes.

Source: pycuda 2026.1, src/wrapper/wrap_cudadrv.cpp. Since 2024.1 its register_host_memory fails
(pycuda #459), and drops what it made once more than it may, which ends the process: from then on
it is never called.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from threading import get_ident
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.errors import BackendError, CudaDriverAbsent, CudaError
from gonogo.engines.backends.cuda.codes import Known, code_of, not_opened, refusal
from gonogo.engines.backends.cuda.contract import DeviceFacts
from gonogo.engines.backends.cuda.driver import NOWHERE, Bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda import driver

NAME = "pycuda"
_REGISTERS_BEFORE = (2024, 1)
_NON_BLOCKING = 1  # cuda.h, CU_STREAM_NON_BLOCKING; pycuda has no name for it
_OUT_OF_MEMORY, _LAUNCH_FAILED = 2, 719
_LACKS = (
    "no graphs: every launch is given anew",
    "no priorities: other work of the device is not held back",
    "whether the processor spins or sleeps while the driver waits cannot be said",
)


class Guard:
    """Calls of pycuda, whose exceptions become ours."""

    def __init__(self, api: Any, refused: Callable[[str, int, Known], BackendError]) -> None:  # noqa: ANN401
        self.api = api
        self._refused = refused

    def __call__(self, function: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401
        """What the function returns."""
        try:
            return function(*args)
        except self.api.Error as error:
            told = self._told(error)
        # not within, and without what was given: a traceback would keep a stream or an event
        # from being released
        del function, args
        raise told

    def _told(self, error: Exception) -> BackendError:
        call, _, text = str(error).partition(" failed: ")
        # more than CUDA's text may stand behind it
        code = code_of(text.partition(" - ")[0])
        if code < 0 and isinstance(error, self.api.MemoryError):
            code = _OUT_OF_MEMORY
        if code < 0 and isinstance(error, self.api.LaunchError):
            code = _LAUNCH_FAILED
        if code < 0:
            return self._refused(call, code, Known("", text or call))
        return self._refused(call, code, Known(type(error).__name__, text))


class Box:
    """The only reference to something of pycuda's; emptied, it is released."""

    def __init__(self, it: Any) -> None:  # noqa: ANN401 - pycuda's own
        self.it = it


class Memory:
    """See gonogo.engines.backends.cuda.driver."""

    def __init__(self, call: Guard, *, can_register: bool) -> None:
        self._call = call
        self._can_register = can_register

    def allocate(self, nbytes: int) -> Bytes:
        """A DeviceAllocation."""
        made = self._call(self._call.api.mem_alloc, nbytes)
        return Bytes(int(made), NOWHERE, made)

    def free(self, made: Bytes) -> None:
        """Its own free."""
        self._call(made.token.free)

    def pin(self, nbytes: int) -> Bytes:
        """A page-locked array, mapped."""
        api = self._call.api
        host = self._call(
            api.pagelocked_empty, nbytes, np.uint8, "C", api.host_alloc_flags.DEVICEMAP
        )
        try:
            pointer = self._call(host.base.get_device_pointer)
        except BackendError:
            with contextlib.suppress(BackendError):  # the first one is told
                self._call(host.base.free)
            raise
        return Bytes(int(pointer), host, host.base)

    def unpin(self, made: Bytes) -> None:
        """Its own free."""
        self._call(made.token.free)

    def register(self, memory: NDArray[np.uint8]) -> Bytes | None:
        """Only with a pycuda that can; not of memory that this process may only read."""
        if not self._can_register or not memory.flags.writeable:
            return None
        api = self._call.api
        try:
            made = api.register_host_memory(memory, api.mem_host_register_flags.DEVICEMAP)
        # also where its own code is at fault: a copy will do
        except (api.Error, SystemError, TypeError, ValueError):
            return None
        try:
            pointer = self._call(made.base.get_device_pointer)
        except BackendError:
            with contextlib.suppress(BackendError):
                self._call(made.base.unregister)
            raise
        return Bytes(int(pointer), memory, made.base)

    def unregister(self, made: Bytes) -> None:
        """Its own unregister."""
        self._call(made.token.unregister)


class Work:
    """See gonogo.engines.backends.cuda.driver."""

    def __init__(self, call: Guard) -> None:
        self._call = call

    def stream(self) -> tuple[Any, int]:
        """Without a priority."""
        made = Box(self._call(self._call.api.Stream, _NON_BLOCKING))
        return made, int(made.it.handle)

    def end_stream(self, token: Any) -> None:  # noqa: ANN401
        """By its last reference."""
        token.it = None

    def is_idle(self, token: Any) -> bool:  # noqa: ANN401
        """By cuStreamQuery."""
        return bool(self._call(token.it.is_done))

    def event(self) -> Any:  # noqa: ANN401
        """Without timing."""
        api = self._call.api
        return Box(self._call(api.Event, int(api.event_flags.DISABLE_TIMING)))

    def end_event(self, token: Any) -> None:  # noqa: ANN401
        """By its last reference."""
        token.it = None

    def record(self, event: Any, stream: Any) -> None:  # noqa: ANN401
        """By cuEventRecord."""
        self._call(event.it.record, stream.it)

    def is_reached(self, event: Any) -> bool:  # noqa: ANN401
        """By cuEventQuery."""
        return bool(self._call(event.it.query))

    def upload(self, pointer: int, source: NDArray[np.uint8], stream: Any) -> None:  # noqa: ANN401
        """By cuMemcpyHtoDAsync."""
        self._call(self._call.api.memcpy_htod_async, pointer, source, stream.it)

    def download(self, target: NDArray[np.uint8], pointer: int, stream: Any) -> None:  # noqa: ANN401
        """By cuMemcpyDtoHAsync."""
        self._call(self._call.api.memcpy_dtoh_async, target, pointer, stream.it)


# a thread's context, and how many have it: pycuda keeps a stack of them, and takes from its top
# whoever closes first
_contexts: dict[tuple[Any, int], Any] = {}
_users: Counter[tuple[Any, int]] = Counter()


class Pycuda:
    """The device's primary context, current in this thread; `version` as pycuda.VERSION."""

    name = NAME

    def __init__(self, api: Any, version: tuple[int, ...]) -> None:  # noqa: ANN401 - the module
        call = Guard(api, not_opened)
        call(api.init)
        if not int(call(api.Device.count)):
            raise not_opened("Device.count", 100)
        device = call(api.Device, 0)
        self.facts = _facts(call, device, version)
        self.lacks: tuple[str, ...] = _LACKS
        self._call = Guard(api, refusal)
        self._mine = (api, get_ident())
        if not _users[self._mine]:
            _contexts[self._mine] = self._pushed(call(device.retain_primary_context))
        _users[self._mine] += 1
        can_register = self.facts.can_register
        self.memory: driver.Memory = Memory(self._call, can_register=can_register)
        self.work: driver.Work = Work(self._call)
        self.graphs: driver.Graphs | None = None

    def _pushed(self, context: Any) -> Any:  # noqa: ANN401 - pycuda's
        try:
            self._call(context.push)
        except BackendError:
            with contextlib.suppress(BackendError):
                self._call(context.detach)
            raise
        return context

    def close(self) -> None:
        """Not current any more, then released, once nobody else of this thread has it."""
        _users[self._mine] -= 1
        if _users[self._mine]:
            return
        context = _contexts.pop(self._mine)
        try:
            self._call(context.pop)
        finally:
            self._call(context.detach)


def _facts(call: Guard, device: Any, version: tuple[int, ...]) -> DeviceFacts:  # noqa: ANN401
    asked = call.api.device_attribute
    mapped = bool(call(device.get_attribute, asked.CAN_MAP_HOST_MEMORY))
    return DeviceFacts(
        name=str(call(device.name)),
        compute_capability=call(device.compute_capability),
        driver=int(call(call.api.get_driver_version)),
        integrated=bool(call(device.get_attribute, asked.INTEGRATED)),
        can_register=mapped and tuple(version) < _REGISTERS_BEFORE,
        memory_bytes=int(call(device.total_memory)),
    )


def import_failed(error: Exception) -> BackendError | None:
    """What a failed import of pycuda tells: None where it is just not there."""
    if "libcuda" in str(error):
        return CudaDriverAbsent(
            f"pycuda: {error}; expected NVIDIA's driver (on Jetson it comes with JetPack)"
        )
    if isinstance(error, ModuleNotFoundError):
        return None
    return CudaError(f"pycuda: {error}; build it anew for this driver and Python")
