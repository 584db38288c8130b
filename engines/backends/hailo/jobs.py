"""One inference on the chip at a time for each ring slot, and what becomes of one that is late.

HailoRT's job.wait(t) may take twice t, and a job whose time is over goes on: it reads its input
and writes its outputs whenever the chip comes to it. So we wait by ourselves, for the callback,
and a job that is late keeps its buffers for ever: the slot goes on with new ones. Only so many
may be on their way in that manner; more, and the chip does not answer at all.

Four more things that its bindings do (infer_model_api.cpp, pyhailort.py):

    - outputs are computed into memory of their own and copied, whether the job went well or not;
      that it did not is said to the callback alone
    - that memory takes the place of ours in the bindings: they are set anew before each run
    - the buffers that they keep alive are let go in the order of the starts, not of the ends
    - an exception in the callback ends the process
"""

from __future__ import annotations

import mmap
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.errors import AcceleratorLost, BackendError
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.hailo.runtime import is_timeout, one_line
from gonogo.engines.backends.preprocess import aligned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.hailo.streams import Streams

LATE_MAX = 4  # jobs that have not come back: more than a chip that is only slow leaves behind
_NS_PER_S = 1e9
# what begins at a page is read by the chip where it lies, not copied; 16 KiB on a Raspberry Pi 5
_PAGE = mmap.PAGESIZE


class SlotJob:
    """One set of buffers with its bindings: `image` (height, width, channels), `raw` by name."""

    def __init__(self, configured: Any, streams: Streams) -> None:  # noqa: ANN401 - without types
        self.image = page_aligned(streams.image, streams.contract.dtype)
        self.raw = {name: _results(shape) for name, shape in streams.outputs.items()}
        self._configured = configured
        self._bindings = configured.create_bindings()
        self._bindings.input().set_buffer(checked(self.image, streams.image, self.image.dtype))
        self._error: BaseException | None = None
        # held while a job is on its way; the callback lets it go
        self._done = threading.Lock()

    @property
    def late(self) -> bool:
        """Whether the chip may still read or write these buffers."""
        return self._done.locked()

    def start(self, deadline_ns: int) -> bool:
        """Give it to the chip; False where it takes nothing by then, AcceleratorLost."""
        self._error = None
        try:
            for name, array in self.raw.items():
                self._bindings.output(name).set_buffer(checked(array, array.shape, np.float32))
            self._configured.wait_for_async_ready(timeout_ms=_left_ms(deadline_ns))
        except Exception as error:
            if is_timeout(error):
                return False
            raise _lost(error) from error
        self._done.acquire()
        try:
            # what it returns is good for waiting only, and is detached from the job
            self._configured.run_async([self._bindings], self._finish)
        except Exception as error:
            self._done.release()
            raise _lost(error) from error
        return True

    def wait(self, deadline_ns: int) -> bool:
        """Whether it is done by then: if not, these buffers are the chip's from now on."""
        if not self._done.acquire(timeout=max(_left_s(deadline_ns), 0.0)):
            return False
        self._done.release()
        if self._error is not None:
            raise _lost(self._error)
        return True

    def _finish(self, completion_info: Any = None, **_: object) -> None:  # noqa: ANN401 - without types
        """Called by a thread of HailoRT; whatever happens here, nothing may get out."""
        try:
            self._error = completion_info.exception
        except BaseException as error:  # noqa: BLE001 - it would end the process
            self._error = error
        finally:
            self._done.release()


class LateJobs:
    """Those whose time was over: held until the chip is done with them."""

    def __init__(self) -> None:
        self._held: list[SlotJob] = []
        self._silent = 0  # frames in a row after which nothing came back
        self.count = 0  # so many were ever too late

    def miss(self, job: SlotJob | None) -> None:
        """A frame had no answer in time, or was not even taken (None); AcceleratorLost.

        A chip that is only slow comes back with each, sooner or later, and is not lost.
        """
        still = [each for each in self._held if each.late]
        self._silent = self._silent + 1 if len(still) == len(self._held) else 1
        self._held = [*still, *([] if job is None else [job])]
        self.count += 1
        if max(self._silent, len(self._held)) > LATE_MAX:
            raise AcceleratorLost(
                f"Hailo: {self._silent} frames in a row got no answer, and {len(self._held)} are "
                "still on their way: the chip hangs; `dmesg | grep -i hailo` says more; the box "
                "may have to be switched off and on"
            )


def checked(
    array: NDArray[Any], shape: tuple[int, ...], dtype: np.dtype[Any] | type[np.generic]
) -> NDArray[Any]:
    """The array itself; BackendError unless it is what HailoRT does not check but writes into."""
    wanted = np.dtype(dtype)
    size = int(np.prod(shape)) * wanted.itemsize
    if array.dtype != wanted or array.nbytes != size or not array.flags.c_contiguous:
        raise BackendError(
            f"Hailo: a buffer of {array.nbytes} bytes {array.dtype}, expected {size} bytes "
            f"{wanted} without gaps; report this"
        )
    return array


def page_aligned(shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
    """A zeroed array that begins at a page, and shares none with anything else."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    whole = -(-size // _PAGE) * _PAGE
    raw = np.zeros(whole + _PAGE, np.uint8)
    start = -raw.ctypes.data % _PAGE
    return raw[start : start + size].view(dtype).reshape(shape)


def _results(shape: tuple[int, ...]) -> NDArray[np.float32]:
    return aligned(shape, np.float32).view(np.float32)


def _lost(error: BaseException) -> AcceleratorLost:
    # an error shuts HailoRT's whole pipeline down: only a process that begins anew has one again
    return AcceleratorLost(
        f"Hailo: the chip failed: {type(error).__name__}: {one_line(error)}; check the module's "
        "seat, power and cooling; `dmesg | grep -i hailo` says more"
    )


def _left_s(deadline_ns: int) -> float:
    return (deadline_ns - time.monotonic_ns()) / _NS_PER_S


def _left_ms(deadline_ns: int) -> int:
    # a millisecond at least: 0 would be refused even where the chip is free
    return max(1, (deadline_ns - time.monotonic_ns()) // NS_PER_MS)
