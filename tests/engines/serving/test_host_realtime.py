"""The ranks of a real engine process under a real supervisor, where they are permitted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gonogo.base.realtime import RealtimeSection, may_schedule
from gonogo.tests.engines.serving.places import B, bolt, hosts, section
from gonogo.tests.table import turn_until


def classes(pid: int) -> set[int]:
    """The scheduling classes of the threads of a process."""
    threads = map(int, os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208 - names only
    return {os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK for thread in threads}


@pytest.mark.skipif(not may_schedule(), reason="real-time scheduling is not permitted here")
def test_host_runs_behind_everybody_until_it_is_raised(station: str, tmp_path: Path) -> None:
    """Idle class for every thread while it waits, FIFO under the line once raised, and back."""
    realtime = RealtimeSection(priority=2)
    with hosts(station, section(tmp_path), realtime=realtime) as bench:
        place, box = bench.slots.places[B], bench.mailboxes[B]
        bench.order(bolt(tmp_path))
        bench.ready()
        assert classes(box.pid) == {os.SCHED_IDLE}
        assert Path(f"/proc/{box.pid}/oom_score_adj").read_text() == "500\n"
        for _ in range(2):
            place.raised = True
            turn_until(bench.table, lambda: place.realtime)
            assert os.sched_getscheduler(box.pid) == os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
            assert os.sched_getparam(box.pid).sched_priority == 1
            assert os.SCHED_IDLE not in classes(box.pid)
            place.raised = False
            turn_until(bench.table, lambda: classes(box.pid) == {os.SCHED_IDLE})
            assert not place.realtime
        bench.slots.switch(B, 0, 0)
        turn_until(bench.table, lambda: place.realtime)
        assert bench.score(42) == 42.0
