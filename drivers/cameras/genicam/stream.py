"""The frames of one camera behind a GenTL producer: one buffer of the library's, and a copy.

The library's binding announces no memory but Python's own bytes, so that the ring's slots cannot
be given to a producer. As many buffers as it asks for are announced; one of them is used.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from genicam import gentl

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.genicam.nodes import LIBRARY_ERRORS
from gonogo.drivers.cameras.machine import Frame
from gonogo.drivers.cameras.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.genicam.device import Device

LOCK = "TLParamsLocked"  # what the size of a frame depends on cannot be changed while it is 1
_TURN_S = 0.1  # how soon the thread that waits for frames hears that it is to end
# the library keeps the interpreter's lock while it waits, so it is asked and never waits
_LOOK_S = 0.001
_IMAGE = gentl.PAYLOADTYPE_INFO_IDS.PAYLOAD_TYPE_IMAGE


class Stream:
    """Owned by one thread; the producer fills the one buffer that it is lent."""

    def __init__(self, device: Device, size_bytes: int) -> None:
        self._device = device
        self._size_bytes = size_bytes
        self._source = device.acquirer.data_streams[0]
        monitors = device.acquirer._new_buffer_event_monitor_dict  # noqa: SLF001 - it has no other
        self._event = monitors[self._source]
        self.lent: NDArray[np.uint8] | None = None
        self._out = threading.Event()  # a buffer is with the producer
        with device.saying("announcing buffers"):
            self._memory = self._announce()
        self._receiver = Receiver(self._wait, f"frames of {device.name}")

    def _announce(self) -> NDArray[np.uint8]:
        source = self._source
        own = source.defines_payload_size()
        size = source.payload_size if own else int(self._device.read("PayloadSize"))
        if size < self._size_bytes:
            raise CameraError(
                f"{self._device.name}: a frame of {self._size_bytes} bytes was ordered, and it "
                f"sends {size}"
            )
        memory = [bytes(size) for _ in range(max(_least(source), 1))]
        self._buffers = [
            source.announce_buffer(gentl.BufferToken(each, at)) for at, each in enumerate(memory)
        ]
        return np.frombuffer(memory[0], np.uint8)

    def start(self) -> None:
        """Frames come from now on, into what is lent."""
        device = self._device
        if device.writable(LOCK):
            device.write(LOCK, 1)
        with device.saying("starting"):
            self._source.start_acquisition(gentl.ACQ_START_FLAGS_LIST.ACQ_START_FLAGS_DEFAULT, -1)
        device.run("AcquisitionStart")

    def _wait(self) -> Frame | None:
        """In the receiver's thread: what has come out, read before the buffer is used again."""
        if not self._out.wait(_TURN_S):
            return None
        with self._device.saying("waiting for a frame"):
            if not self._event.num_in_queue:
                time.sleep(_LOOK_S)
                return None
            seen_ns = time.monotonic_ns()
            self._event.update_event_data(0)
            buffer = self._event.buffer
            self._out.clear()
            return _frame(buffer, seen_ns)

    def lend(self, _pixels: NDArray[np.uint8]) -> None:
        """The next frame goes into the library's buffer, where that is not lent yet."""
        if self.lent is None:
            self.lent = self._memory[: self._size_bytes]
            with self._device.saying("queueing a buffer"):
                self._source.queue_buffer(self._buffers[0])
            self._out.set()

    @property
    def back(self) -> bool:
        """Whether what was lent lies ready: the producer does not write there any more."""
        return self._receiver.ready

    def take(self, deadline_ns: int) -> Frame | None:
        """What was lent, with or without a whole frame; None at the deadline."""
        came = self._receiver.take(deadline_ns)
        if came is None:
            return None
        self.lent = None
        return came[0]

    def close(self) -> None:
        """End the thread, and take the buffers back."""
        self._receiver.close()
        for step in (self._halt, self._flush, *map(self._revoker, self._buffers)):
            with suppress(*LIBRARY_ERRORS):  # a camera that is gone takes none of these
                step()
        self.lent = None

    def _halt(self) -> None:
        self._source.stop_acquisition(gentl.ACQ_STOP_FLAGS_LIST.ACQ_STOP_FLAGS_KILL)

    def _flush(self) -> None:
        self._source.flush_buffer_queue(gentl.ACQ_QUEUE_TYPE_LIST.ACQ_QUEUE_ALL_DISCARD)

    def _revoker(self, buffer: Any) -> Callable[[], object]:  # noqa: ANN401 - of the library
        return lambda: self._source.revoke_buffer(buffer)


def _frame(buffer: Any, seen_ns: int) -> Frame:  # noqa: ANN401 - the library has no types
    fault = _fault(buffer)
    if fault:  # what else it says is of no frame
        return Frame(fault, (0, 0, 0, 0), 0, 0, 0)
    size = told(buffer, "data_size", 0) or buffer.size_filled
    shown = (buffer.width, buffer.height, buffer.pixel_format, size)
    return Frame("", shown, buffer.frame_id, told(buffer, "timestamp_ns", 0), seen_ns)


def _fault(buffer: Any) -> str:  # noqa: ANN401 - the library has no types
    if not buffer.is_complete():
        return "packets are missing"
    if told(buffer, "has_received_larger_payload", default=False):
        return "of another size"
    if buffer.payload_type != _IMAGE or told(buffer, "image_offset", 0):
        return "of a kind that is no picture"
    short = told(buffer, "delivered_image_height", buffer.height) != buffer.height
    return "lines are missing" if short else ""


def _least(source: Any) -> int:  # noqa: ANN401 - the library has no types
    """How many buffers the producer wants to see before it starts."""
    return int(told(source, "buffer_announce_min", 1))


def told(thing: Any, what: str, default: int) -> int:  # noqa: ANN401 - the library has no types
    """What a producer may say, or `default`: none of it is compulsory."""
    try:
        value = getattr(thing, what)
        return int(value() if callable(value) else value)
    except LIBRARY_ERRORS:
        return default
