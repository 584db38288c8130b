"""Which way to CUDA this box has, and a device by it.

cuda-bindings first: it is NVIDIA's own, and has graphs, priorities and registered memory. Nothing
here starts a process or forks one: a context does not survive that. TensorRT is not touched before
a device was opened: its runtime crashes without a driver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import MissingExtra
from gonogo.engines.backends.cuda import bindings, pycuda
from gonogo.engines.backends.cuda.device import Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.engines.backends.cuda.contract import Cuda
    from gonogo.engines.backends.cuda.driver import Way

AUTO = "auto"
WAYS = (bindings.NAME, pycuda.NAME)  # the first that is there is taken
_HOW = "expected cuda-bindings (pip install 'gonogo[jetson]') or pycuda"


def open_cuda(
    wanted: str = AUTO, *, spin: bool, load: Callable[[str], Any] = import_module
) -> Cuda:
    """The first device, by the way that is `wanted`: one of WAYS, or "auto".

    `spin`: the processor spins while it waits for the device, instead of sleeping. MissingExtra
    where the package is not there, else a CudaError that says what is. One that is there and
    cannot open a device is not passed over for the other: the driver is the same.
    """
    if wanted not in {AUTO, *WAYS}:
        raise MissingExtra(f"CUDA by '{wanted}': expected one of {', '.join((AUTO, *WAYS))}")
    absent: list[str] = []
    for name in WAYS if wanted == AUTO else (wanted,):
        try:
            way = _WAYS[name](load, spin=spin)
        except (ImportError, OSError) as error:  # OSError: a library of it that cannot be loaded
            absent.append(f"{name}: {error}")
            continue
        return Device(way, spin=spin, passed_over=tuple(absent))
    raise MissingExtra(f"CUDA: {'; '.join(absent)}; {_HOW if wanted == AUTO else _hint(wanted)}")


def _hint(wanted: str) -> str:
    if wanted == bindings.NAME:
        return "pip install 'gonogo[jetson]'"
    return "build pycuda on this box (it needs nvcc), or name cuda-bindings"


def _bindings(load: Callable[[str], Any], *, spin: bool) -> Way:
    return bindings.Bindings(load("cuda.bindings.driver"), spin=spin)


def _pycuda(load: Callable[[str], Any], *, spin: bool) -> Way:  # noqa: ARG001 - it cannot say
    try:
        api = load("pycuda.driver")
    except (ImportError, OSError) as error:
        if (told := pycuda.import_failed(error)) is not None:
            raise told from error
        raise
    return pycuda.Pycuda(api, load("pycuda").VERSION)


_WAYS = {bindings.NAME: _bindings, pycuda.NAME: _pycuda}
