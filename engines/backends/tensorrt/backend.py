"""TensorRT on an NVIDIA GPU: Jetson's own, or one on a card.

It never waits for the device without a deadline: work is given to a stream, an event behind it is
asked for until it is time. What was given up is still at work, so the next run waits for it first.

Source: TensorRT, "Python API"; CUDA for Tegra, "Memory Selection".
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import EngineTimeout
from gonogo.engines.backends import progress
from gonogo.engines.backends.cuda.probe import open_cuda
from gonogo.engines.backends.cuda.wanted import wanted
from gonogo.engines.backends.model import open_model
from gonogo.engines.backends.preprocess import Preprocesses
from gonogo.engines.backends.tensorrt.bound_slot import FIRST_RUN_S, BoundSlot, Device, Job
from gonogo.engines.backends.tensorrt.building import Bench
from gonogo.engines.backends.tensorrt.in_flight import Held, InFlight, in_s
from gonogo.engines.backends.tensorrt.package import package
from gonogo.engines.backends.tensorrt.plan import loaded_plan
from gonogo.engines.backends.tensorrt.plan_cache import PlanCache, plans_folder
from gonogo.engines.backends.tensorrt.plan_key import Box
from gonogo.engines.backends.tensorrt.power import power_mode
from gonogo.engines.backends.tensorrt.words import Words
from gonogo.engines.backends.tensorrt.zero_copy import in_place_is_faster

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Outputs
    from gonogo.engines.backends.cuda.contract import Cuda
    from gonogo.engines.backends.placing import Sight
    from gonogo.engines.backends.tensorrt.zero_copy import ZeroCopy


class Options(NamedTuple):
    """How it runs. `zero_copy`: the device uses the host's memory, or copies; auto: measured.

    `run_s` bounds a run that has no deadline, `first_s` the first one of a slot.
    """

    zero_copy: ZeroCopy = "auto"
    run_s: float = 10.0
    first_s: float = FIRST_RUN_S
    hung_s: float = 2.0  # work that is so late never ends: the process begins anew


class Here(NamedTuple):
    """Where the things of this box are got from."""

    cuda: Callable[[], Cuda] = lambda: open_cuda(wanted(), spin=False)
    package: Callable[[], Any] = package
    plans: Callable[[], PlanCache] = lambda: PlanCache(plans_folder())
    power_mode: Callable[[], str] = power_mode
    options: Options = Options()


HERE = Here()


class TrtBackend:
    """One model as a plan; every slot has its own context, tensors and CUDA graph."""

    file_role = "tensorrt"
    uses_threads = False

    def __init__(
        self, model: Path, geometry: FrameShape, _threads: int = 1, here: Here = HERE
    ) -> None:
        self._options = here.options
        # before anything of the device: what is no model is told as every backend tells it
        self._contract = open_model(model)
        self.shapes = self._contract.shapes
        self._preprocess = Preprocesses(self._contract)
        self._preprocess.of(geometry)  # made while it loads, not at the first frame
        self._slots: dict[int, BoundSlot] = {}
        self._told_no_graph = False
        with Held() as stack:
            # first: without a driver TensorRT's runtime would end the process
            cuda = stack.enter_context(closing(here.cuda()))
            self._device = self._opened(stack, cuda, here)
            self._in_place = in_place_is_faster(
                self._device, self._contract, here.options.zero_copy
            )
            stack.callback(self._drop_slots)
            self._stack = stack.pop_all()

    def _opened(self, stack: Held, cuda: Cuda, here: Here) -> Device:
        trt = here.package()
        words = Words(trt)
        box = Box.of(str(trt.__version__), cuda.device, here.power_mode())
        bench = Bench(trt, words, here.plans(), box)
        for lack in cuda.lacks:
            progress.say(f"CUDA by {cuda.name}: {lack}")
        stream = stack.enter_context(closing(cuda.stream()))
        event = stack.enter_context(closing(cuda.event()))
        stack.work = InFlight(stream, event, here.options.hung_s)
        loaded = stack.enter_context(closing(loaded_plan(self._contract, bench, cuda)))
        return Device(cuda, stream, stack.work, loaded, words, here.options.first_s)

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Bind a ring slot once at start; binding it again replaces the old binding."""
        self._device.work.settle(in_s(self._options.run_s))
        if slot in self._slots:  # first: what it has registered may be what comes now
            self._slots.pop(slot).close()
        job = Job(self._contract, self._preprocess, pixels, outputs)
        bound = self._slots[slot] = BoundSlot(self._device, job, in_place=self._in_place)
        if bound.why_no_graph and not self._told_no_graph:
            self._told_no_graph = True
            progress.say(f"no CUDA graph, plain launches instead: {bound.why_no_graph}")

    def run(self, slot: int) -> None:
        """Judge the frame in a bound slot; BackendError when the device fails."""
        self.run_until(slot, in_s(self._options.run_s))

    def run_until(self, slot: int, deadline_ns: int) -> None:
        """As run, until a moment (absolute monotonic, ns); EngineTimeout, AcceleratorLost."""
        bound, work = self._slots[slot], self._device.work
        # what was given up before still writes into its slot
        work.settle(deadline_ns)
        bound.fill()
        work.give(bound.launch)
        if not work.ended(deadline_ns):
            raise EngineTimeout(
                f"TensorRT, slot {slot}: no score before its deadline, {work.taken_ms:.1f} ms "
                "after it was asked"
            )
        bound.finish()

    def sight(self, geometry: FrameShape) -> Sight:
        """What it sees of frames of this geometry."""
        return self._contract.sight(geometry)

    def close(self) -> None:
        """Unload the model; idempotent."""
        self._stack.close()

    def layers(self) -> str:
        """What each layer computes in, as TensorRT's own JSON."""
        return self._device.loaded.layers()

    def _drop_slots(self) -> None:
        with ExitStack() as stack:
            for bound in self._slots.values():
                stack.callback(bound.close)
            self._slots.clear()
