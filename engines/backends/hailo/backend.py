"""Hailo-8 by HailoRT's InferModel, with asynchronous jobs.

Source: HailoRT 4.23, its Python API and the source of its bindings (MIT).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import EngineTimeout
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.hailo.device import PRIORITY_JUDGES, PRIORITY_WAITS, Chip, told
from gonogo.engines.backends.hailo.jobs import LateJobs, SlotJob
from gonogo.engines.backends.hailo.runtime import of_loading
from gonogo.engines.backends.hailo.streams import planes, read_hef, settle_streams
from gonogo.engines.backends.outputs import OutputBinding
from gonogo.engines.backends.preprocess import Preprocesses, geometry_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import DeviceHealth, Outputs
    from gonogo.engines.backends.placing import Sight
    from gonogo.engines.backends.preprocess import Preprocess

RUN_LIMIT_NS = 5000 * NS_PER_MS  # of a run without a deadline: a first one, or a self-test


class _Slot(NamedTuple):
    """One bound ring slot."""

    preprocess: Preprocess
    pixels: NDArray[np.uint8]
    landing: OutputBinding


class HailoBackend:
    """One configured model; every slot has its own bindings, buffers and job."""

    file_role = "hailo"
    uses_threads = False

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        del threads  # it computes on the chip; what is left here is one thread's work
        self._hef, self._fit = read_hef(model)  # kept: whether HailoRT copies it, it does not say
        self._chip: Chip | None = Chip.take()
        try:
            self._configure(self._chip, model)
        except BaseException:
            self.close()
            raise
        self._preprocess = Preprocesses(self._contract)
        self._preprocess.of(geometry)  # made while it loads, not at the first frame
        self._slots: dict[int, _Slot] = {}
        self._jobs: dict[int, SlotJob] = {}
        self._late = LateJobs()

    def _configure(self, chip: Chip, model: Path) -> None:
        self._configured: Any = None
        self._infer_model = chip.create(self._hef, model)
        self._streams = settle_streams(self._infer_model, chip.runtime, model, self._fit)
        self._contract = self._streams.contract
        self.shapes = self._contract.shapes
        try:
            self._configured = self._infer_model.configure()
            # until somebody says that it judges: what judges now goes first
            self._configured.set_scheduler_priority(PRIORITY_WAITS)
        except Exception as error:
            raise of_loading(error, model) from error

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Bind a ring slot once at start; binding it again replaces the old binding."""
        preprocess = self._preprocess.of(geometry_of(pixels))
        self._slots[slot] = _Slot(preprocess, pixels, OutputBinding(self._contract, outputs))
        self._jobs[slot] = SlotJob(self._configured, self._streams)

    def run(self, slot: int) -> None:
        """As run_until, with as much time as a chip that works never needs."""
        self.run_until(slot, time.monotonic_ns() + RUN_LIMIT_NS)

    def run_until(self, slot: int, deadline_ns: int) -> None:
        """Judge the frame in a bound slot; EngineTimeout, AcceleratorLost."""
        bound, job = self._slots[slot], self._jobs[slot]
        interleave(bound.preprocess.resize(bound.pixels), job.image)
        bound.landing.clear()
        if not self._done(slot, job, deadline_ns):
            raise EngineTimeout(
                f"Hailo, slot {slot}: no answer in time; {self._late.count} so far were late"
            )
        # only here, and only of the job that was waited for, anything gets into the ring
        for name, target in bound.landing.arrays.items():
            source = planes(job.raw[name])
            np.copyto(target.reshape(source.shape), source)
        bound.landing.finish()

    def _done(self, slot: int, job: SlotJob, deadline_ns: int) -> bool:
        """Whether the chip has computed it by then; AcceleratorLost when it never does."""
        started = job.start(deadline_ns)
        if started and job.wait(deadline_ns):
            return True
        if started:
            # the slot's next part must not meet the buffers that this one may still write
            self._jobs[slot] = SlotJob(self._configured, self._streams)
        self._late.miss(job if started else None)
        return False

    def prefer(self, *, judges: bool) -> None:
        """Whether its frames go before those of other models on the same chip."""
        with told("its priority cannot be set"):
            self._configured.set_scheduler_priority(PRIORITY_JUDGES if judges else PRIORITY_WAITS)

    def health(self) -> DeviceHealth | None:
        """What the chip says of itself; None while there is nothing new."""
        return None if self._chip is None else self._chip.health()

    def sight(self, geometry: FrameShape) -> Sight:
        """What it sees of frames of this geometry."""
        return self._contract.sight(geometry)

    def close(self) -> None:
        """Unload the model; idempotent."""
        chip, self._chip = self._chip, None
        if chip is None:
            return
        if self._configured is not None:
            # first: what is on its way is given up, and touches its buffers no more
            with told("a model cannot be shut down"):
                self._configured.shutdown()
        self._slots, self._jobs = {}, {}
        self._configured = self._infer_model = None
        chip.release()


def interleave(small: NDArray[np.uint8], image: NDArray[Any]) -> None:
    """A frame of the model's size into its input: (height, width, channels), red, green, blue."""
    channels = image.shape[2]
    if image.dtype != np.uint8:
        image[:] = _ordered(small, channels)
    elif small.ndim == len("HW"):
        np.copyto(image, small[:, :, None])
    elif channels == 1:
        cv2.cvtColor(small, cv2.COLOR_BGR2GRAY, dst=image.reshape(image.shape[:2]))
    else:
        cv2.cvtColor(small, cv2.COLOR_BGR2RGB, dst=image)


def _ordered(small: NDArray[np.uint8], channels: int) -> NDArray[Any]:
    if small.ndim == len("HW"):
        return small[:, :, None]
    if channels == 1:
        return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)[:, :, None]
    return small[:, :, ::-1]
