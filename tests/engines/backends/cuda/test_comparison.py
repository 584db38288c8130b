"""What `gonogo check` says of the ways to CUDA that a box has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CudaError, MissingExtra
from gonogo.base.shm import PAGE
from gonogo.engines.backends.cuda.comparison import compare_ways, ways_of
from gonogo.engines.backends.cuda.probe import open_cuda
from gonogo.tests.vendors.gpu import simulated_gpu
from gonogo.tests.vendors.installed import CUDA_BINDINGS, PYCUDA, found_in
from gonogo.tests.vendors.rigs import KINDS, simulated_rig

if TYPE_CHECKING:
    from gonogo.engines.backends.cuda.contract import Cuda


def test_compare_ways_measures_both_and_says_what_each_lacks() -> None:
    """Graphs and registered memory by the one, neither by the other; nothing stays open."""
    with simulated_gpu(), found_in(CUDA_BINDINGS, PYCUDA):
        said = compare_ways(5 * PAGE + 7)
    assert said[0].startswith("CUDA by cuda-bindings: Simulated Orin, compute 8.7, integrated")
    assert said[0].endswith("8192 MB, driver for CUDA 12.6")
    measured = rf"  {5 * PAGE + 7} bytes there and back: [\d.]+ ms given anew"
    assert re.fullmatch(measured + r", [\d.]+ ms as a graph; in place", said[1])
    assert said[2].startswith("CUDA by pycuda: ")
    assert [each for each in said[3:-1] if not each.startswith("  lacks: no ")] == [
        "  lacks: whether the processor spins or sleeps while the driver waits cannot be said"
    ]
    assert re.fullmatch(measured + r"; [\d.]+ ms of it pinned copies", said[-1])


def test_ways_are_tried_for_a_backend_on_cuda_alone() -> None:
    """No other one pays for it."""
    with simulated_gpu() as gpu, found_in(CUDA_BINDINGS, PYCUDA):
        assert list(ways_of("onnxruntime", PAGE)) == []
        assert gpu.total_calls == 0
        assert ways_of("tensorrt", PAGE)[0].startswith("CUDA by cuda-bindings: ")


def test_compare_ways_says_why_one_is_not_here() -> None:
    """The other is measured all the same."""

    def opened(name: str) -> Cuda:
        if name == "pycuda":
            raise MissingExtra("no pycuda")
        return open_cuda(name, spin=False)

    with simulated_rig("cuda-bindings on Jetson"):
        said = compare_ways(PAGE, opened)
    assert len(said) == 3
    assert said[-1] == "CUDA by pycuda: GN121: no pycuda"


@pytest.mark.parametrize("kind", KINDS)
def test_compare_ways_outlives_a_device_that_does_not(kind: str) -> None:
    """Lost between two calls, wherever: one line, and everything released."""
    for number in (5, 20, 60, 200):
        with simulated_rig(kind) as rig:
            rig.gpu.fail_call(number, 719, lost=True)
            said = compare_ways(PAGE)
            assert any(": GN3" in each for each in said)


def test_compare_ways_does_not_wait_for_a_device_that_hangs() -> None:
    """A frame that takes a second is no measurement."""
    with simulated_rig("cuda-bindings on Jetson") as rig:

        def opened(name: str) -> Cuda:
            if name == "pycuda":
                raise CudaError("not this one")
            cuda = open_cuda(name, spin=False)
            rig.gpu.stalled = True
            return cuda

        said = compare_ways(PAGE, opened)
        assert "still at work after 1000 ms" in said[0]
        rig.gpu.process_ended()
