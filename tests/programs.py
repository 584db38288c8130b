"""Small programs that tests run as processes of their own: children, rivals, readers.

`python -m gonogo.tests.programs '{"do": NAME, ...}'`; each is one function below and
takes the other keys as arguments. What they found they print as one JSON line.
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

from gonogo.watchdog import child
from gonogo.watchdog.processes import Processes, Row

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)
MODULE = "gonogo.tests.programs"


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


def obey(parent: int, ready_fd: int, name: str = "obey", diary: str = "") -> int:
    """Come up, wait to be asked to stop, sign the diary, end in order."""
    stop = child.begin(name, parent)
    log.info("up")
    os.eventfd_write(ready_fd, 1)
    select.select([stop.fd], [], [])
    if diary:
        with Path(diary).open("a", encoding="ascii") as file:
            file.write(f"{name}\n")
    log.info("stopped in order")
    return 0


def ignore(parent: int, ready_fd: int) -> int:
    """A child that does not want to stop."""
    child.begin("ignore", parent)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.eventfd_write(ready_fd, 1)
    _forever()
    return 0


def flood(parent: int, ready_fd: int, least_dropped: int) -> int:
    """Write lines that nobody reads until so many were dropped, then say so and obey."""
    stop = child.begin("flood", parent)
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, child.DroppingHandler)
    while handler.dropped < least_dropped:
        log.info("x" * 1000)
    os.eventfd_write(ready_fd, handler.dropped)
    select.select([stop.fd], [], [])
    return 0


def chatter(parent: int, ready_fd: int) -> int:
    """Write lines as fast as it can, for as long as anybody can bear it."""
    stop = child.begin("chatter", parent)
    os.eventfd_write(ready_fd, 1)
    end_s = time.monotonic() + 20
    while not stop.asked and time.monotonic() < end_s:
        log.info("x" * 1000)
    return 0


def family() -> int:
    """A supervisor with one child; says both process ids, then waits to be killed."""
    processes, ready_fd = Processes(), os.eventfd(0)
    words = argument("obey", parent=os.getpid(), ready_fd=ready_fd)
    running = processes.start(Row("child", MODULE, words, (ready_fd,)))
    os.eventfd_read(ready_fd)
    _say(child=running.process.pid)
    _forever()
    return 0


def orphan(ready_fd: int) -> int:
    """A child whose parent is not the one it was told: it stops at once."""
    return obey(parent=-1, ready_fd=ready_fd)


# -- shared memory -----------------------------------------------------------------------


def hold(station: str) -> int:
    """Own a station with one segment, until killed."""
    from gonogo.runtime.shm import Segment, StationLock, segment_path  # noqa: PLC0415 - light start

    StationLock(station)
    Segment.create(segment_path(station, "left"), 1)
    _say(held=True)
    _forever()
    return 0


def read_frame(station: str, shape: list[int], slot: int) -> int:
    """Say what stands in a slot of view 0."""
    from gonogo.runtime.frames import FrameRing, FrameShape  # noqa: PLC0415 - light start

    ring = FrameRing.attach(station, 0, FrameShape(*shape))
    seen = ring.slots[slot]
    _say(words=list(seen.words[:10]), pixels=seen.pixels.ravel().tolist())
    return 0


def watch_frames(station: str, shape: list[int], enough: int) -> int:
    """Read one slot over and over; count whole frames, and mixtures taken for whole or refused."""
    from gonogo.runtime.frames import FrameRing, FrameShape, State  # noqa: PLC0415 - light start

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
    from gonogo.runtime.journal import Journal, JournalReader, VerdictEntry  # noqa: PLC0415
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


def engine(station: str, ask_fd: int, done_fd: int, parent: int) -> int:
    """An engine host that answers with a hundredth of the frame's first pixel."""
    from gonogo.engines.mailbox import Mailbox  # noqa: PLC0415 - light start
    from gonogo.runtime.frames import FrameRing  # noqa: PLC0415
    from gonogo.tests.fakes import SMALL, FakeEngine  # noqa: PLC0415

    stop = child.begin("engine", parent)
    rings = [FrameRing.attach(station, 0, SMALL)]
    fake = FakeEngine(Mailbox.attach(station, 0), rings, place=0, ask_fd=ask_fd, done_fd=done_fd)
    fake.start()
    fake.serve(lambda: stop.asked)
    return 0


# -- the rest ------------------------------------------------------------------------------


def settle(section: dict[str, Any], below: int = 0) -> int:
    """Settle this process; say what was refused and what the kernel says of it now."""
    import gc  # noqa: PLC0415 - light start

    from gonogo.runtime.realtime import RealtimeSection, settle, step_back  # noqa: PLC0415

    refused = settle(RealtimeSection.model_validate(section), below=below)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    _say(
        refused=refused,
        collects=gc.isenabled(),
        frozen=gc.get_freeze_count(),
        interval_s=sys.getswitchinterval(),
        fifo=os.sched_getscheduler(0) == os.SCHED_FIFO,
        priority=os.sched_getparam(0).sched_priority,
        cores=sorted(os.sched_getaffinity(0)),
        locked_kb=int(status.split("VmLck:")[1].split()[0]),
    )
    if not section.get("enabled", True):
        before = os.nice(0)
        step_back()
        _say(nicer_by=os.nice(0) - before)
    return 0


def full_disk(path: str) -> int:
    """Write records until no file may grow, then until they may again (setrlimit(2), RLIMIT_FSIZE).

    The kernel refuses each write as a full disk does, with EFBIG instead of ENOSPC.
    """
    import resource  # noqa: PLC0415 - light start

    from gonogo.records.process import Keeper  # noqa: PLC0415
    from gonogo.records.store import Labels, Store  # noqa: PLC0415
    from gonogo.tests.fakes import entry_of  # noqa: PLC0415

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    keeper = Keeper(Store(Path(path), Labels((), (), ()), "run"))
    keeper.take([entry_of(k) for k in range(20)], 0)
    first = keeper.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    keeper.take((), 3)
    only_losses = keeper.flush()
    keeper.take([entry_of(k) for k in range(20, 100)], 0)
    full, waiting = keeper.flush(), keeper.waiting
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    free = keeper.flush()
    _say(first=first, only_losses=only_losses, full=full, kept=waiting, free=free,
         left=keeper.waiting)  # fmt: skip
    return 0


def main(words: str) -> int:
    """Do what the argument names."""
    keys = json.loads(words)
    program: Callable[..., int] = globals()[keys.pop("do")]
    return program(**keys)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
