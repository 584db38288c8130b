"""The handler never waits: what does not fit, and what is said too often, is counted and told."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.log.forms import JsonForm
from gonogo.base.log.handler import DROPPED, HELD_BACK, PASSED_ON, DroppingHandler
from gonogo.base.log.limit import RateLimit
from gonogo.base.log.logger import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ENOUGH = 10_000


def record(text: str, event: str | None = None, name: str = "x") -> logging.LogRecord:
    """A line to log."""
    made = logging.LogRecord(name, logging.INFO, "x", 1, text, (), None)
    if event is not None:
        setattr(made, FIELDS, {"event": event})
    return made


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; the reading one never blocks."""
    out, into = os.pipe()
    os.set_blocking(out, False)
    yield out, into
    os.close(out)
    os.close(into)


def written(out: int) -> list[bytes]:
    """The lines that lie in the pipe."""
    found = b""
    try:
        while chunk := os.read(out, 65536):
            found += chunk
    except BlockingIOError:
        pass
    return found.splitlines()


def entries(out: int) -> list[dict[str, Any]]:
    """The same as messages."""
    return [json.loads(line) for line in written(out)]


def test_handler_writes_lines_and_counts_what_does_not_fit(pipe: tuple[int, int]) -> None:
    """Into a pipe that nobody reads: never blocked, whole lines as long as there is room."""
    handler = DroppingHandler(pipe[1], RateLimit(burst=ENOUGH))
    for _ in range(200):
        handler.handle(record("y" * 999))
    lines = written(pipe[0])
    assert 0 < handler.dropped < 200
    assert len(lines) + handler.dropped == 200
    assert set(lines) == {b"y" * 999}


def test_handler_tells_what_it_dropped_before_the_next_line_that_fits(
    pipe: tuple[int, int],
) -> None:
    """Once: how many, and then the line."""
    handler = DroppingHandler(pipe[1], RateLimit(burst=ENOUGH))
    handler.setFormatter(JsonForm(process="line"))
    for _ in range(200):
        handler.handle(record("y" * 999, "flood"))
    written(pipe[0])
    dropped = handler.dropped
    handler.handle(record("after", "after"))
    handler.handle(record("and after", "after"))
    told, after, last = entries(pipe[0])
    assert (told["event"], told["count"], told["level"]) == (DROPPED, dropped, "warning")
    assert (after["text"], last["text"]) == ("after", "and after")


def test_handler_survives_a_reader_that_is_gone() -> None:
    """A broken pipe is a dropped line, not an exception in the cycle."""
    out, into = os.pipe()
    os.close(out)
    handler = DroppingHandler(into)
    handler.handle(record("nobody hears this"))
    os.close(into)
    assert handler.dropped == 1


def test_handler_survives_a_disk_without_room() -> None:
    """The same of a file: counted, and nothing raised."""
    fd = os.open("/dev/full", os.O_WRONLY)
    handler = DroppingHandler(fd)
    handler.handle(record("no room for this"))
    os.close(fd)
    assert handler.dropped == 1


def test_handler_writes_what_is_no_text(pipe: tuple[int, int]) -> None:
    """A lone surrogate in a message is replaced."""
    DroppingHandler(pipe[1]).handle(record("\udc80"))
    assert written(pipe[0]) == [b"?"]


def test_handler_holds_back_what_is_said_too_often_and_says_how_much(
    pipe: tuple[int, int],
) -> None:
    """Of one event alone; what was held back is told once its window is over."""
    slow = DroppingHandler(pipe[1], RateLimit(burst=3))
    slow.setFormatter(JsonForm())
    for k in range(217):
        slow.handle(record(f"{k}", "often"))
    slow.handle(record("once", "seldom"))
    assert [each["text"] for each in entries(pipe[0])] == ["0", "1", "2", "once"]
    slow.flush()
    (told,) = entries(pipe[0])
    assert (told["event"], told["of"], told["count"]) == (HELD_BACK, "often", 214)
    assert told["text"].startswith("often: 214 more of it in the last")
    slow.flush()
    assert entries(pipe[0]) == []


@pytest.mark.parametrize(("event", "name"), [("flood_asked_for", "x"), ("any", PASSED_ON)])
def test_handler_holds_nothing_back_that_was_asked_for_or_limited_before(
    pipe: tuple[int, int], event: str, name: str
) -> None:
    """A fault that shall fill the pipe, and lines of processes that have a limit of their own."""
    handler = DroppingHandler(pipe[1], RateLimit(burst=1))
    for k in range(5):
        handler.handle(record(f"{k}", event, name))
    assert written(pipe[0]) == [b"0", b"1", b"2", b"3", b"4"]


def test_library_is_limited_by_what_it_says_before_its_values_are_put_in(
    pipe: tuple[int, int],
) -> None:
    """Each sentence of a library is an event of its own."""
    handler = DroppingHandler(pipe[1], RateLimit(burst=1))
    logger = logging.getLogger("gonogo.tests.some_library")
    for k in range(3):
        for text in ("retry %d", "lost %d"):
            handler.handle(logger.makeRecord("lib", logging.INFO, "x", 1, text, (k,), None))
    assert written(pipe[0]) == [b"retry 0", b"lost 0"]


PROGRAM = """
import logging, sys
from gonogo.base.log.forms import JsonForm
from gonogo.base.log.handler import DroppingHandler
from gonogo.base.log.logger import get_logger
handler = DroppingHandler(2)
handler.setFormatter(JsonForm(process="p"))
logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
log = get_logger("p")
for k in range(20000):
    log.info(f"event_{k % 200}", text="x" * 500)
print(handler.dropped)
"""


def test_process_whose_pipe_nobody_reads_goes_on_and_ends() -> None:
    """With a real pipe as its stderr, in a process of its own: it comes to its end."""
    out, into = os.pipe()
    try:
        ended = subprocess.run(
            [sys.executable, "-I", "-c", PROGRAM],
            stdout=subprocess.PIPE, stderr=into, timeout=60, check=True,
        )  # fmt: skip
    finally:
        os.close(out)
        os.close(into)
    assert int(ended.stdout) > 1000
