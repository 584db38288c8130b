"""What a backend asks of CUDA: one contract, whichever Python package reaches the driver.

One `Cuda` is one device's primary context, current in the thread that opened it; that thread
alone uses it and all that it made. Pointers are device addresses, sizes are bytes, deadlines
absolute monotonic nanoseconds. Every call checks what the driver says: CudaError with CUDA's
own name and text, AcceleratorLost when the device is gone for good. Each `close` is idempotent;
`Cuda.close` closes what it made and is still open, last made first, also after an error. Whoever
closes something by itself knows that the device does not work on it any more; `Cuda.close` waits
for that, and where the device does not end its work takes nothing apart: AcceleratorLost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DeviceFacts(NamedTuple):
    """A device as the driver describes it."""

    name: str
    compute_capability: tuple[int, int]
    driver: int  # the CUDA version it is for, 1000 x major + 10 x minor
    integrated: bool  # it shares its memory with the processor, as on Jetson
    can_register: bool  # it can use memory that is ours already
    memory_bytes: int


class Event(Protocol):
    """A place in a stream's work."""

    def record(self, stream: Stream) -> None:
        """Behind what the stream has been given so far."""
        ...

    def wait(self, deadline_ns: int) -> bool:
        """Whether it has been reached by then; asks again and again, and never blocks."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


class Graph(Protocol):
    """Captured work, with the addresses that it was captured with."""

    def launch(self, stream: Stream) -> None:
        """Give it to a stream."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


class Shared(Protocol):
    """Host memory that the device uses in place; where that cannot be, a pinned copy of it.

    `pointer` is the device's address of its first byte. `in_place`: False for a copy, which
    `to_device` and `to_host` keep the same as the memory itself; in place they do nothing.
    """

    pointer: int
    in_place: bool

    def to_device(self) -> None:
        """Before the device reads."""
        ...

    def to_host(self) -> None:
        """After the device wrote."""
        ...

    def close(self) -> None:
        """Unregister it, or drop the copy; before the memory is unmapped."""
        ...


class Buffer(Protocol):
    """Memory of the device."""

    pointer: int
    nbytes: int

    def close(self) -> None:
        """Free it."""
        ...


class Stream(Protocol):
    """Work of the device in order, at the highest priority that there is; never the default one."""

    handle: int

    def upload(self, target: Buffer, source: Shared) -> None:
        """Copy from host memory, not waited for; the sizes are the same."""
        ...

    def download(self, target: Shared, source: Buffer) -> None:
        """Copy to host memory, not waited for; the sizes are the same."""
        ...

    def begin_capture(self) -> None:
        """What it is given from here on is recorded, not done; only where the Cuda has graphs."""
        ...

    def end_capture(self) -> Graph:
        """What was recorded, ready to be launched; the capture is over also after a CudaError."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


class Cuda(Protocol):
    """A device in use; `lacks` says in words what this way of reaching it cannot do."""

    name: str  # of the way: "cuda-bindings", "pycuda"
    device: DeviceFacts
    graphs: bool
    lacks: tuple[str, ...]

    def stream(self) -> Stream:
        """A new stream."""
        ...

    def event(self) -> Event:
        """A new event."""
        ...

    def share(self, memory: NDArray[np.uint8]) -> Shared:
        """Flat host memory for the device, as long as it is open.

        The pages that it touches are registered once, whoever else shares some of them.
        """
        ...

    def buffer(self, nbytes: int) -> Buffer:
        """Memory of the device."""
        ...

    def close(self) -> None:
        """Everything that is open, then the context."""
        ...
