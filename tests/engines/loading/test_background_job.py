"""Work in a thread: its result, its error, and that nobody waits for it."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import EngineChangeError, GonogoError, RegistryError
from gonogo.engines.loading.background_job import BackgroundJob

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_S = 60.0


def ended(work: Callable[[], Any]) -> BackgroundJob[Any]:
    """The job, once it is done."""
    job = BackgroundJob(work)
    end_s = time.monotonic() + WAIT_S
    while not job.done:
        assert time.monotonic() < end_s
        time.sleep(0.001)
    return job


def test_job_brings_its_result() -> None:
    """Done, without an error."""
    job = ended(lambda: 7)
    assert (job.result, job.error) == (7, None)


def test_job_steps_back_for_everybody() -> None:
    """Its thread alone is in the idle class, where that is permitted."""
    mine = os.sched_getscheduler(0)
    assert ended(lambda: os.sched_getscheduler(0)).result == os.SCHED_IDLE
    assert os.sched_getscheduler(0) == mine


@pytest.mark.parametrize(
    ("raised", "kind"),
    [(RegistryError("full"), RegistryError), (ValueError("what"), EngineChangeError)],
)
def test_job_brings_every_error_as_one_of_ours(raised: Exception, kind: type[GonogoError]) -> None:
    """A thread that dies in silence would look like one that hangs."""

    def work() -> None:
        raise raised

    job = ended(work)
    assert isinstance(job.error, kind)
    assert str(raised.args[0]) in str(job.error)


def test_job_that_hangs_is_not_waited_for() -> None:
    """It is not done, and the process goes on."""
    go = threading.Event()
    job = BackgroundJob(go.wait)
    assert not job.done
    go.set()
