"""Jobs on the chip: their buffers, their callback, and those that are late."""

from __future__ import annotations

import mmap
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import AcceleratorLost, BackendError
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.hailo.jobs import LATE_MAX, LateJobs, SlotJob, checked, page_aligned
from gonogo.tests.vendors.hailo_fake import errors

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS: Any = SimpleNamespace(
    image=(4, 4, 3), outputs={"net/score": (1,)}, contract=SimpleNamespace(dtype=np.uint8)
)


class Configured:
    """A model whose callback the test calls. Not simulated: what the chip does with buffers."""

    def __init__(self, *, ready: Exception | None = None, start: Exception | None = None) -> None:
        self._ready, self._start = ready, start
        self.callback: Callable[..., object] = print
        self.set: list[str] = []

    def create_bindings(self) -> Configured:
        """Itself."""
        return self

    def input(self) -> Configured:
        """Its one input."""
        return self

    def output(self, name: str) -> Configured:
        """Noted."""
        self.set.append(name)
        return self

    def set_buffer(self, buffer: Any) -> None:  # noqa: ANN401 - an array
        """Taken."""

    def wait_for_async_ready(self, timeout_ms: int) -> None:
        """At once, or never."""
        assert timeout_ms >= 1
        if self._ready is not None:
            raise self._ready

    def run_async(self, bindings: list[Any], callback: Callable[..., object]) -> None:
        """Under way, until the test says otherwise."""
        assert isinstance(bindings, list)
        if self._start is not None:
            raise self._start
        self.callback = callback


def soon() -> int:
    """A deadline that is over at once."""
    return time.monotonic_ns() + NS_PER_MS


def test_job_is_done_when_its_callback_says_so() -> None:
    """And can be started again, with its outputs named anew."""
    configured = Configured()
    job = SlotJob(configured, STREAMS)
    for _ in range(2):
        assert job.start(soon())
        assert job.late
        configured.callback(completion_info=SimpleNamespace(exception=None))
        assert job.wait(soon())
        assert not job.late
    assert configured.set == ["net/score", "net/score"]


def test_job_that_is_late_stays_so_until_the_chip_is_done_with_it() -> None:
    """Its buffers are not ours before."""
    configured = Configured()
    job = SlotJob(configured, STREAMS)
    job.start(soon())
    assert not job.wait(soon())
    assert job.late
    configured.callback(completion_info=SimpleNamespace(exception=None))
    assert not job.late


class Odd:
    """A completion that has no exception to ask for."""

    @property
    def exception(self) -> Exception | None:
        """Raises."""
        raise KeyError("no such thing")


@pytest.mark.parametrize("info", [None, Odd(), SimpleNamespace(exception=ValueError("broken"))])
def test_job_lets_nothing_out_of_its_callback(info: object) -> None:
    """Whatever it is called with: out there it would end the process; here the chip is lost."""
    configured = Configured()
    job = SlotJob(configured, STREAMS)
    job.start(soon())
    configured.callback(completion_info=info, another_word=1)
    with pytest.raises(AcceleratorLost, match="GN312: Hailo: the chip failed"):
        job.wait(soon())


def test_job_that_is_not_taken_in_time_is_not_under_way() -> None:
    """The chip is full: nothing of ours is with it."""
    job = SlotJob(Configured(ready=errors.HailoRTTimeout("full")), STREAMS)
    assert not job.start(soon())
    assert not job.late


@pytest.mark.parametrize(
    "configured",
    [
        Configured(ready=errors.of("HAILO_INTERNAL_FAILURE")),
        Configured(start=errors.HailoRTPCIeDriverException("gone")),
        Configured(start=errors.HailoStatusInvalidValueException("no subclass of anything")),
    ],
)
def test_job_that_cannot_be_started_means_a_lost_chip(configured: Configured) -> None:
    """HailoRT shuts the pipeline down with any error: only a new process has one again."""
    job = SlotJob(configured, STREAMS)
    with pytest.raises(AcceleratorLost):
        job.start(soon())
    assert not job.late


def late(count: int) -> list[tuple[SlotJob, Configured]]:
    """Jobs that the chip has not come back with."""
    made = []
    for _ in range(count):
        configured = Configured()
        job = SlotJob(configured, STREAMS)
        job.start(soon())
        made.append((job, configured))
    return made


def test_late_jobs_are_bounded() -> None:
    """So many may be with a chip that says nothing."""
    jobs = LateJobs()
    *few, last = late(LATE_MAX + 1)
    for job, _ in few:
        jobs.miss(job)
    with pytest.raises(AcceleratorLost, match=f"{LATE_MAX + 1} are still on their way"):
        jobs.miss(last[0])


def test_late_jobs_that_come_back_are_forgotten() -> None:
    """However many there were: the chip works, if slowly."""
    jobs = LateJobs()
    for job, configured in late(5 * LATE_MAX):
        jobs.miss(job)
        configured.callback(completion_info=SimpleNamespace(exception=None))
    assert jobs.count == 5 * LATE_MAX


def test_late_jobs_count_frames_that_were_not_even_taken() -> None:
    """A chip whose queue is full of what never comes back is lost as well."""
    jobs = LateJobs()
    jobs.miss(late(1)[0][0])
    for _ in range(LATE_MAX - 1):
        jobs.miss(None)
    with pytest.raises(AcceleratorLost, match="in a row got no answer"):
        jobs.miss(None)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 3), np.uint8),
        np.zeros((4, 4), np.float32),
        np.zeros((4, 8), np.uint8)[:, ::2],
    ],
)
def test_checked_refuses_what_hailort_would_write_beyond(array: Any) -> None:  # noqa: ANN401 - an array
    """Size, kind and gaps: it looks at the last alone."""
    with pytest.raises(BackendError, match="expected 16 bytes uint8"):
        checked(array, (4, 4), np.uint8)


def test_page_aligned_begins_at_a_page() -> None:
    """So that the chip reads it where it lies."""
    array = page_aligned((3, 5, 3), np.uint8)
    assert array.ctypes.data % mmap.PAGESIZE == 0
    assert array.shape == (3, 5, 3)
    assert not array.any()
