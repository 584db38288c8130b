"""A stand-in for `pycuda.driver`, on the simulated GPU: exceptions, and what frees itself.

Written after its source (2026.1). As there, a failed call is told by class and text alone; a
stream or an event goes with its last reference; registering memory fails since 2024.1 (pycuda
#459) with a SystemError, whatever the array. Before that it worked; `pycuda.VERSION` decides.
"""
# ruff: noqa: ANN401, N801 - names are pycuda's, and it takes anything

from __future__ import annotations

import contextlib
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.tests.vendors.gpu import GpuError, current_gpu

if TYPE_CHECKING:
    from collections.abc import Callable

# the real one is linked with the driver's library
if not current_gpu().has_library:
    raise ImportError("libcuda.so.1: cannot open shared object file: No such file or directory")

TEXTS = {  # cuGetErrorString
    1: "invalid argument",
    2: "out of memory",
    34: "CUDA driver is a stub library",
    46: "CUDA-capable device(s) is/are busy or unavailable",
    100: "no CUDA-capable device is detected",
    201: "invalid device context",
    400: "invalid resource handle",
    700: "an illegal memory access was encountered",
    712: "part or all of the requested memory range is already mapped",
    719: "unspecified launch failure",
    801: "operation not supported",
    803: "system has unsupported display driver / cuda driver combination",
    804: "forward compatibility was attempted on non supported HW",
    900: "operation not permitted when stream is capturing",
    999: "unknown error",
}


class Error(Exception):
    """Any."""


class MemoryError(Error):  # noqa: A001
    """Out of memory."""


class LogicError(Error):
    """What none of the others is."""


class LaunchError(Error):
    """A kernel failed."""


class RuntimeError(Error):  # noqa: A001
    """No device, no binary."""


_CLASSES = {719: LaunchError, 702: LaunchError, 2: MemoryError, 100: RuntimeError, 999: Error}


def _called(name: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return function(*args, **options)
    except GpuError as error:
        text = TEXTS.get(error.code, "some text that is newer than this list")
        raise _CLASSES.get(error.code, LogicError)(f"{name} failed: {text}") from None


class device_attribute(IntEnum):
    """Those that somebody asks for."""

    INTEGRATED = 18
    CAN_MAP_HOST_MEMORY = 19


class event_flags(IntEnum):
    """With timing, or not."""

    DEFAULT = 0
    BLOCKING_SYNC = 1
    DISABLE_TIMING = 2


class host_alloc_flags:
    """Of pagelocked_empty."""

    PORTABLE, DEVICEMAP, WRITECOMBINED = 1, 2, 4


class mem_host_register_flags:
    """Of register_host_memory."""

    PORTABLE, DEVICEMAP = 1, 2


def init(flags: int = 0) -> None:
    """As cuInit."""
    assert flags == 0
    _called("cuInit", current_gpu().init)


def get_driver_version() -> int:
    """As cuDriverGetVersion."""
    return int(_called("cuDriverGetVersion", current_gpu().driver_version))


class Device:
    """A device."""

    def __init__(self, ordinal: int) -> None:
        self._ordinal = _called("cuDeviceGet", current_gpu().device, ordinal)

    @staticmethod
    def count() -> int:
        """How many there are."""
        return int(_called("cuDeviceGetCount", current_gpu().device_count))

    def name(self) -> str:
        """Its name."""
        return str(_called("cuDeviceGetName", current_gpu().facts)[0])

    def total_memory(self) -> int:
        """In bytes."""
        return int(_called("cuDeviceTotalMem", current_gpu().facts)[1])

    def compute_capability(self) -> tuple[int, int]:
        """Major, minor."""
        asked = current_gpu().attribute
        major = _called("cuDeviceGetAttribute", asked, 75)
        return int(major), int(_called("cuDeviceGetAttribute", asked, 76))

    def get_attribute(self, attr: device_attribute) -> int:
        """By a member of the enum, as Boost.Python wants it."""
        if not isinstance(attr, device_attribute):
            raise TypeError("Python argument types in Device.get_attribute did not match")
        return int(_called("cuDeviceGetAttribute", current_gpu().attribute, int(attr)))

    def retain_primary_context(self) -> Context:
        """Not current by that."""
        _called("cuDevicePrimaryCtxRetain", current_gpu().retain_context)
        return Context()


class Context:
    """The primary one; a stack of them is kept, of which the top is current."""

    _stack: list[Context] = []  # noqa: RUF012 - as there: one for the process

    def push(self) -> None:
        """Make it current."""
        _called("cuCtxPushCurrent", current_gpu().set_current, 0xC0)
        Context._stack.append(self)

    @staticmethod
    def pop() -> None:
        """Make the one below current."""
        if not Context._stack:
            raise LogicError("context::pop failed: invalid device context - cannot pop")
        Context._stack.pop()
        _called("cuCtxPopCurrent", current_gpu().set_current, 0)

    def detach(self) -> None:
        """Release it; a driver that refuses is told on stderr alone."""
        if self in Context._stack:
            raise current_gpu().violation(
                "a context is detached that was not popped: it stays current"
            )
        _quietly(current_gpu().release_context)


def _quietly(release: Callable[..., None], *args: int) -> None:
    with contextlib.suppress(GpuError):
        release(*args)


class Stream:
    """Without a priority."""

    def __init__(self, flags: int = 0) -> None:
        self._gpu = current_gpu()
        self.handle = _called("cuStreamCreate", self._gpu.stream, flags)

    def is_done(self) -> bool:
        """Whether all its work is done."""
        return _is_done("cuStreamQuery", self._gpu.query_stream, self.handle)

    def synchronize(self) -> None:
        """Block."""
        _called("cuStreamSynchronize", self._gpu.synchronize, "cuStreamSynchronize", self.handle)

    def __del__(self) -> None:
        if hasattr(self, "handle"):
            _quietly(self._gpu.destroy_stream, self.handle)


class Event:
    """A place in a stream's work."""

    def __init__(self, flags: int = 0) -> None:
        self._gpu = current_gpu()
        self._handle = _called("cuEventCreate", self._gpu.event, flags)

    def record(self, stream: Stream | None = None) -> Event:
        """Behind what the stream has been given."""
        if stream is not None and not isinstance(stream, Stream):
            raise TypeError("Event.record: expected a Stream")
        handle = stream.handle if stream is not None else 0
        _called("cuEventRecord", self._gpu.record_event, self._handle, handle)
        return self

    def query(self) -> bool:
        """Whether it was reached."""
        return _is_done("cuEventQuery", self._gpu.query_event, self._handle)

    def synchronize(self) -> Event:
        """Block."""
        _called("cuEventSynchronize", self._gpu.synchronize, "cuEventSynchronize")
        return self

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            _quietly(self._gpu.destroy_event, self._handle)


def _is_done(name: str, query: Callable[[int], None], handle: int) -> bool:
    def ask() -> bool:
        try:
            query(handle)
        except GpuError as error:
            if error.code == 600:
                return False
            raise
        return True

    return bool(_called(name, ask))


class _Freed:
    """Memory that is freed once, by hand or with its last reference."""

    def __init__(self, handle: int, release: Callable[[int], None]) -> None:
        self._handle, self._release, self._valid = handle, release, True

    def free(self) -> None:
        """Give it back."""
        if not self._valid:
            raise LogicError("free failed: invalid resource handle")
        self._valid = False
        _quietly(self._release, self._handle)

    def __del__(self) -> None:
        if self._valid:
            self.free()


class DeviceAllocation(_Freed):
    """Memory of the device."""

    def __int__(self) -> int:
        return self._handle


class HostPointer(_Freed):
    """Memory of the host, as an array's base: what numpy asks of one is its buffer."""

    def __init__(self, host: int, nbytes: int, release: Callable[[int], None]) -> None:
        super().__init__(host, release)
        self.__array_interface__ = {
            "shape": (nbytes,), "typestr": "|u1", "data": (host, False), "version": 3,
        }  # fmt: skip

    def get_device_pointer(self) -> int:
        """The device's address of it."""
        gpu = current_gpu()
        return int(_called("cuMemHostGetDevicePointer", gpu.device_pointer, self._handle))

    def unregister(self) -> None:
        """What free is for registered memory."""
        self.free()


def mem_alloc(nbytes: int) -> DeviceAllocation:
    """Memory of the device."""
    gpu = current_gpu()
    return DeviceAllocation(_called("cuMemAlloc", gpu.allocate, nbytes), gpu.free)


def pagelocked_empty(shape: int, dtype: Any, order: str = "C", mem_flags: int = 0) -> Any:
    """An array whose base frees it."""
    assert order == "C"
    gpu = current_gpu()
    if not mem_flags & host_alloc_flags.DEVICEMAP:
        raise gpu.violation("pinned memory is made that the device cannot reach")
    if np.dtype(dtype) != np.uint8:
        raise gpu.violation(f"pinned memory of {dtype} is not simulated")
    host = _called("cuMemHostAlloc", gpu.pin, shape)
    return np.asarray(HostPointer(host, shape, gpu.unpin))


def register_host_memory(ary: Any, flags: int = 0) -> Any:
    """The same memory as another array, whose base unregisters it."""
    gpu = current_gpu()
    if not flags & mem_host_register_flags.DEVICEMAP:
        raise gpu.violation("memory is registered that the device cannot reach")
    if not isinstance(ary, np.ndarray) or not ary.flags.c_contiguous:
        raise LogicError("register_host_memory failed: invalid argument - ary is not contiguous")
    _called("cuMemHostRegister", gpu.register, ary.ctypes.data, ary.nbytes)
    if sys.modules["pycuda"].VERSION >= (2024, 1):
        gpu.unregister(ary.ctypes.data)
        raise SystemError("<Boost.Python.function> returned a result with an exception set")
    return np.asarray(HostPointer(ary.ctypes.data, ary.nbytes, gpu.unregister))


def memcpy_htod_async(dest: Any, src: Any, stream: Stream | None = None) -> None:
    """All of a buffer to the device."""
    address, nbytes = _buffer(src)
    handle = stream.handle if stream is not None else 0
    _called("cuMemcpyHtoDAsync", current_gpu().copy_to_device, int(dest), address, nbytes, handle)


def memcpy_dtoh_async(dest: Any, src: Any, stream: Stream | None = None) -> None:
    """Into all of a buffer."""
    address, nbytes = _buffer(dest)
    handle = stream.handle if stream is not None else 0
    _called("cuMemcpyDtoHAsync", current_gpu().copy_to_host, address, int(src), nbytes, handle)


def _buffer(memory: Any) -> tuple[int, int]:
    whole = np.asarray(memory)
    return whole.ctypes.data, whole.nbytes
