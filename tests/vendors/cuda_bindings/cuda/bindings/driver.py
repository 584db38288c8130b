"""A stand-in for `cuda.bindings.driver`, on the simulated GPU: its names, tuples and types.

tests/vendors/test_cuda_signatures.py holds it against the real package. Stricter than that one: a
handle of another kind, and a number in place of a member of an enum, are TypeErrors.
"""
# ruff: noqa: ANN401, D103, N801, N802, N803 - names are NVIDIA's, and say it; it takes anything

from __future__ import annotations

from enum import IntEnum
from functools import wraps
from typing import TYPE_CHECKING, Any

from gonogo.tests.vendors.gpu import GpuError, current_gpu

if TYPE_CHECKING:
    from collections.abc import Callable

CUDA_VERSION = 12090
CU_MEMHOSTALLOC_PORTABLE, CU_MEMHOSTALLOC_DEVICEMAP = 1, 2
CU_MEMHOSTREGISTER_PORTABLE, CU_MEMHOSTREGISTER_DEVICEMAP = 1, 2
CU_MEMHOSTREGISTER_READ_ONLY = 8


class CUresult(IntEnum):
    """Results."""

    CUDA_SUCCESS = 0
    CUDA_ERROR_INVALID_VALUE = 1
    CUDA_ERROR_OUT_OF_MEMORY = 2
    CUDA_ERROR_NOT_INITIALIZED = 3
    CUDA_ERROR_DEINITIALIZED = 4
    CUDA_ERROR_STUB_LIBRARY = 34
    CUDA_ERROR_DEVICE_UNAVAILABLE = 46
    CUDA_ERROR_NO_DEVICE = 100
    CUDA_ERROR_INVALID_DEVICE = 101
    CUDA_ERROR_INVALID_CONTEXT = 201
    CUDA_ERROR_ECC_UNCORRECTABLE = 214
    CUDA_ERROR_OPERATING_SYSTEM = 304
    CUDA_ERROR_INVALID_HANDLE = 400
    CUDA_ERROR_NOT_READY = 600
    CUDA_ERROR_ILLEGAL_ADDRESS = 700
    CUDA_ERROR_LAUNCH_TIMEOUT = 702
    CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE = 708
    CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED = 712
    CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED = 713
    CUDA_ERROR_MISALIGNED_ADDRESS = 716
    CUDA_ERROR_LAUNCH_FAILED = 719
    CUDA_ERROR_NOT_PERMITTED = 800
    CUDA_ERROR_NOT_SUPPORTED = 801
    CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803
    CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE = 804
    CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900
    CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901
    CUDA_ERROR_CAPTURED_EVENT = 907
    CUDA_ERROR_UNKNOWN = 999


class CUdevice_attribute(IntEnum):
    """Those that somebody asks for."""

    CU_DEVICE_ATTRIBUTE_INTEGRATED = 18
    CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY = 19
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76
    CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED = 99
    CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED = 113


class CUctx_flags(IntEnum):
    """How the processor waits."""

    CU_CTX_SCHED_AUTO = 0
    CU_CTX_SCHED_SPIN = 1
    CU_CTX_SCHED_BLOCKING_SYNC = 4


class CUstream_flags(IntEnum):
    """In step with the default stream, or not."""

    CU_STREAM_DEFAULT = 0
    CU_STREAM_NON_BLOCKING = 1


class CUevent_flags(IntEnum):
    """With timing, or not."""

    CU_EVENT_DEFAULT = 0
    CU_EVENT_BLOCKING_SYNC = 1
    CU_EVENT_DISABLE_TIMING = 2


class CUstreamCaptureMode(IntEnum):
    """Whose calls spoil a capture."""

    CU_STREAM_CAPTURE_MODE_GLOBAL = 0
    CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1
    CU_STREAM_CAPTURE_MODE_RELAXED = 2


class _Handle:
    """Any handle: made of its number, and turned into it."""

    def __init__(self, init_value: int = 0) -> None:
        self._value = init_value

    def __int__(self) -> int:
        return self._value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._value:#x}>"


class CUdevice(_Handle):
    """A device."""


class CUdeviceptr(_Handle):
    """Memory of the device."""


class CUcontext(_Handle):
    """A context."""


class CUstream(_Handle):
    """A stream."""


class CUevent(_Handle):
    """An event."""


class CUgraph(_Handle):
    """Captured work."""


class CUgraphExec(_Handle):
    """Captured work that can be launched."""


def _number(value: Any, kind: type[_Handle]) -> int:
    """Of a handle of that kind, or a number itself."""
    if isinstance(value, kind) or type(value) is int:
        return int(value)
    raise TypeError(f"expected {kind.__name__} or int, got {type(value).__name__}")


def _member(value: Any, kind: type[IntEnum]) -> int:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return int(value)


def _address(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"expected an address, got {type(value).__name__}")
    return value


def answers(count: int = 0) -> Callable[[Callable[..., Any]], Callable[..., tuple[Any, ...]]]:
    """A call that returns its result first, and `count` values behind: None where it failed."""

    def decorate(function: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
        @wraps(function)
        def call(*args: Any) -> tuple[Any, ...]:
            if not current_gpu().has_library:
                raise RuntimeError("Failed to dlopen libcuda.so.1")
            try:
                found = function(*args)
            except GpuError as error:
                return (CUresult(error.code), *[None] * count)
            values = () if not count else (found,) if count == 1 else found
            return (CUresult.CUDA_SUCCESS, *values)

        return call

    return decorate


@answers(1)
def cuGetErrorName(error: CUresult) -> bytes:
    _member(error, CUresult)
    return error.name.encode()


@answers(1)
def cuGetErrorString(error: CUresult) -> bytes:
    _member(error, CUresult)
    return b"the driver's text of it"


@answers()
def cuInit(Flags: int) -> None:
    if Flags:
        raise GpuError(CUresult.CUDA_ERROR_INVALID_VALUE)
    current_gpu().init()


@answers(1)
def cuDriverGetVersion() -> int:
    return current_gpu().driver_version()


@answers(1)
def cuDeviceGetCount() -> int:
    return current_gpu().device_count()


@answers(1)
def cuDeviceGet(ordinal: int) -> CUdevice:
    return CUdevice(current_gpu().device(ordinal))


@answers(1)
def cuDeviceGetName(length: int, dev: Any) -> bytes:
    _number(dev, CUdevice)
    name, _ = current_gpu().facts()
    return name.encode().ljust(length, b"\0")[:length]


@answers(1)
def cuDeviceTotalMem(dev: Any) -> int:
    _number(dev, CUdevice)
    return current_gpu().facts()[1]


@answers(1)
def cuDeviceGetAttribute(attrib: CUdevice_attribute, dev: Any) -> int:
    _number(dev, CUdevice)
    return current_gpu().attribute(_member(attrib, CUdevice_attribute))


@answers()
def cuDevicePrimaryCtxSetFlags(dev: Any, flags: int) -> None:
    _number(dev, CUdevice)
    current_gpu().set_context_flags(flags)


@answers(1)
def cuDevicePrimaryCtxRetain(dev: Any) -> CUcontext:
    _number(dev, CUdevice)
    return CUcontext(current_gpu().retain_context())


@answers()
def cuDevicePrimaryCtxRelease(dev: Any) -> None:
    _number(dev, CUdevice)
    current_gpu().release_context()


@answers()
def cuCtxSetCurrent(ctx: Any) -> None:
    current_gpu().set_current(_number(ctx, CUcontext))


@answers(1)
def cuCtxGetCurrent() -> CUcontext:
    return CUcontext(current_gpu().current())


@answers(2)
def cuCtxGetStreamPriorityRange() -> tuple[int, int]:
    return current_gpu().priorities()


@answers()
def cuCtxSynchronize() -> None:
    current_gpu().synchronize()


@answers(1)
def cuMemAlloc(bytesize: int) -> CUdeviceptr:
    return CUdeviceptr(current_gpu().allocate(bytesize))


@answers()
def cuMemFree(dptr: Any) -> None:
    current_gpu().free(_number(dptr, CUdeviceptr))


@answers(1)
def cuMemHostAlloc(bytesize: int, Flags: int) -> int:
    if not Flags & CU_MEMHOSTALLOC_DEVICEMAP:
        raise current_gpu().violation("pinned memory is made that the device cannot reach")
    return current_gpu().pin(bytesize)


@answers()
def cuMemFreeHost(p: Any) -> None:
    current_gpu().unpin(_address(p))


@answers()
def cuMemHostRegister(p: Any, bytesize: int, Flags: int) -> None:
    if not Flags & CU_MEMHOSTREGISTER_DEVICEMAP:
        raise current_gpu().violation("memory is registered that the device cannot reach")
    read_only = bool(Flags & CU_MEMHOSTREGISTER_READ_ONLY)
    current_gpu().register(_address(p), bytesize, read_only=read_only)


@answers()
def cuMemHostUnregister(p: Any) -> None:
    current_gpu().unregister(_address(p))


@answers(1)
def cuMemHostGetDevicePointer(p: Any, Flags: int) -> CUdeviceptr:
    if Flags:
        raise GpuError(CUresult.CUDA_ERROR_INVALID_VALUE)
    return CUdeviceptr(current_gpu().device_pointer(_address(p)))


@answers()
def cuMemcpyHtoDAsync(dstDevice: Any, srcHost: Any, ByteCount: int, hStream: Any) -> None:
    target, stream = _number(dstDevice, CUdeviceptr), _number(hStream, CUstream)
    current_gpu().copy_to_device(target, _address(srcHost), ByteCount, stream)


@answers()
def cuMemcpyDtoHAsync(dstHost: Any, srcDevice: Any, ByteCount: int, hStream: Any) -> None:
    source, stream = _number(srcDevice, CUdeviceptr), _number(hStream, CUstream)
    current_gpu().copy_to_host(_address(dstHost), source, ByteCount, stream)


@answers(1)
def cuStreamCreateWithPriority(flags: int, priority: int) -> CUstream:
    return CUstream(current_gpu().stream(flags, priority))


@answers()
def cuStreamDestroy(hStream: Any) -> None:
    current_gpu().destroy_stream(_number(hStream, CUstream))


@answers()
def cuStreamQuery(hStream: Any) -> None:
    current_gpu().query_stream(_number(hStream, CUstream))


@answers()
def cuStreamSynchronize(hStream: Any) -> None:
    current_gpu().synchronize("cuStreamSynchronize", _number(hStream, CUstream))


@answers(1)
def cuEventCreate(Flags: int) -> CUevent:
    return CUevent(current_gpu().event(Flags))


@answers()
def cuEventDestroy(hEvent: Any) -> None:
    current_gpu().destroy_event(_number(hEvent, CUevent))


@answers()
def cuEventRecord(hEvent: Any, hStream: Any) -> None:
    current_gpu().record_event(_number(hEvent, CUevent), _number(hStream, CUstream))


@answers()
def cuEventQuery(hEvent: Any) -> None:
    current_gpu().query_event(_number(hEvent, CUevent))


@answers()
def cuEventSynchronize(hEvent: Any) -> None:
    _number(hEvent, CUevent)
    current_gpu().synchronize("cuEventSynchronize")


@answers()
def cuStreamBeginCapture(hStream: Any, mode: CUstreamCaptureMode) -> None:
    if (
        _member(mode, CUstreamCaptureMode)
        != CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
    ):
        raise current_gpu().violation("a capture that other threads can spoil")
    current_gpu().begin_capture(_number(hStream, CUstream))


@answers(1)
def cuStreamEndCapture(hStream: Any) -> CUgraph:
    return CUgraph(current_gpu().end_capture(_number(hStream, CUstream)))


@answers(1)
def cuGraphInstantiate(hGraph: Any, flags: int) -> CUgraphExec:
    if flags:
        raise GpuError(CUresult.CUDA_ERROR_INVALID_VALUE)
    return CUgraphExec(current_gpu().instantiate(_number(hGraph, CUgraph)))


@answers()
def cuGraphDestroy(hGraph: Any) -> None:
    current_gpu().destroy_graph(_number(hGraph, CUgraph))


@answers()
def cuGraphExecDestroy(hGraphExec: Any) -> None:
    current_gpu().destroy_exec(_number(hGraphExec, CUgraphExec))


@answers()
def cuGraphLaunch(hGraphExec: Any, hStream: Any) -> None:
    current_gpu().launch(_number(hGraphExec, CUgraphExec), _number(hStream, CUstream))
