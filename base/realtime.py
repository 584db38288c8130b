"""Everything that makes a Python process keep time, in one place.

Where something is not permitted (a laptop, a container), the same program runs
without it and says so once: `settle` returns what it could not have.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from gonogo.base.gc_policy import freeze
from gonogo.base.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MCL_CURRENT, MCL_FUTURE = 1, 2  # mlockall(2)
SWITCH_INTERVAL_S = 0.00005  # after 5 ms, the default, a verdict would be late at the wire


class RealtimeSection(Section):
    """How hard the line asks the kernel for its time.

    `priority` is its SCHED_FIFO priority, the engine process gets one less;
    `line_core` is the processor core that the line has for its own, and the engine keeps
    off: left out, it is the last one where there are several and this is permitted. Two
    stations on one box should be given one each.
    """

    enabled: bool = True
    """Whether the line asks for real-time scheduling at all."""
    priority: Annotated[int, Field(ge=2, le=90)] = 40
    """SCHED_FIFO priority of the line; the engine gets one less."""
    line_core: Annotated[int, Field(ge=0, le=1023)] | None = None
    """Processor core of the line alone; left out, the last one where there are several."""


def settle(section: RealtimeSection, *, below: int = 0, computes_on: int = 1) -> list[str]:
    """Freeze the collector, lock memory, pin and raise this process; what was refused, in words.

    `below` lowers the priority for processes that rank under the line; such a one that
    `computes_on` more cores than would be left shares the core of the line.
    """
    return hold_still(section) + climb(section, below=below, computes_on=computes_on)


def hold_still(section: RealtimeSection) -> list[str]:
    """The part of `settle` that takes time, and is done once."""
    # what has been imported by now lives as long as the process: nobody looks through it again
    freeze()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    refused: list[str] = []
    if section.enabled:
        _attempt(refused, "memory locking (needs CAP_IPC_LOCK)", _lock_memory)
    return refused


def climb(section: RealtimeSection, *, below: int = 0, computes_on: int = 1) -> list[str]:
    """The part of `settle` that a process does whenever it takes the processor before others."""
    if not section.enabled:
        return ["real-time scheduling is switched off in the station file"]
    refused: list[str] = []
    core = _core_of_the_line(section)
    # 0 is the line itself, more is what works for it, less the supervisor
    if core is not None and below == 0:
        _attempt(refused, f"core {core}", lambda: os.sched_setaffinity(0, {core}))
    if core is not None and below > 0:
        _keep_off(core, computes_on)
    priority = os.sched_param(section.priority - below)
    _attempt(
        refused,
        "SCHED_FIFO (needs CAP_SYS_NICE)",
        # what this process starts must not inherit it, and starve the line while it loads
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, priority),
    )
    return refused


def _attempt(refused: list[str], what: str, action: Callable[[], None]) -> None:
    try:
        action()
    except OSError as error:
        refused.append(f"{what}: {error.strerror}")


def _core_of_the_line(section: RealtimeSection) -> int | None:
    """The one of the station file, or the last of several; None where it takes its turn anywhere.

    On a core of their own the loop and the PLC link, which have the same rank, hand a
    verdict over by a switch of threads, and neither interrupts an inference.
    """
    if section.line_core is not None:
        return section.line_core
    cores = _cores()
    return max(cores) if len(cores) > 1 and may_schedule() else None


@cache
def _cores() -> frozenset[int]:
    """Where this process may run, as it was started: a second look would see its own choice."""
    return frozenset(os.sched_getaffinity(0))


def _keep_off(core: int, wanted: int) -> None:
    """Leave a core to the line, with every thread, where as many others are there as wanted."""
    rest = _cores() - {core}
    if len(rest) >= wanted:
        for thread in _threads(os.getpid()):
            os.sched_setaffinity(thread, rest)


def cores_beside_the_line(section: RealtimeSection) -> int:
    """On how many cores this process may compute without the one that the line has; at least 1."""
    cores = _cores()
    own = section.line_core if section.line_core in cores else max(cores)
    # also where no core is pinned: without a rank above it, the line would wait for its turn
    return max(1, len(cores - {own}))


@contextmanager
def beside_the_line(section: RealtimeSection) -> Iterator[None]:
    """Keep this thread, and what it starts, off the core of the line for a moment."""
    core, before = _core_of_the_line(section), os.sched_getaffinity(0)
    rest = before - {core}
    if core is None or not section.enabled or not rest:
        yield
        return
    os.sched_setaffinity(0, rest)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _lock_memory() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # pages that come later, too: the first touch of a page would wait for the kernel
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def step_behind() -> bool:
    """Only what nobody else wants of the processor, for all threads; False where refused.

    It is refused where there would be no way back. Nice means nothing in that class (sched(7)).
    """
    if not _may_return():
        return False
    _all_threads(os.SCHED_IDLE)
    return True


def stay_behind() -> None:
    """The same for good: for a command that ends soon, which needs no right to come back."""
    _all_threads(os.SCHED_IDLE)


def step_forward() -> None:
    """Out of the idle class, or down from real time: as any other process, for all threads."""
    _all_threads(os.SCHED_OTHER)


def _all_threads(policy: int) -> None:
    for thread in _threads(os.getpid()):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or this is not permitted
            os.sched_setscheduler(thread, policy, os.sched_param(0))


def _may_return() -> bool:
    """Tried on a thread of its own: without the right to it, nobody leaves the idle class."""
    returned: list[bool] = []

    def go_and_return() -> None:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            returned.append(True)

    thread = threading.Thread(target=go_and_return)
    thread.start()
    thread.join()
    return bool(returned)


def permitted() -> str:
    """Whether this box lets us schedule in real time, in words."""
    return f"real-time scheduling {'' if may_schedule() else 'not '}permitted here"


def may_schedule() -> bool:
    """Whether this box lets us schedule in real time."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        # tried: capabilities, RLIMIT_RTPRIO and containers all have their say (sched(7))
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, *before)
    except OSError:
        return False
    return True


def lift(pid: int, priority: int) -> None:
    """Real-time priority for every thread of a process, where that is permitted.

    Also for simulators: what stands for a box of its own must not wait for ours.
    """
    if may_schedule():
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        for thread in _threads(pid):
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.sched_setscheduler(thread, policy, os.sched_param(priority))


def _threads(pid: int) -> list[int]:
    return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208 - names only


class ThreadRank(NamedTuple):
    """How the kernel runs a thread."""

    policy: int
    priority: int
    cores: frozenset[int]

    @classmethod
    def of(cls, thread: int = 0) -> ThreadRank:
        """Of the calling one, or of another; OSError where it has ended."""
        policy = os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK
        priority = os.sched_getparam(thread).sched_priority
        return cls(policy, priority, frozenset(os.sched_getaffinity(thread)))

    def in_words(self) -> str:
        """For a log."""
        rank = f"SCHED_FIFO {self.priority}" if self.policy == os.SCHED_FIFO else "no real time"
        return f"{rank} on cores {', '.join(map(str, sorted(self.cores)))}"


def settle_threads(section: RealtimeSection, *, below: int = 0) -> list[str]:
    """Rank every thread of this process as `settle` has ranked the one that called it.

    A thread that starts later has the rank of an ordinary program: while it waits for a
    processor with the interpreter in its hand, the whole process waits. What is different
    afterwards, read back, in words.
    """
    if not section.enabled:
        return []
    lift(os.getpid(), section.priority - below)
    found = {}
    for thread in _threads(os.getpid()):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            name = Path(f"/proc/self/task/{thread}/comm").read_text(errors="replace").strip()
            found[f"thread {thread} ({name})"] = ThreadRank.of(thread)
    return unlike(ThreadRank.of(), found)


def unlike(own: ThreadRank, threads: Mapping[str, ThreadRank]) -> list[str]:
    """Which of them the kernel runs otherwise: of another rank, or on cores that we keep off."""
    return [
        f"{name}: {rank.in_words()}, expected {own.in_words()}"
        for name, rank in threads.items()
        if rank[:2] != own[:2] or rank.cores - own.cores
    ]


@contextmanager
def without_rank() -> Iterator[None]:
    """Let this thread be an ordinary one for a moment, where it has a real-time rank."""
    policy, rank = os.sched_getscheduler(0), os.sched_getparam(0)
    if rank.sched_priority == 0:
        yield
        return
    # that flag cannot be taken off again without a right (sched(7)), so it is kept
    ordinary = os.SCHED_OTHER | (policy & os.SCHED_RESET_ON_FORK)
    os.sched_setscheduler(0, ordinary, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, rank)


def step_back() -> None:
    """Give the processor to others first: for records, screens and tools."""
    with contextlib.suppress(OSError):
        os.nice(10)  # of 19: behind what was not made nice, before what is idle
