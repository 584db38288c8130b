"""Processes that eat processor time, for rows of the campaign and for the bench."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.base.first_line import hand_over

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOG = """
import os, sys
# its own rank, by itself: what is refused here is known by the end of its output
priority = int(sys.stdin.readline())
if priority:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
print("eats", flush=True)
while True:
    pass
"""


@contextmanager
def hogs(count: int, priority: int = 0) -> Iterator[None]:
    """So many hogs, each a core's worth; `priority` above 0 is SCHED_FIFO (PermissionError)."""
    # all started before any of them eats: the last ones would hardly get a turn
    eaters = [_hog() for _ in range(count)]
    try:
        for eater in eaters:
            hand_over(eater, str(priority))
        for eater in eaters:
            # it says that it eats once it has its rank, or ends without a word
            if eater.stdout is not None and not eater.stdout.readline():
                raise PermissionError("SCHED_FIFO is not permitted here")
        yield
    finally:
        for eater in eaters:
            eater.kill()
            eater.wait()
            if eater.stdout is not None:
                eater.stdout.close()


def _hog() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _HOG],  # no site packages: it is to be there at once
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a refused rank is said by us
        text=True,
    )
