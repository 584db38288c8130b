"""How late this box wakes a thread that outranks everything and does nothing.

Beside a station that is measured it says what parts lose to the box alone: where its host takes the
processors away, or its kernel cannot be interrupted, no program can give that back.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.realtime import may_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

RANK = 90  # above all of a station's
EVERY_MS = 2
STAT = Path("/proc/stat")
_STEAL = 7  # of the numbers of its first line (proc(5)): what a host gave to others
_END_S = 30.0
_SLEEPER = """
import json, os, signal, sys, time
rank, every_ns = int(sys.argv[1]), int(sys.argv[2]) * 1_000_000
if rank:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(rank))
late_ms, over = [], []
signal.signal(signal.SIGTERM, lambda *_: over.append(True))
print("up", flush=True)
next_ns = time.monotonic_ns()
while not over:
    next_ns += every_ns
    time.sleep(max(next_ns - time.monotonic_ns(), 0) / 1e9)
    late_ns = time.monotonic_ns() - next_ns
    late_ms.append(round(late_ns / 1e6, 3))
    next_ns += late_ns // every_ns * every_ns  # moments that have passed are not waited for
print(json.dumps(late_ms))
"""


class Processors(NamedTuple):
    """Of all processors since the start, in ticks: all time, and what the host gave to others."""

    every: int
    stolen: int


class Stood(NamedTuple):
    """What a bystander has seen: `late_ms` of each waking, `stolen_pct` of the processors' time."""

    late_ms: list[float]
    stolen_pct: list[float]


def processors(stat: Path = STAT) -> Processors:
    """As the kernel counts them now."""
    first = stat.read_text(encoding="ascii").split("\n", 1)[0]
    ticks = [int(word) for word in first.split()[1:9]]  # guests are counted as user time already
    return Processors(sum(ticks), ticks[_STEAL] if len(ticks) > _STEAL else 0)


@contextmanager
def bystander(seen: Stood) -> Iterator[None]:
    """One that stands there as long as this lasts; what it has seen is added to `seen`."""
    rank = RANK if may_schedule() else 0
    before = processors()
    command = [sys.executable, "-c", _SLEEPER, str(rank), str(EVERY_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it is awake from now on
            yield
            process.terminate()
            said, _ = process.communicate(timeout=_END_S)
        finally:
            process.kill()
    after = processors()
    seen.late_ms.extend(json.loads(said))
    every = max(after.every - before.every, 1)
    seen.stolen_pct.append(100 * (after.stolen - before.stolen) / every)
