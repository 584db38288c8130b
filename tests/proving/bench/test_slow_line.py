"""A line of 9600 baud before a console: what is typed, what is taken for its answer."""

from __future__ import annotations

import os
import select
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from gonogo.proving.bench.people import Port
from gonogo.proving.bench.slow_line import NAMES, QUIT, Said, SlowLine, answers, reads, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTE_S, QUIET_S = 0.0005, 0.2
PATIENCE_S = 20.0


@contextmanager
def console(port: Port, answer: bytes) -> Iterator[list[bytes]]:
    """Echoes keys, and says that behind Enter; the keys that came."""
    keys: list[bytes] = []
    over = os.eventfd(0)
    fd = os.open(port.device, os.O_RDWR | os.O_NOCTTY)

    def serve() -> None:
        # what was typed before the end is read, too
        while fd in select.select([fd, over], [], [])[0]:
            key = os.read(fd, 1)
            keys.append(key)
            os.write(fd, b"\r\n" + answer if key == b"\r" else key)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield keys
    finally:
        os.eventfd_write(over, 1)
        thread.join(PATIENCE_S)
        os.close(fd)
        os.close(over)


def test_slow_line_takes_an_answer_from_its_first_letter_on() -> None:
    """The echo is none, and a new line is no letter; all bytes behind Enter are counted."""
    with closing(Port()) as port, console(port, b"two rows\r\ncell> ") as keys:
        said = SlowLine(port, BYTE_S, QUIET_S).ask("status")
    assert b"".join(keys) == b"status\r"
    assert said.data == b"\r\ntwo rows\r\ncell> "
    assert said.first_ms > 0


def test_slow_line_leaves_the_rest_of_a_long_answer() -> None:
    """A page is enough."""
    with closing(Port()) as port, console(port, b"row\r\n--More-- ") as keys:
        found = answers(SlowLine(port, BYTE_S, QUIET_S), "log", 1)
    assert len(found) == 1
    assert b"".join(keys) == b"log\r" + QUIT


def test_slow_line_without_an_answer_is_an_error() -> None:
    """Nothing is not the fastest answer of all."""
    with closing(Port()) as port, console(port, b""):
        line = SlowLine(port, BYTE_S, QUIET_S, patience_s=0.3)
        with pytest.raises(TimeoutError, match="'status' at the console"):
            line.ask("status")


def test_rows_are_of_the_worst_command() -> None:
    """Each by what it is the worst in."""
    said = {"fast": [Said(5.0, b"x" * 1000)], "slow": [Said(9.0, b"x"), Said(40.0, b"x")]}
    first, page = rows(said)
    assert (first.name, first.value, first.control) == (NAMES[0], 40.0, 300.0)
    assert first.note.startswith("'slow', the slowest")
    assert (page.value, page.control) == (1000, 1900.0)
    assert "3 answers of 2 commands" in page.note


def test_reads_change_nothing_and_have_what_they_take() -> None:
    """Those that change are left out."""
    found = reads()
    assert {"status", "parts", "part 20", "engine list", "network"} <= set(found)
    assert not {"acknowledge", "lot end", "engine rollback"} & set(found)
