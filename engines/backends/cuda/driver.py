"""What the two ways to CUDA have to do themselves; everything else they share (device.py).

A way raises what gonogo.engines.backends.cuda.codes makes of a refusal. What it hands out as
`token` is its own, and comes back to it alone.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda.contract import DeviceFacts


class Bytes(NamedTuple):
    """Memory that a way made or registered: the device's address of its first byte.

    `host`: the same bytes for the processor; empty for memory of the device alone.
    """

    pointer: int
    host: NDArray[np.uint8]
    token: Any


class Memory(Protocol):
    """Memory of the device, and memory of the host that the device reaches."""

    def allocate(self, nbytes: int) -> Bytes:
        """Of the device."""
        ...

    def free(self, made: Bytes) -> None:
        """What allocate made."""
        ...

    def pin(self, nbytes: int) -> Bytes:
        """Of the host, page-locked, mapped for the device."""
        ...

    def unpin(self, made: Bytes) -> None:
        """What pin made."""
        ...

    def register(self, memory: NDArray[np.uint8]) -> Bytes | None:
        """The host's own; None where it is refused and a copy would do."""
        ...

    def unregister(self, made: Bytes) -> None:
        """What register made, before it is unmapped."""
        ...


class Work(Protocol):
    """Streams, events, copies."""

    def stream(self) -> tuple[Any, int]:
        """The token of a new one, not in step with the default stream; its handle."""
        ...

    def end_stream(self, token: Any) -> None:  # noqa: ANN401 - the way's own
        """Release it."""
        ...

    def is_idle(self, token: Any) -> bool:  # noqa: ANN401
        """Whether a stream has done all that it was given."""
        ...

    def event(self) -> Any:  # noqa: ANN401
        """The token of a new one, without timing."""
        ...

    def end_event(self, token: Any) -> None:  # noqa: ANN401
        """Release it."""
        ...

    def record(self, event: Any, stream: Any) -> None:  # noqa: ANN401
        """Behind all that the stream was given."""
        ...

    def is_reached(self, event: Any) -> bool:  # noqa: ANN401
        """Whether all before it is done; never waits."""
        ...

    def upload(self, pointer: int, source: NDArray[np.uint8], stream: Any) -> None:  # noqa: ANN401
        """All of pinned host memory to the device."""
        ...

    def download(self, target: NDArray[np.uint8], pointer: int, stream: Any) -> None:  # noqa: ANN401
        """Into all of pinned host memory."""
        ...


class Graphs(Protocol):
    """Captured work; a way without them says so in `Way.graphs`."""

    def begin(self, stream: Any) -> None:  # noqa: ANN401
        """Record what the stream is given, in this thread's captures only."""
        ...

    def end(self, stream: Any) -> Any:  # noqa: ANN401
        """The token of what can be launched."""
        ...

    def launch(self, token: Any, stream: Any) -> None:  # noqa: ANN401
        """Give it to a stream."""
        ...

    def release(self, token: Any) -> None:  # noqa: ANN401
        """Release it."""
        ...


class Way(Protocol):
    """A context that is current in this thread; `graphs` is None where there are none."""

    name: str
    facts: DeviceFacts
    lacks: tuple[str, ...]
    memory: Memory
    work: Work
    graphs: Graphs | None

    def close(self) -> None:
        """Release the context, after all else."""
        ...


def host_bytes(address: int, nbytes: int) -> NDArray[np.uint8]:
    """The processor's view of memory that a driver made."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * nbytes).from_address(address))


NOWHERE: NDArray[np.uint8] = np.empty(0, np.uint8)  # the host's view of the device's own memory
