"""A thread that takes frames out of a library as they come, and dates each by our clock.

Some libraries do not say when a frame came. Looked at only when a part is asked for, one that has
lain there since the part before would seem new. So somebody waits for it all the while.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from gonogo.base.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Callable

_NS_PER_S = 1e9
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Arrival(Generic[_Result]):  # no NamedTuple: Python 3.10 has no generic ones
    result: _Result
    seen_ns: int


class Receiver(Generic[_Result]):
    """Calls `wait`, which returns within a moment with a result or None, in a thread of its own.

    An error of `wait` ends the thread, and is raised by the `take` that comes to it as a
    CameraError. There is no lock that both sides hold: the queue is one of C's.
    """

    def __init__(self, wait: Callable[[], _Result | None], name: str) -> None:
        self._wait, self._name = wait, name
        self._failed: list[CameraError] = []
        self._came: SimpleQueue[_Arrival[_Result] | CameraError] = SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                result = self._wait()
            except CameraError as error:
                self.fail(error)
                return
            except Exception as error:  # noqa: BLE001 - else every part would be late, for ever
                self.fail(CameraError(f"{self._name}: {type(error).__name__}: {error}"))
                return
            if result is not None:
                self._came.put(_Arrival(result, time.monotonic_ns()))

    def fail(self, error: CameraError) -> None:
        """Whoever waits for a frame hears of it at once; from any thread."""
        self._failed.append(error)  # first: an error is never counted as a result
        self._came.put(error)

    @property
    def ready(self) -> bool:
        """Whether a result lies there; an error is none: the library may still write."""
        return self._came.qsize() > len(self._failed)

    def take(self, deadline_ns: int) -> tuple[_Result, int] | None:
        """The next result, and CLOCK_MONOTONIC when it came; None at the deadline."""
        left_s = (deadline_ns - time.monotonic_ns()) / _NS_PER_S
        try:
            came = self._came.get(timeout=left_s) if left_s > 0 else self._came.get_nowait()
        except Empty:
            return None
        if isinstance(came, CameraError):
            raise came
        return came.result, came.seen_ns

    def close(self) -> None:
        """End the thread, after the call that it is in."""
        self._stop.set()
        self._thread.join()
