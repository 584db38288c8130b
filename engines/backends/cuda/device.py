"""The contract's device, streams, events, graphs and memory over either way to CUDA.

Everything that was made and not closed is known, so that closing the device, also after an error,
releases all of it, last made first.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gonogo.base.errors import AcceleratorLost, BackendError, CudaError
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.cuda.driver import NOWHERE
from gonogo.engines.backends.cuda.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda.contract import Buffer, Shared, Stream
    from gonogo.engines.backends.cuda.driver import Graphs, Way, Work

IDLE_LIMIT_MS = 1000  # for the device to end its work when it is closed
_COPIES = "no registered memory: a pinned copy is kept beside it, and copied before and after"
_NAP_S = 20e-6  # between two looks, where the processor is not to spin


class _Made(dict[int, "_Thing"]):
    """What is open, in the order in which it was made."""


class _Thing:
    """Something of the device; `release` is called once, with its token."""

    def __init__(self, made: _Made, token: Any, release: Callable[[Any], None]) -> None:  # noqa: ANN401
        self.token = token
        self._made, self._release = made, release
        made[id(self)] = self

    def close(self) -> None:
        """Release it; idempotent. One of a device that is lost is gone already."""
        if self._made.pop(id(self), None) is None:
            return
        token, self.token = self.token, None  # it may keep memory from being unmapped
        with contextlib.suppress(AcceleratorLost):
            self._release(token)


class _Event(_Thing):
    def __init__(self, made: _Made, work: Work, *, spin: bool) -> None:
        super().__init__(made, work.event(), work.end_event)
        self._work, self._spin = work, spin

    def record(self, stream: Stream) -> None:
        self._work.record(self.token, _token(stream))

    def wait(self, deadline_ns: int) -> bool:
        is_reached, token = self._work.is_reached, self.token
        while not is_reached(token):
            if time.monotonic_ns() >= deadline_ns:
                # once more: this process may have been held up since it asked
                return is_reached(token)
            if not self._spin:
                time.sleep(_NAP_S)
        return True


class _Graph(_Thing):
    def __init__(self, made: _Made, graphs: Graphs, token: Any) -> None:  # noqa: ANN401
        super().__init__(made, token, graphs.release)
        self._graphs = graphs

    def launch(self, stream: Stream) -> None:
        self._graphs.launch(self.token, _token(stream))


class _Shared(_Thing):
    """`host`: what copies go through: the memory itself, or its pinned copy."""

    def __init__(self, device: Device, memory: NDArray[np.uint8]) -> None:
        pages = device.pages.acquire(memory)
        self.in_place = pages is not None
        self.memory = memory
        if pages is not None:
            self.pointer, self.host = pages.pointer(memory), memory
            super().__init__(device.made, pages, device.pages.release)
        else:
            pinned = device.way.memory.pin(memory.nbytes)
            self.pointer, self.host = pinned.pointer, pinned.host
            super().__init__(device.made, pinned, device.way.memory.unpin)

    def to_device(self) -> None:
        if not self.in_place:
            np.copyto(self.host, self.memory)

    def to_host(self) -> None:
        # what this process may only read, the device has not written
        if not self.in_place and self.memory.flags.writeable:
            np.copyto(self.memory, self.host)

    def close(self) -> None:
        # no view may keep the memory from being unmapped, or lead to what is freed
        self.memory = self.host = NOWHERE
        super().close()


class _Buffer(_Thing):
    def __init__(self, device: Device, nbytes: int) -> None:
        memory = device.way.memory
        allocated = memory.allocate(nbytes)
        self.pointer, self.nbytes = allocated.pointer, nbytes
        super().__init__(device.made, allocated, memory.free)


class _Stream(_Thing):
    def __init__(self, made: _Made, way: Way) -> None:
        token, self.handle = way.work.stream()
        super().__init__(made, token, way.work.end_stream)
        self._way, self._captures = way, False

    def upload(self, target: Buffer, source: Shared) -> None:
        host = _same_size(target, source)
        self._way.work.upload(target.pointer, host, self.token)

    def download(self, target: Shared, source: Buffer) -> None:
        host = _same_size(source, target)
        self._way.work.download(host, source.pointer, self.token)

    def begin_capture(self) -> None:
        self._graphs().begin(self.token)
        self._captures = True

    def end_capture(self) -> _Graph:
        graphs, self._captures = self._graphs(), False
        return _Graph(self._made, graphs, graphs.end(self.token))

    def close(self) -> None:
        self.give_up_capture()
        super().close()

    def give_up_capture(self) -> None:
        """Where an error came between its begin and its end."""
        if self._captures:
            with contextlib.suppress(BackendError):
                self.end_capture().close()

    def is_idle(self) -> bool:
        return self._way.work.is_idle(self.token)

    def _graphs(self) -> Graphs:
        if self._way.graphs is None:
            raise CudaError(f"{self._way.name} has no graphs; expected plain launches where so")
        return self._way.graphs


class Device:
    """A device in use: the contract's Cuda. `close` waits for its work for `idle_limit_ms`.

    `passed_over`: why it was not opened by another way.
    """

    def __init__(
        self,
        way: Way,
        *,
        spin: bool,
        passed_over: tuple[str, ...] = (),
        idle_limit_ms: int = IDLE_LIMIT_MS,
    ) -> None:
        self.way, self.made = way, _Made()
        self.name, self.device = way.name, way.facts
        copies = () if way.facts.can_register else (_COPIES,)
        self.lacks = (*passed_over, *way.lacks, *copies)
        self.graphs = way.graphs is not None
        self.pages = Pages(way.memory)
        self._spin, self._idle_limit_ms = spin, idle_limit_ms
        self._closed = False

    def stream(self) -> _Stream:
        """A new stream."""
        return _Stream(self.made, self.way)

    def event(self) -> _Event:
        """A new event."""
        return _Event(self.made, self.way.work, spin=self._spin)

    def share(self, memory: NDArray[np.uint8]) -> _Shared:
        """Flat host memory for the device: in place, or through a pinned copy."""
        if memory.ndim != 1 or memory.dtype != np.uint8 or not memory.flags.c_contiguous:
            raise CudaError(
                f"memory to share: expected flat contiguous uint8, got {memory.dtype} of shape "
                f"{memory.shape}"
            )
        if not memory.nbytes:
            raise CudaError("memory to share: expected at least 1 byte, got none")
        return _Shared(self, memory)

    def buffer(self, nbytes: int) -> _Buffer:
        """Memory of the device."""
        if nbytes < 1:
            raise CudaError(f"a buffer: expected at least 1 byte, got {nbytes}")
        return _Buffer(self, nbytes)

    def close(self) -> None:
        """Everything that is open, then the context; the first refusal is raised at the end.

        AcceleratorLost where the device does not end its work: then nothing is released but by
        the end of this process, as the device may write to any of it.
        """
        if self._closed:
            return
        self._closed = True
        if not self._is_idle():
            raise AcceleratorLost(
                f"{self.name}: {self.device.name} is still at work after {self._idle_limit_ms} "
                "ms; expected to be idle when it is closed: this process must end"
            )
        refused: list[BackendError] = []
        for thing in reversed(list(self.made.values())):
            _try(thing.close, refused)
        _try(self.way.close, refused)
        if refused:
            raise refused[0]

    def _is_idle(self) -> bool:
        deadline_ns = time.monotonic_ns() + self._idle_limit_ms * NS_PER_MS
        streams = [each for each in self.made.values() if isinstance(each, _Stream)]
        for stream in streams:
            stream.give_up_capture()
        try:
            while not all(each.is_idle() for each in streams):
                if time.monotonic_ns() >= deadline_ns:
                    return False
                time.sleep(_NAP_S)
        except BackendError:  # lost, most likely: there is nothing to wait for
            pass
        return True


def _try(release: Callable[[], None], refused: list[BackendError]) -> None:
    try:
        release()
    except AcceleratorLost:  # gone with all that it had
        pass
    except BackendError as error:
        refused.append(error)


def _token(stream: Stream) -> Any:  # noqa: ANN401 - the way's own
    return cast("_Stream", stream).token


def _same_size(buffer: Buffer, shared: Shared) -> NDArray[np.uint8]:
    host = cast("_Shared", shared).host
    if host.nbytes != buffer.nbytes:
        raise CudaError(f"a copy between {host.nbytes} bytes and {buffer.nbytes}: expected as many")
    return host
