"""CUDA's numbers for what went wrong, and what a station does about them.

Source: cuda.h, CUresult; the texts are those of cuGetErrorString, which is all that pycuda tells.
"""

from __future__ import annotations

from typing import NamedTuple

from gonogo.base.errors import (
    AcceleratorLost,
    BackendError,
    CudaDeviceAbsent,
    CudaDriverAbsent,
    CudaDriverTooOld,
    CudaError,
    CudaMemoryFull,
)

INVALID_VALUE, NOT_READY, CONTEXT_ACTIVE = 1, 600, 708
ALREADY_REGISTERED, NOT_PERMITTED, NOT_SUPPORTED = 712, 800, 801


class Known(NamedTuple):
    """CUDA's name and text of one number."""

    name: str
    text: str


_OUT_OF_MEMORY, _STUB, _INSUFFICIENT, _NO_DEVICE, _SYSTEM_CALL, _UNKNOWN = 2, 34, 35, 100, 304, 999
KNOWN = {
    INVALID_VALUE: Known("CUDA_ERROR_INVALID_VALUE", "invalid argument"),
    _OUT_OF_MEMORY: Known("CUDA_ERROR_OUT_OF_MEMORY", "out of memory"),
    3: Known("CUDA_ERROR_NOT_INITIALIZED", "initialization error"),
    4: Known("CUDA_ERROR_DEINITIALIZED", "driver shutting down"),
    _STUB: Known("CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"),
    _INSUFFICIENT: Known(
        "CUDA_ERROR_INSUFFICIENT_DRIVER",
        "CUDA driver version is insufficient for CUDA runtime version",
    ),
    46: Known("CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"),
    _NO_DEVICE: Known("CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"),
    101: Known("CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"),
    201: Known("CUDA_ERROR_INVALID_CONTEXT", "invalid device context"),
    214: Known("CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"),
    220: Known(
        "CUDA_ERROR_NVLINK_UNCORRECTABLE",
        "uncorrectable NVLink error detected during the execution",
    ),
    _SYSTEM_CALL: Known(
        "CUDA_ERROR_OPERATING_SYSTEM", "OS call failed or operation not supported on this OS"
    ),
    400: Known("CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"),
    NOT_READY: Known("CUDA_ERROR_NOT_READY", "device not ready"),
    700: Known("CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"),
    702: Known("CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"),
    CONTEXT_ACTIVE: Known(
        "CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE", "cannot set while device is active in this process"
    ),
    709: Known("CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"),
    710: Known("CUDA_ERROR_ASSERT", "device-side assert triggered"),
    ALREADY_REGISTERED: Known(
        "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED",
        "part or all of the requested memory range is already mapped",
    ),
    713: Known(
        "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED",
        "pointer does not correspond to a registered memory region",
    ),
    714: Known("CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"),
    715: Known("CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"),
    716: Known("CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"),
    717: Known(
        "CUDA_ERROR_INVALID_ADDRESS_SPACE", "operation not supported on global/shared address space"
    ),
    718: Known("CUDA_ERROR_INVALID_PC", "invalid program counter"),
    719: Known("CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"),
    NOT_PERMITTED: Known("CUDA_ERROR_NOT_PERMITTED", "operation not permitted"),
    NOT_SUPPORTED: Known("CUDA_ERROR_NOT_SUPPORTED", "operation not supported"),
    803: Known(
        "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        "system has unsupported display driver / cuda driver combination",
    ),
    804: Known(
        "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
        "forward compatibility was attempted on non supported HW",
    ),
    900: Known(
        "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
        "operation not permitted when stream is capturing",
    ),
    901: Known(
        "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
        "operation failed due to a previous error during capture",
    ),
    _UNKNOWN: Known("CUDA_ERROR_UNKNOWN", "unknown error"),
}
_CODES = {known.text: code for code, known in KNOWN.items()}

# what registering memory is refused with where the same bytes can be had by a copy
# (out of memory, of the system's: less may still be had)
UNREGISTRABLE = {
    INVALID_VALUE, _OUT_OF_MEMORY, _SYSTEM_CALL, ALREADY_REGISTERED, NOT_PERMITTED, NOT_SUPPORTED,
}  # fmt: skip
# after one of these every further call fails, until the process is another one (cuda.h)
_LOST = {4, 46, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, _UNKNOWN}
_TOO_OLD = {_INSUFFICIENT, 803, 804}
_GROUPS = "(on Jetson: is this user in the groups video and render?)"


def code_of(text: str) -> int:
    """The number that a text of cuGetErrorString stands for; -1 for another text."""
    return _CODES.get(text, -1)


def told(call: str, code: int, known: Known | None = None) -> str:
    """A call that was refused, with CUDA's own name and text."""
    name, text = known or KNOWN.get(code, Known(f"CUDA error {code}", "no text"))
    return f"{call}: {name} ({code}): {text}" if code >= 0 else f"{call}: {text}"


def refusal(call: str, code: int, known: Known | None = None) -> BackendError:
    """What to raise for a call that a device in use was refused."""
    what = told(call, code, known)
    if code in _LOST:
        return AcceleratorLost(f"{what}; expected a device that works: check power, driver, dmesg")
    if code == _OUT_OF_MEMORY:
        return CudaMemoryFull(
            f"{what}; expected memory of the device for this engine: take a smaller model, or "
            "end what else uses it (on Jetson: the whole box shares it, see `free -m`)",
            code,
        )
    return CudaError(what, code)


def not_opened(call: str, code: int, known: Known | None = None) -> BackendError:
    """What to raise for a call that was refused before there was a device in use."""
    what = told(call, code, known)
    if code == _STUB:
        return CudaDriverAbsent(f"{what}; take the folder of stubs out of LD_LIBRARY_PATH", code)
    if code in _TOO_OLD:
        return CudaDriverTooOld(f"{what}; expected driver and libraries of one installation", code)
    if code in {_NO_DEVICE, 101}:
        return CudaDeviceAbsent(
            f"{what}; expected an NVIDIA GPU that `nvidia-smi` lists {_GROUPS}", code
        )
    if code == _OUT_OF_MEMORY:
        return refusal(call, code, known)
    return CudaError(f"{what}; is another program using the device alone? {_GROUPS}", code)
