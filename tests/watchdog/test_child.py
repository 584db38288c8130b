"""What a child does first: it never blocks on its own words, and it hears when it shall stop."""

from __future__ import annotations

import logging
import os
import select
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.programs import MODULE, argument, launch, told
from gonogo.watchdog.child import DroppingHandler, Stop
from gonogo.watchdog.processes import Processes, Row

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

WAIT_S = 20.0  # at which a test gives up; none takes that long


@pytest.fixture
def ready_fd() -> Iterator[int]:
    """A doorbell that a child rings when it is up."""
    fd = os.eventfd(0)
    yield fd
    os.close(fd)


@contextmanager
def child_of(do: str, ready_fd: int, **keys: object) -> Iterator[subprocess.Popen[bytes]]:
    """A child of this process that has said it is up."""
    processes = Processes(stop_wait_s=0.2)
    words = argument(do, parent=os.getpid(), ready_fd=ready_fd, **keys)
    running = processes.start(Row("child", MODULE, words, (ready_fd,)))
    try:
        assert select.select([ready_fd], [], [], WAIT_S)[0], "the child never came up"
        yield running.process
    finally:
        processes.stop()


def record(text: str) -> logging.LogRecord:
    """A line to log."""
    return logging.LogRecord("x", logging.INFO, "x", 1, text, (), None)


def test_handler_writes_lines_and_counts_what_does_not_fit() -> None:
    """Into a pipe that nobody reads: never blocked, whole lines as long as there is room."""
    out, into = os.pipe()
    handler = DroppingHandler(into)
    for _ in range(200):
        handler.handle(record("y" * 999))
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        lines = pipe.read().splitlines()
    assert 0 < handler.dropped < 200
    assert len(lines) + handler.dropped == 200
    assert set(lines) == {b"y" * 999}


def test_handler_survives_a_reader_that_is_gone() -> None:
    """A broken pipe is a dropped line, not an exception in the cycle."""
    out, into = os.pipe()
    os.close(out)
    handler = DroppingHandler(into)
    handler.handle(record("nobody hears this"))
    os.close(into)
    assert handler.dropped == 1


def test_handler_writes_what_is_no_text() -> None:
    """A lone surrogate in a message is replaced."""
    out, into = os.pipe()
    handler = DroppingHandler(into)
    handler.handle(record("\udc80"))
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        assert pipe.read() == b"?\n"


def test_stop_asked_can_be_waited_for() -> None:
    """Its descriptor becomes readable and stays so."""
    stop = Stop()
    before = stop.asked
    assert select.select([stop.fd], [], [], 0) == ([], [], [])
    stop.ask(signal.SIGTERM, None)
    stop.ask()
    assert (before, stop.asked) == (False, True)
    assert select.select([stop.fd], [], [], 0)[0] == [stop.fd]
    os.close(stop.fd)


def test_child_asked_to_stop_ends_in_order(ready_fd: int) -> None:
    """SIGTERM is a request: the process finishes and ends with 0."""
    with child_of("obey", ready_fd) as process:
        process.terminate()
        assert process.wait(WAIT_S) == 0


def test_child_does_not_hear_ctrl_c(ready_fd: int) -> None:
    """SIGINT is ignored; it ends in order when it is asked by its parent."""
    with child_of("obey", ready_fd) as process:
        assert os.getsid(process.pid) == process.pid
        process.send_signal(signal.SIGINT)
        process.terminate()
        assert process.wait(WAIT_S) == 0


def test_child_that_floods_its_messages_is_not_blocked(ready_fd: int) -> None:
    """Nobody reads the pipe: lines are dropped and counted, the work goes on."""
    with child_of("flood", ready_fd, least_dropped=500):
        assert os.eventfd_read(ready_fd) >= 500


def test_child_dies_with_its_parent() -> None:
    """The supervisor is killed without a chance to stop anything: its child ends."""
    family = launch("family")
    with family:
        pidfd = os.pidfd_open(told(family)["child"])
        family.kill()
    assert select.select([pidfd], [], [], WAIT_S)[0], "the child outlived its parent"
    os.close(pidfd)


def test_child_whose_parent_is_already_gone_stops_at_once(ready_fd: int) -> None:
    """A parent that died before the tie was made is noticed."""
    words = argument("orphan", ready_fd=ready_fd)
    processes = Processes()
    running = processes.start(Row("orphan", MODULE, words, (ready_fd,)))
    try:
        assert running.process.wait(WAIT_S) == 0
    finally:
        processes.stop()
