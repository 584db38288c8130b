"""The process table: what ends is reported or started again, what shall end does."""

from __future__ import annotations

import logging
import os
import select
import signal
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.runtime.errors import ProcessFailed
from gonogo.tests.programs import MODULE, argument
from gonogo.watchdog.processes import LAST_BACKOFF_S, Processes, Row, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT_S = 20.0  # at which a test gives up; none takes that long


@pytest.fixture
def ready_fd() -> Iterator[int]:
    """A doorbell that children ring when they are up."""
    fd = os.eventfd(0)
    yield fd
    os.close(fd)


@pytest.fixture
def table(caplog: pytest.LogCaptureFixture) -> Iterator[Processes]:
    """A process table that is stopped after the test; its messages are kept."""
    caplog.set_level(logging.INFO)
    processes = Processes(stop_wait_s=0.2)
    yield processes
    processes.stop()


def row(label: str, do: str, ready_fd: int, **keys: object) -> Row:
    """A row that runs one of the test programs as a child of this process."""
    words = argument(do, parent=os.getpid(), ready_fd=ready_fd, **keys)
    return Row(label, MODULE, words, (ready_fd,))


def watch_until(table: Processes, done: Callable[[], bool]) -> list[str]:
    """Watch until something is so; the rows that ended meanwhile."""
    end_s, ended = time.monotonic() + WAIT_S, list[str]()
    while not done():
        assert time.monotonic() < end_s, "it never came to that"
        ended += table.watch(0.1)
    return ended


def up(ready_fd: int) -> None:
    """Wait until a child rings."""
    assert select.select([ready_fd], [], [], WAIT_S)[0], "the child never came up"
    os.eventfd_read(ready_fd)


def test_processes_report_a_row_that_ended_once(
    table: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    """Its name, its last words line by line, and nothing more of it in later rounds."""
    running = table.start(Row("brief", MODULE, argument("end", code=3, words="one\ntwo\n")))
    ended = watch_until(table, lambda: running.pidfd < 0)
    assert ended == ["brief"]
    assert [r.getMessage() for r in caplog.records] == ["one", "two"]
    assert table.watch(0) == []
    assert running.process.stderr is not None
    assert running.process.stderr.closed, "an open pipe at its end would wake every later watch"


def test_processes_require_names_what_ended_and_how(table: Processes) -> None:
    """A row that must live says so when it does not."""
    running = table.start(Row("line", MODULE, argument("end", code=3)))
    running.process.wait(WAIT_S)
    with pytest.raises(ProcessFailed, match=r"GN510: line ended \(exit code 3\)"):
        table.require("line")


def test_processes_require_accepts_a_living_row(table: Processes, ready_fd: int) -> None:
    """Nothing is raised, and the process id is the child's."""
    running = table.start(row("line", "obey", ready_fd))
    up(ready_fd)
    table.require("line")
    assert table.pid("line") == running.process.pid
    assert running.alive


def test_processes_pass_messages_of_living_rows_on(
    table: Processes, ready_fd: int, caplog: pytest.LogCaptureFixture
) -> None:
    """What a child logs stands in the parent's log under the child's name."""
    table.start(row("line", "obey", ready_fd))
    watch_until(table, lambda: "obey: up" in caplog.messages)


def test_processes_are_not_held_up_by_a_row_that_never_stops_talking(
    table: Processes, ready_fd: int
) -> None:
    """One watch passes on one pipe's worth; the chatterer still talks when it returns."""
    chatterer = table.start(row("chatter", "chatter", ready_fd))
    up(ready_fd)
    for _ in range(3):
        assert table.watch(0.1) == []
    assert chatterer.alive


def test_processes_start_again_what_ends_after_a_growing_pause(
    table: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a second, then a whole one; with each start counted, and nothing reported as ended."""
    crash = Row("engine", MODULE, argument("end", code=1), restart=True)
    first = table.start(crash)
    said = "engine ended (exit code 1); again in 1.0 s"
    assert watch_until(table, lambda: said in caplog.messages) == []
    assert caplog.messages == ["engine ended (exit code 1); again in 0.5 s", said]
    assert table.pid("engine") != first.process.pid


def test_processes_pause_is_bounded_after_many_starts(
    table: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    """An engine that has crashed for hours does not take the supervisor with it."""
    running = table.start(Row("engine", MODULE, argument("end", code=1), restart=True))
    running.starts = 5000
    said = f"engine ended (exit code 1); again in {LAST_BACKOFF_S:.1f} s"
    watch_until(table, lambda: said in caplog.messages)


def test_processes_stop_asks_first(
    table: Processes, ready_fd: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A child that obeys ends with 0, its last words are passed on, and the table is empty."""
    running = table.start(row("line", "obey", ready_fd))
    up(ready_fd)
    table.stop()
    assert running.process.returncode == 0
    assert caplog.messages == ["obey: up", "obey: stopped in order"]
    assert table.watch(0) == []


def test_processes_stop_kills_what_does_not_listen(
    table: Processes, ready_fd: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Asked, waited for, killed, and said so."""
    running = table.start(row("engine", "ignore", ready_fd))
    up(ready_fd)
    table.stop()
    assert running.process.returncode == -signal.SIGKILL
    assert "engine did not stop within 0.2 s: killed" in caplog.messages


def test_processes_stop_kills_what_is_frozen(table: Processes, ready_fd: int) -> None:
    """A stopped process cannot obey; it ends all the same."""
    running = table.start(row("engine", "obey", ready_fd))
    up(ready_fd)
    running.process.send_signal(signal.SIGSTOP)
    table.stop()
    assert running.process.returncode == -signal.SIGKILL


def test_processes_stop_the_last_started_first(
    table: Processes, ready_fd: int, tmp_path: Path
) -> None:
    """In the reverse order of starting, each ended before the next is asked."""
    diary = tmp_path / "diary"
    for name in ("a", "b", "c"):
        table.start(row(name, "obey", ready_fd, name=name, diary=str(diary)))
        up(ready_fd)
    table.stop()
    assert diary.read_text(encoding="ascii").split() == ["c", "b", "a"]


def test_processes_stop_named_rows_only_and_twice_without_harm(
    table: Processes, ready_fd: int
) -> None:
    """The others go on; stopping what is not there is nothing."""
    first = table.start(row("a", "obey", ready_fd))
    up(ready_fd)
    second = table.start(row("b", "obey", ready_fd))
    up(ready_fd)
    table.stop(["b", "never started"])
    table.stop(["b"])
    assert second.process.returncode == 0
    assert first.alive


def test_processes_stop_a_row_that_waits_to_be_started_again(
    table: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    """Stopped during its pause, it does not come back."""
    table.start(Row("engine", MODULE, argument("end", code=1), restart=True))
    watch_until(table, lambda: "engine ended (exit code 1); again in 0.5 s" in caplog.messages)
    table.stop()
    assert table.watch(0) == []
    with pytest.raises(KeyError):
        table.pid("engine")


@pytest.mark.parametrize(
    ("code", "words"), [(None, "still running"), (0, "exit code 0"), (-9, "signal 9")]
)
def test_describe_says_how_a_process_ended(code: int | None, words: str) -> None:
    """A signal is not an exit code."""
    assert describe(code) == words
