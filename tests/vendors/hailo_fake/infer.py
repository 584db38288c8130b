"""InferModel, configured models, bindings and jobs, with the rules that HailoRT does not check.

Source: pyhailort.py and infer_model_api.cpp of HailoRT 4 (MIT), and HARDWARE.md.
"""

from __future__ import annotations

import threading
import time
import weakref
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime as ort

from gonogo.tests.vendors.hailo_fake import errors, hef
from gonogo.tests.vendors.hailo_fake.terms import (
    FormatType,
    SchedulingAlgorithm,
    keep_interpreter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.tests.vendors.hailo_fake.chip import VDevice

QUEUE = 4  # frames that may be on their way at once
PRIORITIES = range(32)


class Stream:
    """One input or output: its name, and its shape without a batch, planes last."""

    def __init__(self, model: FakeInferModel, name: str, onnx: Any, renamed: str) -> None:  # noqa: ANN401 - of ONNX Runtime
        self._model = model
        self.name = name
        self.onnx_name = onnx.name
        self.original = renamed
        self.shape = _interleaved(onnx.shape)
        self.format = SimpleNamespace(order="NHWC", type=FormatType.UINT8)
        self.format_type = FormatType.AUTO
        self.is_nms = onnx.name in model.header.nms

    @property
    def quant_infos(self) -> list[Any]:
        """How 8 bits become the model's own unit."""
        scale = self._model.header.input_scale if self.name in self._model.input_names else 0.02
        return [SimpleNamespace(qp_zp=0.0, qp_scale=scale)]

    def set_format_type(self, kind: str) -> None:
        """Before the model is configured."""
        if self._model.configured:
            self._model.bench.violate(f"set_format_type of {self.name} after configure()")
        self.format_type = kind


class FakeInferModel:
    """A model on its way to the chip."""

    def __init__(self, device: VDevice, source: str | bytes) -> None:
        self.device, self.bench = device, device.bench
        content = Path(source).read_bytes() if isinstance(source, str) else source
        try:
            self.header, model = hef.unpack(content)
            self.session = _session(model)
        except Exception:  # noqa: BLE001 - of JSON, ONNX Runtime, or the magic
            raise errors.HailoRTInvalidHEFException(
                "Invalid HEF. See hailort.log for more information"
            ) from None
        self.configured: list[FakeConfigured] = []
        names = self.header.renamed
        net = self.header.net
        (image,) = self.session.get_inputs()
        self.input_names = [f"{net}/input_layer1"]
        self.inputs = [Stream(self, self.input_names[0], image, image.name)]
        self.outputs = [
            Stream(self, f"{net}/{names.get(each.name, each.name)}", each, each.name)
            for each in self.session.get_outputs()
        ]
        self.output_names = [stream.name for stream in self.outputs]
        self.hef = self

    def get_original_names_from_vstream_name(self, name: str) -> list[str]:
        """What an output was called in the model that was compiled (of HEF)."""
        return [stream.original for stream in self.outputs if stream.name == name]

    @property
    def alive(self) -> bool:
        """Whether it is configured and not shut down."""
        return any(not each.down for each in self.configured)

    def input(self, name: str = "") -> Stream:
        """The input of that name."""
        return _of(self.inputs, name)

    def output(self, name: str = "") -> Stream:
        """The output of that name."""
        return _of(self.outputs, name)

    def set_batch_size(self, size: int) -> None:
        """How many frames go in at once."""
        if size != 1:
            self.bench.violate(f"a batch of {size}: parts come one by one")

    def configure(self) -> FakeConfigured:
        """Onto the chip; the interpreter is kept meanwhile, as the real bindings keep it."""
        if self.header.arch != self.bench.script.chip:
            raise errors.of("HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE")
        alive = [model for model in self.device.models if model.alive]
        scheduler = self.device.params.scheduling_algorithm
        if alive and scheduler != SchedulingAlgorithm.ROUND_ROBIN:
            self.bench.violate("two models on a device without a scheduler")
        keep_interpreter(self.bench.script.configure_ms)
        self.configured.append(FakeConfigured(self, scheduled=scheduler != 0))
        return self.configured[-1]


class FakeConfigured:
    """A model on the chip."""

    def __init__(self, model: FakeInferModel, *, scheduled: bool) -> None:
        self.model, self.bench = model, model.bench
        self.down = False
        self.priority = 16
        self.flying: list[Frame] = []
        self._scheduled = scheduled
        self._lock = threading.Lock()

    def create_bindings(self) -> Bindings:
        """Buffers to be named."""
        self._up()
        return Bindings(self.model)

    def set_scheduler_priority(self, priority: int) -> None:
        """Bigger goes first."""
        if not self._scheduled:
            raise errors.HailoRTInvalidOperationException("no scheduler")
        if priority not in PRIORITIES:
            raise errors.HailoRTInvalidArgumentException("a priority of 0 to 31")
        self.priority = priority
        self.bench.note(f"priority {self.model.header.net} {priority}")

    def wait_for_async_ready(self, timeout_ms: int = 1000, frames_count: int = 1) -> None:
        """Until another frame may go in."""
        self._up()
        end_s = time.monotonic() + timeout_ms / 1000
        while len(self.flying) + frames_count > QUEUE:
            if time.monotonic() > end_s:
                raise errors.HailoRTTimeout("Received a timeout")
            time.sleep(0.001)

    def run_async(self, bindings: Any, callback: Callable[..., object] | None = None) -> Job:  # noqa: ANN401 - checked here
        """Give a frame to the chip."""
        self._up()
        if not isinstance(bindings, list):
            self.bench.violate("run_async takes a list")
            raise TypeError("a list of bindings")
        if len(bindings) != 1:
            raise errors.HailoRTInvalidArgumentException("one frame at a time here")
        frame = Frame(self, bindings[0], callback)
        with self._lock:
            for other in self.flying:
                if other.shares(frame):
                    self.bench.violate("a buffer of a job that is on its way was given again")
            self.flying.append(frame)
        self.model.device.submit(frame, self.priority)
        return Job(frame)

    def run(self, bindings: list[Bindings], timeout: int) -> None:
        """Give a frame to the chip and wait."""
        self.run_async(bindings).wait(timeout)

    def land(self, frame: Frame) -> None:
        """A frame is not on its way any more."""
        with self._lock:
            self.flying.remove(frame)

    def shutdown(self) -> None:
        """Give up what is on its way; nothing may be asked of it any more."""
        self.down = True
        for frame in list(self.flying):
            frame.aborted = True
        for frame in list(self.flying):
            frame.ended.wait(10)

    def _up(self) -> None:
        if self.down:
            self.bench.violate("a model was used after it was shut down")
            raise errors.HailoRTInvalidOperationException("shut down")


class BoundStream:
    """One buffer of a job."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer: NDArray[Any] | None = None
        self.fresh = False  # named since the last run

    def set_buffer(self, buffer: NDArray[Any]) -> None:
        """Only that it has no gaps is checked, as in HailoRT."""
        if not buffer.flags.c_contiguous:
            raise errors.HailoRTInvalidArgumentException("a buffer with gaps")
        self.buffer, self.fresh = buffer, True

    def get_buffer(self) -> NDArray[Any] | None:
        """What was named last."""
        return self.buffer


class Bindings:
    """The buffers of one frame."""

    def __init__(self, model: FakeInferModel) -> None:
        self._inputs = [BoundStream(stream) for stream in model.inputs]
        self._outputs = [BoundStream(stream) for stream in model.outputs]

    def input(self, name: str = "") -> BoundStream:
        """The input of that name."""
        return _bound(self._inputs, name)

    def output(self, name: str = "") -> BoundStream:
        """The output of that name."""
        return _bound(self._outputs, name)

    @property
    def all(self) -> list[BoundStream]:
        """Inputs first."""
        return [*self._inputs, *self._outputs]


class Frame:
    """One job: it holds none of the buffers, and finds out whether they are still there."""

    def __init__(
        self, configured: FakeConfigured, bindings: Bindings, callback: Callable[..., object] | None
    ) -> None:
        self.configured, self.bench = configured, configured.bench
        self._callback = callback
        self.aborted = False
        self.ended = threading.Event()
        self._sound = True
        self._buffers = [self._taken(each) for each in bindings.all]
        image = self._buffers[0]()
        self._seen = zlib.crc32(image) if image is not None else 0  # type: ignore[arg-type]

    def _taken(self, bound: BoundStream) -> weakref.ref[NDArray[Any]]:
        stream, buffer = bound.stream, bound.buffer
        if buffer is None:
            raise errors.HailoRTInvalidOperationException(f"no buffer for {stream.name}")
        kind = stream.format_type if stream.format_type != FormatType.AUTO else FormatType.UINT8
        size = int(np.prod(stream.shape)) * np.dtype(kind).itemsize
        if buffer.dtype != np.dtype(kind) or buffer.nbytes != size:
            self._sound = False  # it would be read or written beyond its end
            self.bench.violate(
                f"{stream.name}: {buffer.nbytes} bytes {buffer.dtype}, wanted {size} of {kind}"
            )
        if not bound.fresh and stream.name in self.configured.model.output_names:
            self.bench.violate(f"{stream.name}: not set anew; the last run put its own there")
        bound.fresh = False
        return weakref.ref(buffer)

    def shares(self, other: Frame) -> bool:
        """Whether two jobs have a buffer in common."""
        ours = [array for ref in self._buffers if (array := ref()) is not None]
        theirs = [array for ref in other._buffers if (array := ref()) is not None]
        return any(np.shares_memory(one, two) for one in ours for two in theirs)

    def finish(self, *, lost: bool) -> None:
        """The chip is done with it, or it was given up, or the chip is gone."""
        error: Exception | None = None
        if self.aborted:
            error = errors.HailoRTStreamAbortedByUser("Stream aborted by user")
        elif lost:
            error = errors.HailoRTPCIeDriverException("PCIe driver failure. run 'dmesg'")
        self._write(garbage=error is not None)
        self.configured.land(self)  # first: whoever hears of the end may begin the next one
        self._call(error)
        self.ended.set()

    def _write(self, *, garbage: bool) -> None:
        """Outputs are copied whether it went well or not."""
        buffers = [ref() for ref in self._buffers]
        if any(each is None for each in buffers):
            self.bench.violate("a buffer was let go while its job was on its way")
            return
        if not self._sound:
            return
        image, *results = (each for each in buffers if each is not None)
        if zlib.crc32(image) != self._seen:  # type: ignore[arg-type]
            self.bench.violate("an input was written while the chip was reading it")
        computed = self._computed(image)
        for stream, result, target in zip(
            self.configured.model.outputs, computed, results, strict=True
        ):
            value = np.full(stream.shape, -1e9, np.float32) if garbage else result
            target.reshape(stream.shape)[...] = value

    def _computed(self, image: NDArray[Any]) -> list[NDArray[Any]]:
        model = self.configured.model
        (wanted,) = model.session.get_inputs()
        dtype = np.uint8 if "uint8" in wanted.type else np.float32
        tensor = np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype)
        found = model.session.run([each.onnx_name for each in model.outputs], {wanted.name: tensor})
        return [
            _last_planes(value).reshape(each.shape)
            for value, each in zip(found, model.outputs, strict=True)
        ]

    def _call(self, error: Exception | None) -> None:
        """From a thread of the chip; what gets out of it ends the process in HailoRT."""
        try:
            if self._callback is not None:
                self._callback(completion_info=SimpleNamespace(exception=error))
        except BaseException as escaped:  # noqa: BLE001 - whatever it is
            self.bench.violate(f"a callback raised {type(escaped).__name__}: the process would end")


class Job:
    """What run_async returns."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def wait(self, timeout_ms: int) -> None:
        """May take twice as long; a job whose time is over goes on."""
        for _ in range(2):
            if self._frame.ended.wait(timeout_ms / 1000):
                return
        raise errors.HailoRTTimeout("Received a timeout")


def _session(model: bytes) -> Any:  # noqa: ANN401 - without types
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _interleaved(shape: list[int]) -> list[int]:
    """As the chip has it, without the batch."""
    rest = shape[1:]
    return [rest[1], rest[2], rest[0]] if len(rest) == len("CHW") else list(rest)


def _last_planes(value: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(value[0].transpose(1, 2, 0) if value.ndim == len("NCHW") else value[0])


def _of(streams: list[Stream], name: str) -> Stream:
    if not name and len(streams) == 1:
        return streams[0]
    for stream in streams:
        if stream.name == name:
            return stream
    raise errors.HailoRTNotFoundException("Item not found")


def _bound(streams: list[BoundStream], name: str) -> BoundStream:
    if not name and len(streams) == 1:
        return streams[0]
    for bound in streams:
        if bound.stream.name == name:
            return bound
    raise errors.HailoRTNotFoundException("Item not found")
