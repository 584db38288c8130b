"""The frames of one camera: straight into the slot, or through buffers of the kernel's.

One buffer at a time is the kernel's, so that never two pictures are on their way. What was lent to
it is the kernel's until it comes back, whole or not. Some drivers do not begin before they have
several buffers, or write into memory of their own alone: each way is tried in turn when the camera
is opened, and the first by which a frame comes is taken.
"""

from __future__ import annotations

import errno
import mmap
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.layout import buffer_of, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.v4l2.device import Device, Picture

_NS_PER_S = 1e9
# that memory is not for this driver: physically in one piece, say
_NOT_THAT_MEMORY = {errno.EINVAL, errno.EFAULT, errno.ENOMEM, errno.EIO, errno.EOPNOTSUPP}


class Frame(NamedTuple):
    """A buffer that has come back."""

    fault: str
    """Why the frame is not whole; "" where it is."""
    stamp_ns: int | None
    """None: not said to be of CLOCK_MONOTONIC."""
    sequence: int
    """The camera's own count, 32 bits; frames for which it had no buffer count, too."""
    seen_ns: int
    raw: NDArray[np.uint8]
    """Where its bytes lie, until the next buffer is lent."""


class Stream(ABC):
    """Owned by one thread; the kernel fills what is lent to it."""

    memory: int
    how = ""
    """How the frames come, for a technician."""

    def __init__(self, device: Device, picture: Picture) -> None:
        self._device = device
        self._picture = picture
        self._block = told(layout.BUFFER)

    @abstractmethod
    def begin(self) -> None:
        """Ask for buffers, and stream; OSError where the driver does not do it this way."""

    @abstractmethod
    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """The next frame goes there, or into a buffer of the kernel's; not where one is lent."""

    @abstractmethod
    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether the kernel may still write there."""

    @abstractmethod
    def _back(self, index: int) -> NDArray[np.uint8]:
        """What that buffer is; it is ours again."""

    def take(self, until_ns: int) -> Frame | None:
        """The next buffer that comes back; None: there was none by then."""
        left_s = max(until_ns - time.monotonic_ns(), 0) / _NS_PER_S
        if not self._device.poll(left_s):
            return None
        layout.BUFFER.pack_into(self._block, 0, *self._empty())
        self._device.ask("DQBUF", layout.DQBUF, self._block)
        seen_ns, found = time.monotonic_ns(), buffer_of(self._block)
        monotonic = found.flags & layout.STAMP_MASK == layout.STAMP_MONOTONIC
        return Frame(
            fault_of(found, self._picture),
            found.stamp_ns if monotonic else None,
            found.sequence,
            seen_ns,
            self._back(found.number),
        )

    def _empty(self, index: int = 0, address: int = 0, size: int = 0) -> tuple[int, ...]:
        return (index, layout.CAPTURE, 0, 0, layout.NO_FIELDS, 0, 0, 0, self.memory, address, size)

    def _request(self, count: int) -> int:
        """Ask for buffers; how many there are."""
        block = told(layout.REQUEST, count, layout.CAPTURE, self.memory)
        self._device.tell(layout.REQBUFS, block)
        granted: int = layout.REQUEST.unpack(block)[0]
        return granted

    def _lend(self, index: int, address: int = 0, size: int = 0) -> None:
        layout.BUFFER.pack_into(self._block, 0, *self._empty(index, address, size))
        self._device.tell(layout.QBUF, self._block)

    def _stream(self) -> None:
        self._device.tell(layout.STREAMON, told(layout.WORD, layout.CAPTURE))

    def close(self) -> None:
        """Have everything back: after that the kernel writes nowhere any more. OSError."""
        self._device.tell(layout.STREAMOFF, told(layout.WORD, layout.CAPTURE))
        self._let_go()
        self._request(0)

    @abstractmethod
    def _let_go(self) -> None:
        """Of all memory."""


class IntoSlots(Stream):
    """The kernel writes straight into what is lent: no copy."""

    memory = layout.USER_POINTER
    how = "written straight into its slot"

    def __init__(self, device: Device, picture: Picture) -> None:
        super().__init__(device, picture)
        self._lent: NDArray[np.uint8] | None = None  # kept alive while the kernel may write there

    def begin(self) -> None:
        """The first frame goes into memory of its own, which begins with a page as slots do."""
        self._request(1)
        self.lend(np.frombuffer(mmap.mmap(-1, self._picture.size_bytes), np.uint8))
        self._stream()

    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """Where none is lent yet."""
        if self._lent is None:
            at: int = pixels.__array_interface__["data"][0]  # `.ctypes` leaves cycles behind
            self._lend(0, at, pixels.nbytes)
            self._lent = pixels

    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """Until a frame, or half of one, is in it and nobody writes any more."""
        return self._lent is pixels and not self._device.poll(0.0)

    def _back(self, index: int) -> NDArray[np.uint8]:
        lent, self._lent = self._lent, None
        if index or lent is None:
            raise CameraError(f"{self._device.name}: buffer {index} came back, which was not lent")
        return lent

    def _let_go(self) -> None:
        self._lent = None


class Mapped(Stream):
    """The kernel writes into buffers of its own, out of which each frame is copied."""

    memory = layout.MAPPED
    how = "copied out of a buffer of the kernel's"

    def __init__(self, device: Device, picture: Picture) -> None:
        super().__init__(device, picture)
        self._maps: list[NDArray[np.uint8]] = []
        self._ours: list[int] = []  # those that are not lent

    def begin(self) -> None:
        """As few as the driver gives; one of them is lent."""
        self._use(self._request(1), 1)

    def _use(self, granted: int, lent: int) -> None:
        self._maps = [self._map(index) for index in range(granted)]
        for index in range(lent):  # the others nobody uses
            self._lend(index)
        self._stream()

    def _map(self, index: int) -> NDArray[np.uint8]:
        block = told(layout.BUFFER, *self._empty(index))
        self._device.ask("QUERYBUF", layout.QUERYBUF, block)
        *_, offset, length = layout.BUFFER.unpack(block)
        return np.frombuffer(self._device.map(length, offset), np.uint8)

    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """Whatever has come back; the slot itself is nobody's but ours."""
        del pixels
        while self._ours:
            self._lend(self._ours[-1])
            self._ours.pop()

    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """Never a slot."""
        del pixels
        return False

    def _back(self, index: int) -> NDArray[np.uint8]:
        self._ours.append(index)
        return self._maps[index]

    def _let_go(self) -> None:
        self._maps.clear()
        self._ours.clear()


class MappedAll(Mapped):
    """For a driver that does not begin before it has several: all that it gives are on their way.

    Between two parts they fill with old frames, which are passed over when a part is asked for.
    """

    how = "copied out of buffers of the kernel's: its driver wants several"

    def begin(self) -> None:
        """Where it gave one alone, there is nothing else to try."""
        granted = self._request(1)
        if granted == 1:
            raise OSError(errno.EOPNOTSUPP, "it gives one buffer alone")
        self._use(granted, granted)


def fault_of(found: layout.Buffer, picture: Picture) -> str:
    """Why a frame is not whole; "" where it is."""
    if found.flags & layout.BROKEN:
        return "the camera says that it is damaged"
    # a buffer that is larger than its frame some drivers call full
    if found.used_bytes not in {picture.used_bytes, picture.size_bytes}:
        return f"expected {picture.used_bytes} bytes, got {found.used_bytes}"
    return ""


def start(device: Device, picture: Picture, *, direct: bool, patience_s: float) -> Stream:
    """The first way by which a frame comes; `direct`: a frame is what the line reads."""
    ways: tuple[Callable[[Device, Picture], Stream], ...] = (Mapped, MappedAll)
    for way in (IntoSlots, *ways) if direct else ways:
        stream = way(device, picture)
        try:
            stream.begin()
        except OSError as error:
            _undo(stream)
            if isinstance(error, CameraError):
                raise
            if error.errno not in _NOT_THAT_MEMORY:
                raise device.failure("to stream", error) from error
            continue
        if stream.take(time.monotonic_ns() + round(patience_s * _NS_PER_S)) is not None:
            return stream
        _undo(stream)
    raise CameraError(
        f"{device.name}: no frame within {patience_s:.1f} s: does it wait for a "
        "trigger of its own, or, a frame grabber, for a signal?"
    )


def _undo(stream: Stream) -> None:
    try:
        stream.close()
    except OSError:  # it had not begun
        return
