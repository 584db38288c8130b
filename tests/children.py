"""Processes that a test's thread has started.

Not all of them are of the test that asks: what a library begins once a process (a resource tracker,
a pool) stays, whichever test it was begun in. A test compares with what was there before.
"""

from __future__ import annotations

import threading
from pathlib import Path


def children() -> list[int]:
    """Of this thread, the newest last (proc(5))."""
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    return [int(pid) for pid in listed.split()]


def begun_since(before: list[int]) -> int:
    """The one process that was not there; ValueError if there is none or another one."""
    (child,) = [pid for pid in children() if pid not in before]
    return child
