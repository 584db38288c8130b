"""The first device by cuda-bindings, before there is a context: its facts, flags, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.errors import CudaDriverAbsent, CudaDriverTooOld, CudaError
from gonogo.engines.backends.cuda.codes import CONTEXT_ACTIVE, not_opened
from gonogo.engines.backends.cuda.contract import DeviceFacts

if TYPE_CHECKING:
    from gonogo.engines.backends.cuda.calls import Calls

_NAME_BYTES = 128


def first_device(call: Calls) -> Any:  # noqa: ANN401
    """Of a driver that fits; CudaError of the kind that says what is missing."""
    _init(call)
    has, wants = int(call("cuDriverGetVersion")), int(call.api.CUDA_VERSION)
    # within one major version a newer package runs on an older driver
    if has // 1000 < wants // 1000:
        raise CudaDriverTooOld(
            f"the driver is for CUDA {_dotted(has)}, cuda-bindings for CUDA {_dotted(wants)}; "
            f"expected the same major version: pip install 'cuda-bindings<{has // 1000 + 1}'"
        )
    if not int(call("cuDeviceGetCount")):
        raise not_opened("cuDeviceGetCount", 100)
    return call("cuDeviceGet", 0)


def _init(call: Calls) -> None:
    try:
        code = int(call.api.cuInit(0)[0])
    except RuntimeError as error:  # dlopen(3) of libcuda.so.1, dlsym(3) of what is in it
        if "GetProcAddress" in str(error):
            raise CudaDriverTooOld(
                f"cuInit: {error}; expected a driver for CUDA 12 or newer: pip install "
                "'cuda-bindings<12', or a newer driver"
            ) from error
        raise CudaDriverAbsent(
            f"cuInit: {error}; expected NVIDIA's driver (on Jetson it comes with JetPack)"
        ) from error
    if code:
        # before it succeeded, cuGetErrorName may not be asked
        raise not_opened("cuInit", code)


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


def _attribute(call: Calls, device: Any, name: str) -> int:  # noqa: ANN401
    number = getattr(call.api.CUdevice_attribute, f"CU_DEVICE_ATTRIBUTE_{name}")
    return int(call("cuDeviceGetAttribute", number, device))


def facts_of(call: Calls, device: Any) -> DeviceFacts:  # noqa: ANN401
    """As the driver describes it."""
    raw: bytes = call("cuDeviceGetName", _NAME_BYTES, device)
    major = _attribute(call, device, "COMPUTE_CAPABILITY_MAJOR")
    return DeviceFacts(
        name=raw.split(b"\0")[0].decode(errors="replace"),
        compute_capability=(major, _attribute(call, device, "COMPUTE_CAPABILITY_MINOR")),
        driver=int(call("cuDriverGetVersion")),
        integrated=bool(_attribute(call, device, "INTEGRATED")),
        can_register=bool(_attribute(call, device, "HOST_REGISTER_SUPPORTED")),
        memory_bytes=int(call("cuDeviceTotalMem", device)),
    )


def reads_only(call: Calls, device: Any) -> bool:  # noqa: ANN401
    """Whether it registers memory that this process may only read."""
    return bool(_attribute(call, device, "READ_ONLY_HOST_REGISTER_SUPPORTED"))


def set_flags(call: Calls, device: Any, *, spin: bool) -> bool:  # noqa: ANN401
    """Whether the context is or will be as asked for; it can be set before its first use only."""
    kinds = call.api.CUctx_flags
    flags = kinds.CU_CTX_SCHED_SPIN if spin else kinds.CU_CTX_SCHED_BLOCKING_SYNC
    try:
        call("cuDevicePrimaryCtxSetFlags", device, int(flags))
    except CudaError as error:
        if error.cuda_code != CONTEXT_ACTIVE:
            raise
        return False
    return True
