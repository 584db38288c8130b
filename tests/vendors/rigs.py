"""A GPU for the tests of the CUDA layer: simulated or real, and kernels to see its memory with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from gonogo.engines.backends.cuda.probe import open_cuda
from gonogo.tests.vendors.gpu import simulated_gpu
from gonogo.tests.vendors.installed import CUDA_BINDINGS, PYCUDA, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.engines.backends.cuda.contract import Cuda, Stream
    from gonogo.tests.vendors.gpu import Gpu

SPIN_MS = 300  # of a kernel that spins on a real device


class Rig(Protocol):
    """A device by one of the ways to it."""

    def open(self, *, spin: bool = True) -> Cuda:
        """It, in use."""
        ...

    def add_one(self, stream: Stream, source: int, target: int, nbytes: int) -> None:
        """Give a stream a kernel: each byte of `target` becomes that of `source` plus one."""
        ...

    def spin(self, stream: Stream) -> None:
        """Give a stream a kernel that runs for SPIN_MS, or until `let_go`."""
        ...

    def let_go(self) -> None:
        """The kernel that spins may end."""
        ...


class SimulatedRig:
    """On the simulated GPU."""

    def __init__(self, gpu: Gpu, way: str) -> None:
        self.gpu, self._way = gpu, way

    def open(self, *, spin: bool = True) -> Cuda:
        """By the stand-in that is found."""
        return open_cuda(self._way, spin=spin)

    def add_one(self, stream: Stream, source: int, target: int, nbytes: int) -> None:
        """By numpy."""

        def kernel() -> None:
            seen = self.gpu.view(source, nbytes, write=False)
            self.gpu.view(target, nbytes, write=True)[:] = seen + 1

        self.gpu.enqueue(stream.handle, kernel, (source, target))

    def spin(self, stream: Stream) -> None:
        """Nothing is done any more."""
        self.gpu.enqueue(stream.handle, lambda: None)
        self.gpu.stalled = True

    def let_go(self) -> None:
        """It is done again."""
        self.gpu.stalled = False


KINDS = {  # the way, and what is under it
    "cuda-bindings on Jetson": ("cuda-bindings", True, (2026, 1)),
    "cuda-bindings on a discrete GPU": ("cuda-bindings", False, (2026, 1)),
    "pycuda on Jetson": ("pycuda", True, (2026, 1)),
    "pycuda 2023.1 on a discrete GPU": ("pycuda", False, (2023, 1)),
}


@contextmanager
def simulated_rig(kind: str) -> Iterator[SimulatedRig]:
    """One of KINDS, which at its end has seen no violation and has nothing left open."""
    way, integrated, version = KINDS[kind]
    with simulated_gpu(integrated=integrated) as gpu, found_in(CUDA_BINDINGS, PYCUDA):
        import pycuda  # type: ignore[import-not-found] # noqa: PLC0415 - the stand-in is found now

        pycuda.VERSION = version
        yield SimulatedRig(gpu, way)
