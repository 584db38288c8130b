"""One ring slot, bound: its tensors, its context, and the CUDA graph of one inference of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import AcceleratorLost, BackendError, EngineTimeout
from gonogo.engines.backends.outputs import OutputBinding
from gonogo.engines.backends.preprocess import geometry_of
from gonogo.engines.backends.tensorrt.in_flight import Held, in_s
from gonogo.engines.backends.tensorrt.memory import TensorMemory, fits, own_pages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Outputs
    from gonogo.engines.backends.cuda.contract import Cuda, Graph, Stream
    from gonogo.engines.backends.model import Contract
    from gonogo.engines.backends.preprocess import Preprocess, Preprocesses
    from gonogo.engines.backends.tensorrt.in_flight import InFlight
    from gonogo.engines.backends.tensorrt.loaded import Loaded
    from gonogo.engines.backends.tensorrt.words import Words

FIRST_RUN_S = 30.0  # the first inference of a context may take a hundred times longer


class Device(NamedTuple):
    """What all slots of a backend share: one stream, in which they run one after another."""

    cuda: Cuda
    stream: Stream
    work: InFlight
    loaded: Loaded
    words: Words
    first_s: float = FIRST_RUN_S


class Job(NamedTuple):
    """What is bound: frames of which memory, and where their results go."""

    contract: Contract
    preprocesses: Preprocesses
    pixels: NDArray[np.uint8]
    outputs: Outputs


class BoundSlot:
    """One slot; `why_no_graph` is empty where one was captured, or where CUDA has none."""

    def __init__(self, device: Device, job: Job, *, in_place: bool) -> None:
        self.why_no_graph = ""
        self._device = device
        self._pixels = job.pixels
        self._landing = OutputBinding(job.contract, job.outputs, own_pages)
        self._preprocess, self._tensor = _input(job)
        self._context: Any = None
        self._graph: Graph | None = None
        with Held() as stack:
            stack.work = device.work
            self._image = self._placed(stack, self._tensor, in_place=in_place)
            found = {
                name: self._placed(stack, array, in_place=in_place)
                for name, array in self._landing.arrays.items()
            }
            self._results = tuple(found.values())
            self._score = found[job.contract.score.name]
            addresses = {name: memory.pointer for name, memory in found.items()}
            addresses[job.contract.image.name] = self._image.pointer
            self._context = device.loaded.context(addresses)
            stack.callback(self._drop_context)
            self._first_run()
            self._graph = self._captured()
            if self._graph is not None:
                stack.callback(self._graph.close)
            self._stack = stack.pop_all()

    def _placed(self, stack: Held, array: NDArray[Any], *, in_place: bool) -> TensorMemory:
        memory = TensorMemory(self._device.cuda, array, in_place=in_place)
        stack.callback(memory.close)
        return memory

    @property
    def in_place(self) -> bool:
        """Whether the device reads and writes the host's own memory, all of it."""
        return all(memory.in_place for memory in (self._image, *self._results))

    def fill(self) -> None:
        """The frame as the model wants it, and no score: all that the host does before."""
        if self._preprocess is not None:
            self._preprocess.into(self._pixels, self._tensor)
        self._image.before()
        self._landing.clear()
        # what no inference writes must not be the score of the one before, on the device neither
        self._score.before()

    def launch(self) -> None:
        """Give the stream one inference; TensorRtRefused, AcceleratorLost."""
        if self._graph is not None:
            self._graph.launch(self._device.stream)
        else:
            self._enqueue()

    def finish(self) -> None:
        """The event behind it was reached: score, map and embedding go where the line reads."""
        for memory in self._results:
            memory.after()
        self._landing.finish()

    def close(self) -> None:
        """Graph, context, memory, in this order; nothing of it may be at work. Idempotent."""
        self._stack.close()

    def _enqueue(self) -> None:
        """The same each time, so that a graph of it is good for every part."""
        stream = self._device.stream
        self._image.upload(stream)
        self._score.upload(stream)
        self._device.words.checked(
            self._context.execute_async_v3(stream.handle), "execute_async_v3"
        )
        for memory in self._results:
            memory.download(stream)

    def _first_run(self) -> None:
        """What TensorRT makes at its first inference cannot be captured: it is made now."""
        self.fill()
        work = self._device.work
        work.give(self._enqueue)
        if not work.ended(in_s(self._device.first_s)):
            raise EngineTimeout(
                f"TensorRT: the first inference took longer than {self._device.first_s:g} s; the "
                "device hangs, or another program has it"
            )

    def _captured(self) -> Graph | None:
        """The graph of one inference, or none with the reason in `why_no_graph`."""
        if not self._device.cuda.graphs:
            return None
        try:
            self._device.stream.begin_capture()
            return self._recorded()
        except AcceleratorLost:
            raise
        except BackendError as error:
            self.why_no_graph = str(error)
            return None

    def _recorded(self) -> Graph:
        """One inference, captured; the capture is over whatever becomes of it."""
        try:
            self._enqueue()
        except BackendError:
            with contextlib.suppress(BackendError):  # the first refusal is told
                self._device.stream.end_capture().close()
            raise
        return self._device.stream.end_capture()

    def _drop_context(self) -> None:
        self._device.loaded.drop(self._context)
        self._context = None


def _input(job: Job) -> tuple[Preprocess | None, NDArray[Any]]:
    """What makes the tensor of a frame, and the tensor; None where the frame is it already."""
    shape, dtype = job.contract.image.shape, job.contract.dtype
    if job.pixels.shape == shape[2:] and shape[1] == 1 and job.pixels.dtype == dtype:
        tensor = job.pixels.reshape(shape)
        if fits(tensor):
            return None, tensor
    return job.preprocesses.of(geometry_of(job.pixels)), own_pages(shape, dtype)
