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
    eaters = [_hog() for _ in range(count)]
    try:
        for eater in eaters:
            hand_over(eater, str(priority))
        for eater in eaters:
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
        [sys.executable, "-I", "-S", "-c", _HOG],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
