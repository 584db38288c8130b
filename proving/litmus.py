"""Litmus run: whether two processes on this box see each other's words out of order.

    message passing    one stores data and then a flag, the other loads the flag and then the data:
                       an old datum behind a new flag is a violation. All that gonogo relies on
    store buffering    each stores its word and then loads the other's: that both find the old one
                       is a violation. gonogo relies on nothing of it; x86-64 shows it, too

Each is tried without a fence and with the instruction that gonogo.base.fence is made of. None seen
without proves nothing: how often it shows depends on chip and load. One seen with it proves that
the order of memory cannot be kept here.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import subprocess
import sys
import time
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base import fence
from gonogo.proving.litmus_code import LINE_BYTES, Kind, loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAIRS = 2000  # of words, a round
# bytes of the shared memory: which round, what is tried in it, which one the partner is ready for,
# and done with; each in a line of its own, as are the words of the pairs
_ROUND, _WHAT, _READY, _DONE = (k * LINE_BYTES for k in range(4))
_DATA = 64 * LINE_BYTES
_FLAG = _DATA + PAIRS * LINE_BYTES
_OURS = _FLAG + PAIRS * LINE_BYTES  # what each has found, a word a pair
_ITS = _OURS + 8 * PAIRS
_BYTES = _ITS + 8 * PAIRS
_LOOKS = 2000  # between two looks whether the other process lives
_LATE = 16  # one of the two begins late, by another step each round
_END = -1


class Pattern(IntEnum):
    """What is tried."""

    MESSAGE_PASSING = 0
    STORE_BUFFERING = 1

    @property
    def words(self) -> str:
        """For people."""
        return self.name.lower().replace("_", " ")


class Count(NamedTuple):
    """How often a pattern was tried, and seen out of order."""

    pattern: Pattern
    fenced: bool
    tried: int
    violations: int


class _Side:
    """One of the two processes over the same memory; `alive` says whether the other one is."""

    def __init__(self, fd: int, alive: Callable[[], bool]) -> None:
        self._memory = mmap.mmap(fd, _BYTES)
        self._alive = alive
        self._fence = fence.full(platform.machine()).call
        self.words = memoryview(self._memory).cast("q")
        self._first = ctypes.c_char.from_buffer(self._memory)

    def say(self, at: int, value: int) -> None:
        """Everything before it is there for who hears it."""
        self._fence()
        self.words[at // 8] = value

    def hear(self, at: int, last: int) -> int:
        """Wait until another value is there; what is read after it is no older."""
        looks = 0
        while (value := self.words[at // 8]) == last:
            looks += 1
            if looks % _LOOKS == 0:
                os.sched_yield()
                if not self._alive():
                    return _END
        self._fence()
        return value

    def walk(self, kind: Kind, what: int, number: int, at: tuple[int, int, int]) -> int:
        """Over all pairs: `at` is here, there, and where the words that were seen go."""
        here, there, seen = (ctypes.addressof(self._first) + each for each in at)
        return _loop(kind, what & 1)(here, there, number, PAIRS, seen)

    def found(self, at: int) -> list[int]:
        """What the last walk has seen."""
        return self.words[at // 8 : at // 8 + PAIRS].tolist()

    def close(self) -> None:
        """Unmap it."""
        self.words.release()
        del self._first
        self._memory.close()


@cache
def _loop(kind: Kind, fenced: int) -> Callable[[int, int, int, int, int], int]:
    return loop(platform.machine(), kind, fenced=bool(fenced))


def litmus(for_s: float, rounds: int = 1 << 30) -> list[Count]:
    """Both patterns without a fence and with it, so long or so many rounds each.

    OSError where it cannot be run: one core alone, no machine code of ours, a partner that ends.
    """
    if len(os.sched_getaffinity(0)) == 1:
        raise OSError("it takes two processor cores, and this process may use one")
    for kind in Kind:  # before anybody is started
        _loop(kind, 1)
    with _partner() as side:
        _lead(side, 0, 1)  # not counted: until it is over, the partner may be starting
        counts, last = [], 1
        for what in range(2 * len(Pattern)):
            end_s, begun, violations = time.monotonic() + for_s, last, 0
            while time.monotonic() < end_s and last - begun < rounds:
                last += 1
                violations += _lead(side, what, last)
            count = PAIRS * (last - begun)
            counts.append(Count(Pattern(what >> 1), bool(what & 1), count, violations))
        side.say(_ROUND, _END)
        return counts


def _lead(side: _Side, what: int, number: int) -> int:
    """Our half of a round; how many violations there were in it."""
    side.say(_WHAT, what)
    side.say(_ROUND, number)
    side.hear(_READY, number - 1)
    _be_late(-(number % _LATE))
    passing = Pattern(what >> 1) is Pattern.MESSAGE_PASSING
    kind = Kind.STORE if passing else Kind.STORE_LOAD
    side.walk(kind, what, number, (_DATA, _FLAG, _OURS))
    if side.hear(_DONE, number - 1) != number:
        raise ChildProcessError("its second process ended in the middle of it")
    if passing:
        return side.words[_ITS // 8]
    both = zip(side.found(_OURS), side.found(_ITS), strict=True)
    return sum(own < number and its < number for own, its in both)


def _follow(side: _Side, what: int, number: int) -> None:
    """The partner's half."""
    side.say(_READY, number)
    _be_late(number % (2 * _LATE) - _LATE)
    if Pattern(what >> 1) is Pattern.MESSAGE_PASSING:
        side.words[_ITS // 8] = side.walk(Kind.LOAD, what, number, (_DATA, _FLAG, _ITS))
    else:
        side.walk(Kind.STORE_LOAD, what, number, (_FLAG, _DATA, _ITS))
    side.say(_DONE, number)


def _be_late(steps: int) -> None:
    """Some microseconds: so that now one, now the other is ahead."""
    for _ in range(20 * steps):
        pass


@contextmanager
def _partner() -> Iterator[_Side]:
    """With another process at the other end of the memory."""
    fd = os.memfd_create("gonogo-litmus", os.MFD_CLOEXEC)
    try:
        os.ftruncate(fd, _BYTES)
        command = [sys.executable, "-I", "-m", "gonogo.proving.litmus", str(fd)]
        process = subprocess.Popen(command, pass_fds=[fd])
        side = _Side(fd, lambda: process.poll() is None)
    finally:
        os.close(fd)
    try:
        yield side
    finally:
        # killed: it holds nothing, and may wait for a round that never comes
        process.kill()
        process.wait()
        side.close()


def main(fd: int) -> None:
    """The partner: its half of each round, until the last one or until the other process ends."""
    parent = os.getppid()
    side = _Side(fd, lambda: os.getppid() == parent)
    number = 0
    while (number := side.hear(_ROUND, number)) != _END:
        _follow(side, side.words[_WHAT // 8], number)


if __name__ == "__main__":
    main(int(sys.argv[1]))
