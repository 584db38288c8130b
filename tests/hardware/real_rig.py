"""A real NVIDIA GPU, by cuda-bindings or by pycuda, and kernels in PTX: no compiler is needed.

The driver assembles them for whatever device there is. They stand outside of the contract: a
station runs no kernels of its own.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from gonogo.engines.backends.cuda.probe import open_cuda
from gonogo.tests.vendors.rigs import SPIN_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.engines.backends.cuda.contract import Cuda, Stream

WAYS = ("real cuda-bindings", "real pycuda")
_MODULES = {"real cuda-bindings": "cuda.bindings.driver", "real pycuda": "pycuda.driver"}
BLOCK = 256  # threads

# sm_70: every device that TensorRT 10 takes is of it or newer
PTX = b"""
.version 6.1
.target sm_70
.address_size 64

.visible .entry add_one(.param .u64 p_source, .param .u64 p_target, .param .u32 p_count)
{
    .reg .pred %p<2>;
    .reg .b16 %h<3>;
    .reg .b32 %r<6>;
    .reg .b64 %d<8>;
    ld.param.u64 %d1, [p_source];
    ld.param.u64 %d2, [p_target];
    ld.param.u32 %r1, [p_count];
    cvta.to.global.u64 %d3, %d1;
    cvta.to.global.u64 %d4, %d2;
    mov.u32 %r2, %ctaid.x;
    mov.u32 %r3, %ntid.x;
    mov.u32 %r4, %tid.x;
    mad.lo.u32 %r5, %r2, %r3, %r4;
    setp.ge.u32 %p1, %r5, %r1;
    @%p1 bra done;
    cvt.u64.u32 %d5, %r5;
    add.u64 %d6, %d3, %d5;
    add.u64 %d7, %d4, %d5;
    ld.global.u8 %h1, [%d6];
    add.u16 %h2, %h1, 1;
    st.global.u8 [%d7], %h2;
done:
    ret;
}

.visible .entry spin(.param .u64 p_ns)
{
    .reg .pred %p<2>;
    .reg .b64 %d<5>;
    ld.param.u64 %d1, [p_ns];
    mov.u64 %d2, %globaltimer;
again:
    mov.u64 %d3, %globaltimer;
    sub.u64 %d4, %d3, %d2;
    setp.lt.u64 %p1, %d4, %d1;
    @%p1 bra again;
    ret;
}
"""


def why_not(way: str) -> str:
    """Why a way cannot be tried here; "" where it can."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "no NVIDIA driver (libcuda.so.1)"
    try:
        import_module(_MODULES[way])
    except (ImportError, OSError) as error:
        return f"{_MODULES[way]}: {error}"
    return ""


WAYS_HERE = [way for way in WAYS if not why_not(way)]


class RealRig:
    """The first device, by one way."""

    def __init__(self, way: str) -> None:
        self._way = way.removeprefix("real ")
        self._kernels: Any = None

    def open(self, *, spin: bool = True) -> Cuda:
        """It; its kernels are loaded."""
        cuda = open_cuda(self._way, spin=spin)
        kinds = {"cuda-bindings": BindingsKernels, "pycuda": PycudaKernels}
        self._kernels = kinds[self._way]()
        # the module goes with the context, which the device releases last
        return cuda

    def add_one(self, stream: Stream, source: int, target: int, nbytes: int) -> None:
        """See gonogo.tests.vendors.rigs."""
        blocks = -(-nbytes // BLOCK)
        values, kinds = (
            (source, target, nbytes),
            (ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint32),
        )
        self._kernels.launch("add_one", blocks, _token(stream), values, kinds)

    def spin(self, stream: Stream, span_ms: int = SPIN_MS) -> None:
        """See gonogo.tests.vendors.rigs."""
        values = (span_ms * 1_000_000,)
        self._kernels.launch("spin", 1, _token(stream), values, (ctypes.c_uint64,))

    def let_go(self) -> None:
        """Nothing: it ends by itself."""


class BindingsKernels:
    """Kernels by the driver's own calls."""

    def __init__(self) -> None:
        self._api: Any = import_module("cuda.bindings.driver")
        module = self._checked(self._api.cuModuleLoadData(PTX + b"\0"))
        self._functions = {
            name: self._checked(self._api.cuModuleGetFunction(module, name.encode()))
            for name in ("add_one", "spin")
        }

    def launch(
        self,
        name: str,
        blocks: int,
        stream: object,
        values: tuple[int, ...],
        kinds: tuple[Any, ...],
    ) -> None:
        """One kernel of so many blocks; in a capture it is recorded."""
        threads = BLOCK if name == "add_one" else 1
        self._checked(
            self._api.cuLaunchKernel(
                self._functions[name], blocks, 1, 1, threads, 1, 1, 0, stream, (values, kinds), 0
            )
        )

    def _checked(self, answer: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a handle or nothing
        code, *found = answer
        assert int(code) == 0, answer
        return found[0] if found else None


class PycudaKernels:
    """Kernels by pycuda."""

    def __init__(self) -> None:
        self._module = import_module("pycuda.driver").module_from_buffer(PTX)

    def launch(
        self,
        name: str,
        blocks: int,
        stream: object,
        values: tuple[int, ...],
        kinds: tuple[Any, ...],
    ) -> None:
        """One kernel of so many blocks."""
        wide = {ctypes.c_uint64: np.uint64, ctypes.c_uint32: np.uint32}
        given = [wide[kind](value) for value, kind in zip(values, kinds, strict=True)]
        threads = BLOCK if name == "add_one" else 1
        function = self._module.get_function(name)
        function(*given, block=(threads, 1, 1), grid=(blocks, 1), stream=stream)


def _token(stream: Stream) -> object:
    token = cast("Any", stream).token
    return getattr(token, "it", token)  # pycuda's lies in a box


@contextmanager
def real_rig(way: str) -> Iterator[RealRig]:
    """It, or a skip that says what is missing."""
    if missing := why_not(way):
        pytest.skip(missing)
    yield RealRig(way)
