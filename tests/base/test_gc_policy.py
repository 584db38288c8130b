"""What keeps a process at its size: spare tuples are given back, names of paths are not kept."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base import procfs
from gonogo.base.gc_policy import EVERY_S, Tidy
from gonogo.tests.programs import launch, told

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDED = 2**22 + 1  # above any process id


def test_frozen_process_keeps_spare_tuples_until_it_is_tidied() -> None:
    """1500 tuples that nobody has any more: still there, and gone after one turn."""
    with launch("spare_tuples", count=1500) as process:
        found = told(process)
    assert found["frozen"] > 10_000
    assert not found["collects"]
    assert found["kept"] > 1400
    assert found["left"] < 100


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """Grows by one with each collection; none happens by itself."""
    seen: list[str] = []

    def hear(phase: str, _: object) -> None:
        if phase == "start":
            seen.append(phase)

    gc.disable()
    gc.callbacks.append(hear)
    yield seen
    gc.callbacks.remove(hear)
    gc.enable()


def test_tidy_collects_at_its_own_pace(collections: list[str]) -> None:
    """At once, and then not before its time has come round."""
    tidy, counts = Tidy(), []
    for now_s in (100.0, 100.0 + EVERY_S / 2, 100.0 + EVERY_S):
        tidy.collect_when_due(now_s)
        counts.append(len(collections))
    assert counts == [1, 1, 2]


def test_proc_reads_what_is_there_and_nothing_of_what_is_not() -> None:
    """This process; one that has ended; a file that no process has; one that cannot be read."""
    command = Path("/proc/self/cmdline").read_text(encoding="ascii", errors="replace")
    assert procfs.read(os.getpid(), "cmdline") == command[:4096]
    assert procfs.read(ENDED, "stat") == procfs.read(os.getpid(), "no-such-file") == ""
    assert procfs.read(os.getpid(), "fd") == ""


def test_proc_file_is_of_the_process_it_was_opened_for() -> None:
    """Read again and again without a path; empty once the process has ended, or never lived."""
    with launch("spare_tuples", count=1) as process:
        file = procfs.ProcFile(process.pid, "statm")
        told(process)
        assert file.read() or process.poll() is not None
        process.wait()
        assert file.read() == ""
    for _ in range(2):
        file.close()
    assert file.read() == procfs.ProcFile(ENDED, "statm").read() == ""
