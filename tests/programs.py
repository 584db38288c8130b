"""Small programs that tests run as processes of their own: children, rivals, readers.

`python -m gonogo.tests.programs '{"do": NAME, ...}'`, or as a row of a process table; each
is one function below and takes the other keys as arguments. What they found they print as
one JSON line.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.log.handler import DroppingHandler
from gonogo.base.log.logger import get_logger
from gonogo.ipc import worker

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)
events = get_logger(__name__)
MODULE = "gonogo.tests.programs"
BEAT_S = 0.01
LONE = ("0", "active", "nobody")  # the words of a process that is no row of a table


def argument(do: str, **keys: object) -> str:
    """The one argument that makes this module do something."""
    return json.dumps({"do": do, **keys})


def launch(do: str, **keys: object) -> subprocess.Popen[bytes]:
    """Start a program with pipes at its standard input and output."""
    command = [sys.executable, "-I", "-m", MODULE, argument(do, **keys)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def told(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next JSON line that a launched program prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the program ended with {process.wait()} and said nothing"
    answer: dict[str, Any] = json.loads(line)
    return answer


def _say(**found: object) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def _forever() -> None:
    while True:
        signal.pause()


# -- children of a process table ---------------------------------------------------------


def end(code: int, words: str = "") -> int:
    """End at once, with last words at standard error."""
    sys.stderr.write(words)
    return code


def obey(row: int, station: str, name: str = "obey", diary: str = "") -> int:
    """Come up, beat until asked to stop, sign the diary, end in order."""
    process = worker.begin(name, station, row)
    log.info("up")
    while not process.stop.asked:
        process.beat()
        select.select([process.stop.fd], [], [], BEAT_S)
    if diary:
        with Path(diary).open("a", encoding="ascii") as file:
            file.write(f"{name}\n")
    log.info("stopped in order")
    return 0


def spare(row: int, station: str, standby: bool) -> int:  # noqa: FBT001 - of a JSON argument
    """Work, or wait as a warm spare for its turn and then work."""
    process = worker.begin("spare", station, row)
    if standby and not worker.Turn().wait(process):
        return 0
    log.info("works in row %d", row)
    while not process.stop.asked:
        process.beat()
        select.select([process.stop.fd], [], [], BEAT_S)
    return 0


def ignore(row: int, station: str) -> int:
    """A child that does not want to stop."""
    process = worker.begin("ignore", station, row)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        process.beat()
        time.sleep(BEAT_S)


def silent(row: int, station: str) -> int:
    """A child that comes up and then hangs."""
    worker.begin("silent", station, row).beat()
    _forever()
    return 0


def unready(row: int, station: str) -> int:
    """A child that does not come up until somebody beats for it, and ends in order."""
    process = worker.begin("unready", station, row)
    select.select([process.stop.fd], [], [])
    return 0


def fragile(row: int, station: str, code: int) -> int:
    """A child that comes up and ends soon."""
    process = worker.begin("fragile", station, row)
    for _ in range(3):
        process.beat()
        time.sleep(BEAT_S)
    return code


def orphan(row: int, station: str, alone_ms: int) -> int:
    """A child that does not wait for a new supervisor for long."""
    process = worker.begin("orphan", station, row, alone_ms * 1_000_000)
    while not process.stop.asked:
        process.beat()
        time.sleep(BEAT_S)
    return 0


def flood(row: int, station: str, least_dropped: int) -> int:
    """Write lines that nobody reads until so many were dropped, then come up and obey."""
    process = worker.begin("flood", station, row)
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, DroppingHandler)
    while handler.dropped < least_dropped:
        events.info("flood_asked_for", text="x" * 1000)
    while not process.stop.asked:
        process.beat()
        time.sleep(BEAT_S)
    return 0


def chatter(row: int, station: str) -> int:
    """Write lines as fast as it can, for as long as anybody can bear it."""
    process = worker.begin("chatter", station, row)
    end_s = time.monotonic() + 20
    while not process.stop.asked and time.monotonic() < end_s:
        process.beat()
        events.info("flood_asked_for", text="x" * 1000)
    return 0


def ranked(rank: int) -> int:
    """Have a few threads of this rank, all on the first core there is, and wait to be killed."""
    import threading  # noqa: PLC0415 - light start

    from gonogo.base.realtime import lift  # noqa: PLC0415

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for _ in range(3):
        threading.Thread(target=_forever_asleep, daemon=True).start()
    lift(os.getpid(), rank)
    for task in Path("/proc/self/task").iterdir():
        os.listdir(task)  # noqa: PTH208 - what anybody who watches a process does
    _say(ready=True)
    _forever()
    return 0


def _forever_asleep() -> None:
    time.sleep(3600)


def reaper(children: int) -> int:
    """Kill and reap children that rank just below this process, each on the core it has itself."""
    from gonogo.watchdog.process import Process  # noqa: PLC0415 - light start

    cores = os.sched_getaffinity(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(3))
    except PermissionError:
        _say(permitted=False)
        return 0
    _say(permitted=True)
    for _ in range(children):
        process = Process.spawn(MODULE, argument("ranked", rank=2), LONE, 2)
        sys.stdin.readline()  # it is ready
        os.sched_setaffinity(0, {min(cores)})
        process.send(signal.SIGKILL)
        process.wait(60)
        process.reap()
        os.sched_setaffinity(0, cores)
        _say(code=process.code)
    return 0


def trace(pid: int) -> int:
    """Attach to a process as a debugger does (ptrace(2), PTRACE_SEIZE), and look away."""
    import ctypes  # noqa: PLC0415 - light start

    seize = 0x4206
    _say(traced=ctypes.CDLL(None).ptrace(seize, pid, None, None) == 0)
    _forever()
    return 0


# -- shared memory -----------------------------------------------------------------------


def hold(station: str) -> int:
    """Own a station with one segment, until killed."""
    from gonogo.base.shm import Segment, segment_path  # noqa: PLC0415 - light start
    from gonogo.ipc.station_lock import StationLock  # noqa: PLC0415 - light start

    StationLock(station)
    Segment.create(segment_path(station, "left"), 1)
    _say(held=True)
    _forever()
    return 0


def read_frame(station: str, shape: list[int], slot: int) -> int:
    """Say what stands in a slot of view 0."""
    from gonogo.base.frame_shape import FrameShape  # noqa: PLC0415 - light start
    from gonogo.ipc.frame_ring import FrameRing  # noqa: PLC0415 - light start

    ring = FrameRing.attach(station, 0, FrameShape(*shape))
    seen = ring.slots[slot]
    _say(words=list(seen.words[:10]), pixels=seen.pixels.ravel().tolist())
    return 0


def watch_frames(station: str, shape: list[int], enough: int) -> int:
    """Read one slot over and over; count whole frames, and mixtures taken for whole or refused."""
    from gonogo.base.frame_shape import FrameShape  # noqa: PLC0415 - light start
    from gonogo.ipc.frame_ring import FrameRing, State  # noqa: PLC0415 - light start

    slot = FrameRing.attach(station, 0, FrameShape(*shape)).slots[0]
    found = {"whole": 0, "torn": 0, "refused": 0}
    while found["whole"] < enough or found["refused"] < enough:
        before = slot.generation
        serial, state, picture = slot.words[3], slot.words[7], slot.pixels.copy()
        if before <= 0 or slot.generation != before:
            found["refused"] += 1
            continue
        same = bool((picture == serial % 251).all()) and before == serial and state == State.READY
        found["whole" if same else "torn"] += 1
    _say(**found)
    return 0


def watch_journal(station: str, enough: int) -> int:
    """Follow a journal; say how many entries were as their serial demands, wrong, and lost."""
    from gonogo.ipc.journal import Journal, JournalReader  # noqa: PLC0415 - light start
    from gonogo.ipc.journal_records import VerdictEntry  # noqa: PLC0415 - light start
    from gonogo.tests.fakes import entry_of  # noqa: PLC0415 - light start

    reader = JournalReader(Journal.attach(station))
    good = wrong = 0
    while good < enough or reader.lost < enough:
        for entry in reader:
            assert isinstance(entry, VerdictEntry)
            same = entry == entry_of(entry.part.serial)
            good, wrong = good + same, wrong + (not same)
    _say(good=good, wrong=wrong, lost=reader.lost)
    return 0


def engine(row: int, station: str) -> int:
    """An engine host that answers with a hundredth of the frame's first pixel."""
    from gonogo.base.doorbell import open_bell  # noqa: PLC0415
    from gonogo.ipc.engine_queue import Mailbox  # noqa: PLC0415 - light start
    from gonogo.ipc.frame_ring import FrameRing  # noqa: PLC0415
    from gonogo.tests.fakes import SMALL, FakeEngine  # noqa: PLC0415

    process = worker.begin("engine", station, row)
    bells = {"ask_fd": open_bell(station, "ask0"), "done_fd": open_bell(station, "done0")}
    rings = [FrameRing.attach(station, 0, SMALL)]
    fake = FakeEngine(Mailbox.attach(station, 0), rings, place=0, **bells)
    fake.start()
    process.beat()
    fake.serve(lambda: process.stop.asked)
    return 0


# -- the rest ------------------------------------------------------------------------------


def settle(section: dict[str, Any], below: int = 0, computes_on: int = 1) -> int:
    """Settle this process and a thread; say what was refused and what the kernel says now."""
    import gc  # noqa: PLC0415 - light start
    import threading  # noqa: PLC0415

    from gonogo.base import realtime  # noqa: PLC0415

    wanted, end = realtime.RealtimeSection.model_validate(section), threading.Event()
    refused = realtime.settle(wanted, below=below, computes_on=computes_on)
    thread = threading.Thread(target=end.wait)
    thread.start()
    ranks = [os.sched_getparam(thread.native_id or 0).sched_priority]
    realtime.settle_threads(wanted, below=below)
    ranks.append(os.sched_getparam(thread.native_id or 0).sched_priority)
    end.set()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    _say(
        refused=refused,
        ranks=ranks,
        collects=gc.isenabled(),
        frozen=gc.get_freeze_count(),
        interval_s=sys.getswitchinterval(),
        fifo=os.sched_getscheduler(0) == os.SCHED_FIFO | os.SCHED_RESET_ON_FORK,
        priority=os.sched_getparam(0).sched_priority,
        cores=sorted(os.sched_getaffinity(0)),
        locked_kb=int(status.split("VmLck:")[1].split()[0]),
    )
    if not section.get("enabled", True):
        before = os.nice(0)
        realtime.step_back()
        _say(nicer_by=os.nice(0) - before)
    return 0


def spare_tuples(count: int) -> int:
    """Let go of many tuples; say how many blocks of memory that left, before and after tidying."""
    import gc  # noqa: PLC0415 - light start

    from gonogo.base.gc_policy import Tidy, freeze  # noqa: PLC0415

    tidy = Tidy()
    freeze()
    before = sys.getallocatedblocks()
    several = [tuple(x for x in range(7)) for _ in range(count)]
    del several
    kept = sys.getallocatedblocks() - before
    tidy.collect_when_due(1.0)
    left = sys.getallocatedblocks() - before
    _say(frozen=gc.get_freeze_count(), collects=gc.isenabled(), kept=kept, left=left)
    return 0


def full_disk(path: str) -> int:
    """Write records until no file may grow, then until they may again (setrlimit(2), RLIMIT_FSIZE).

    The kernel refuses each write as a full disk does, with EFBIG instead of ENOSPC.
    """
    import resource  # noqa: PLC0415 - light start

    from gonogo.records.keeper import Keeper  # noqa: PLC0415
    from gonogo.records.labels import Labels  # noqa: PLC0415
    from gonogo.records.store import Store  # noqa: PLC0415
    from gonogo.tests.fakes import entry_of, raws_of  # noqa: PLC0415

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    raws = raws_of(entry_of(k) for k in range(100))
    keeper = Keeper(Store(Path(path), Labels((), (), ()), "run"))
    keeper.take(raws[:20], 0)
    first = keeper.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    keeper.take((), 3)
    only_losses = keeper.flush()
    keeper.take(raws[20:], 0)
    full, waiting = keeper.flush(), keeper.waiting
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    free = keeper.flush()
    _say(first=first, only_losses=only_losses, full=full, kept=waiting, free=free,
         left=keeper.waiting)  # fmt: skip
    return 0


def main(words: str, row: int | None, *, standby: bool) -> int:
    """Do what the argument names; a row of a process table is told which, and whether it waits."""
    keys = json.loads(words)
    program: Callable[..., int] = globals()[keys.pop("do")]
    if row is not None and program is not end:
        keys["row"] = row
    if program is spare:
        keys["standby"] = standby
    return program(**keys)


if __name__ == "__main__":
    if len(sys.argv) == 2:  # the words alone: launched by a test
        sys.exit(main(sys.argv[1], None, standby=False))
    given = worker.told(sys.argv)
    sys.exit(main(given.argument, given.row or None, standby=given.standby))
