"""A box with a simulated GPU and a TensorRT of some version, for one test.

Import as `gonogo.tests.engines.backends.tensorrt.boxes`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.engines.backends.cuda.probe import open_cuda
from gonogo.engines.backends.tensorrt.backend import Here, Options, TrtBackend
from gonogo.engines.backends.tensorrt.plan_cache import PlanCache
from gonogo.testing.backends import FRAME
from gonogo.tests.vendors.gpu import simulated_gpu
from gonogo.tests.vendors.installed import CUDA_BINDINGS, PYCUDA, found_in
from gonogo.tests.vendors.tensorrt_fake import VERSIONS, Script, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.cuda.contract import Cuda
    from gonogo.engines.backends.tensorrt.zero_copy import ZeroCopy
    from gonogo.tests.vendors.gpu import Gpu

QUICK = Options(zero_copy="always", run_s=2.0, first_s=2.0, hung_s=0.05)


class TrtBox:
    """What a test sees of the box: its GPU, its TensorRT and faults on order, its plans."""

    def __init__(self, gpu: Gpu, folder: Path, version: str, way: str) -> None:
        self.gpu, self.script, self.way = gpu, Script(), way
        self.options = QUICK
        self.trt: Any = make(version, self.script)
        self.plans = PlanCache(folder / "plans")
        self.power_mode = "none"

    def here(self, options: Options | None = None) -> Here:
        """Where the backend gets things from."""
        return Here(
            cuda=self.cuda,
            package=lambda: self.trt,
            plans=lambda: self.plans,
            power_mode=lambda: self.power_mode,
            options=options or self.options,
        )

    def cuda(self) -> Cuda:
        """The device, by the stand-in for cuda-bindings or pycuda."""
        return open_cuda(self.way, spin=False)

    def open(
        self, model: Path, frame: FrameShape = FRAME, options: Options | None = None
    ) -> TrtBackend:
        """The backend with a model loaded."""
        return TrtBackend(model, frame, 1, self.here(options))

    def other(self, version: str) -> None:
        """Another TensorRT is installed."""
        self.trt = make(version, self.script)


@contextmanager
def trt_box(
    folder: Path,
    version: str = VERSIONS[0],
    way: str = "cuda-bindings",
    zero_copy: ZeroCopy = "always",
    **device: bool,
) -> Iterator[TrtBox]:
    """At its end the GPU has seen no violation, and has nothing left open.

    `device`: integrated, can_register of the simulated GPU.
    """
    with simulated_gpu(**device) as gpu, found_in(CUDA_BINDINGS, PYCUDA):
        box = TrtBox(gpu, folder, version, way)
        box.options = QUICK._replace(zero_copy=zero_copy)
        yield box
