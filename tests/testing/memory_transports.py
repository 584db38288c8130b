"""A PLC in memory, a transport to it as it should be, and others that break one promise each."""

# (a method that does less than it should leaves arguments unused)

from __future__ import annotations

import os
import select
import threading
import time
from typing import TYPE_CHECKING, Literal

from gonogo.base.errors import LinkError
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.section import TransportSection
from gonogo.plc.transports.transport import ALONE, Inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.transport import ProcessImage


class MemorySection(TransportSection):
    """A PLC in the memory of the test."""

    driver: Literal["memory"]
    poll_ms: int = 1
    scan_ms: float = 1.0
    where: str = "here"

    @property
    def place(self) -> str:
        """In this process."""
        return self.where


class MemoryPlc:
    """What a PLC holds; it can be gone."""

    def __init__(self) -> None:
        self.d = [0] * D_WORDS
        self.p = [0] * P_WORDS
        self.there = True

    def words(self) -> list[int]:
        """D0-D95."""
        return list(self.d)

    def say(self, words: list[int]) -> None:
        """P100-P119."""
        self.p = list(words)

    def leave(self) -> None:
        """Power off."""
        self.there = False


class Memory:
    """As it should be."""

    def __init__(self, plc: MemoryPlc, wake_fd: int) -> None:
        self.plc, self.wake_fd = plc, wake_fd
        self.is_open = False
        self.asked_ns = 0
        self.closed = threading.Event()  # for those that would sleep on

    def open(self) -> None:
        """Connect."""
        self.is_open = True
        self.asked_ns = time.monotonic_ns()

    def exchange(self, image: ProcessImage) -> Inputs:
        """All words, each time."""
        if not self.is_open:
            raise LinkError("memory: not open; call open first")
        if not self.plc.there:
            raise LinkError("memory: the PLC is gone")
        self.write(image.words)
        since_ns, self.asked_ns = self.asked_ns, time.monotonic_ns()
        return Inputs(self.read(), since_ns, time.monotonic_ns())

    def write(self, words: Sequence[int]) -> None:
        """Into the PLC."""
        self.plc.d[:] = words

    def read(self) -> Sequence[int]:
        """From the PLC."""
        return tuple(self.plc.p)

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """The header as it stands there."""
        if mark:
            self.plc.d[OBJECTION_AT] = mark
        return self.plc.d[:HEADER_WORDS]

    def wait(self, timeout_s: float) -> None:
        """For the link or the time."""
        select.select((self.wake_fd,), (), (), timeout_s)

    def close(self) -> None:
        """Hang up."""
        self.is_open = False


class Unopened(Memory):
    """Does not mind."""

    def __init__(self, plc: MemoryPlc, wake_fd: int) -> None:
        super().__init__(plc, wake_fd)
        self.open()

    def close(self) -> None:
        """Nothing."""


class Headless(Memory):
    """Brings the records, and not the header."""

    def write(self, words: Sequence[int]) -> None:
        """From D32 on."""
        self.plc.d[HEADER_WORDS:] = words[HEADER_WORDS:]


class Lazy(Memory):
    """Writes once, and the header from then on."""

    wrote = False

    def write(self, words: Sequence[int]) -> None:
        """The records of the first image alone."""
        end = HEADER_WORDS if self.wrote else D_WORDS
        self.plc.d[:end] = words[:end]
        self.wrote = True


class Guessing(Memory):
    """Says what it wrote, not what stands there."""

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """Nobody else can write, it thinks."""
        del mark
        return ALONE


class Marking(Memory):
    """Looks with a pencil in its hand."""

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """Always marks."""
        return super().read_back(mark or 99)


class Stale(Memory):
    """What the PLC said when it was connected to."""

    said: Sequence[int] = ()

    def read(self) -> Sequence[int]:
        """The first reading."""
        self.said = self.said or super().read()
        return self.said


class Gappy(Memory):
    """Says of each exchange that it began when it began."""

    def exchange(self, image: ProcessImage) -> Inputs:
        """What changed between two of them has changed at no time."""
        inputs = super().exchange(image)
        return inputs._replace(since_ns=inputs.at_ns - 1)


class Asleep(Memory):
    """Hears no bell."""

    def wait(self, timeout_s: float) -> None:
        """For the time."""
        self.closed.wait(timeout_s)

    def close(self) -> None:
        """Wakes it after all."""
        self.closed.set()


class Greedy(Memory):
    """Takes the bell with it."""

    def wait(self, timeout_s: float) -> None:
        """And the link never knows."""
        super().wait(timeout_s)
        os.eventfd_read(self.wake_fd)


class Endless(Memory):
    """Waits for the bell, whatever the time is."""

    def wait(self, timeout_s: float) -> None:
        """For ever."""
        del timeout_s
        while not self.closed.is_set() and not select.select((self.wake_fd,), (), (), 0.01)[0]:
            pass

    def close(self) -> None:
        """Wakes it after all."""
        self.closed.set()


class Once(Memory):
    """Cannot be closed twice."""

    def close(self) -> None:
        """Only what is open."""
        if not self.is_open:
            raise RuntimeError("closed already")
        super().close()


class Hopeful(Memory):
    """Has never heard that a PLC can be gone."""

    def exchange(self, image: ProcessImage) -> Inputs:
        """As ever."""
        there, self.plc.there = self.plc.there, True
        try:
            return super().exchange(image)
        finally:
            self.plc.there = there
