"""One console: what noise, silence and time do to it."""

from __future__ import annotations

import gc
import random
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.serial.access import StationUser
from gonogo.console.serial.session import BUSY_BYTES, HALF_S, QUIET_S
from gonogo.tests.console.serial.told import CODE, Accounts, Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.console.serial.access import Access
    from gonogo.tests.console.serial.told import Told

MB = 1 << 20


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station that answers, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Told:
    """It was asked nothing yet."""
    standing.asked.clear()
    return standing


def wrong_baud(count: int) -> bytes:
    """`status` and a new line, each bit sampled at three times the rate that it was sent at."""
    found = bytearray()
    for byte in b"status\r\n":
        bits = [0, *((byte >> k) & 1 for k in range(8)), 1]
        slow = [bit for bit in bits for _ in range(3)]
        found += bytes(sum(slow[at + k] << k for k in range(8)) for at in (1, 11, 21))
    return bytes(found) * (count // len(found))


def pour(cabinet: Cabinet, data: bytes) -> int:
    """Type all of it; what memory is held then, in bytes, as far as it is traced."""
    for at in range(0, len(data), 512):
        cabinet.now_s += 0.01
        cabinet.session.receive(data[at : at + 512], cabinet.now_s)
        cabinet.session.out.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


NOISES = {
    "noise": lambda: random.Random(7).randbytes(MB),  # noqa: S311 - noise
    "NULs": lambda: bytes(MB),
    "no new line": lambda: b"engine rollback " * (MB // 16),
    "wrong baud": lambda: wrong_baud(MB),
    "high bytes": lambda: b"\xffstatus\r" * (MB // 8),
}


@pytest.mark.parametrize("kind", NOISES)
def test_session_a_megabyte_of_noise_runs_no_command(told: Told, kind: str) -> None:
    """Nothing is asked of the station, memory stays flat, and the console works afterwards."""
    cabinet, data = Cabinet(told.name), NOISES[kind]()
    looked = MB - MB // 16  # from where on memory is looked at, which makes all of it slow
    pour(cabinet, data[:looked])
    tracemalloc.start()
    held = [pour(cabinet, data[at : at + MB // 32]) for at in (looked, looked + MB // 32)]
    tracemalloc.stop()
    assert told.asked == []
    assert held[1] - held[0] < 4 * 1024
    cabinet.wait(HALF_S + 1)
    assert "IN FORCE" in cabinet.type(b"\x15recipe\r", QUIET_S + 0.1)


def test_session_noise_takes_with_it_what_is_near(told: Told) -> None:
    """A line that was good on both sides of a bad byte is none; after some quiet all is well."""
    cabinet = Cabinet(told.name)
    assert "noise on the line" in cabinet.type(b"acknowl\x80edge\r")
    assert cabinet.type(b"status\r") == ""
    assert cabinet.type(b"status\r", QUIET_S / 2) == ""
    assert f"station '{told.name}'" in cabinet.type(b"status\r", QUIET_S + 0.1)


def test_session_noise_ends_a_change_that_waits_for_its_code(told: Told) -> None:
    """The code that was shown is worth nothing any more."""
    cabinet = Cabinet(told.name)
    cabinet.type(b"acknowledge\r")
    cabinet.type(b"because\r")
    cabinet.type(b"\0")
    assert "is no command" in cabinet.type(CODE.encode() + b"\r", QUIET_S + 0.1)
    assert told.changes == []


def test_session_half_a_line_dies(told: Told) -> None:
    """After half a minute without a key; until then it waits."""
    cabinet = Cabinet(told.name)
    cabinet.type(b"acknow")
    assert cabinet.wait(HALF_S - 1) == ""
    assert "dropped" in cabinet.wait(2)
    assert "'ledge' is no command" in cabinet.type(b"ledge\r")


def test_session_half_a_line_dies_also_where_nobody_ticked(told: Told) -> None:
    """A process that was stopped meanwhile takes no code of ten minutes ago."""
    cabinet = Cabinet(told.name)
    cabinet.type(b"acknowledge\r")
    cabinet.type(b"because\r")
    cabinet.type(CODE.encode() + b"\r", HALF_S + 1)
    assert told.changes == []


def test_session_hang_up_leaves_nothing(told: Told) -> None:
    """Neither half a line nor a change nor who was signed in; what was not sent is not sent."""
    accounts = Accounts()
    cabinet = Cabinet(told.name, access=accounts)
    cabinet.type(b"anna\r246813\r")
    cabinet.type(b"acknowledge\rbecause\r")
    cabinet.session.hang_up()
    assert "name: " in cabinet.sent()
    cabinet.type(CODE.encode() + b"\r")
    assert told.changes == []


def test_session_idle_is_signed_out(told: Told) -> None:
    """Whoever went away is nobody; a key in between is enough to stay."""
    cabinet = Cabinet(told.name, access=Accounts())
    cabinet.type(b"anna\r246813\r")
    assert cabinet.wait(599) == ""
    cabinet.type(b"\r")
    assert cabinet.wait(599) == ""
    assert "signed out" in cabinet.wait(2)
    assert cabinet.terminal.row == "name:"


def test_session_does_not_grow_while_nobody_takes_what_it_says(told: Told) -> None:
    """A megabyte of commands before a terminal that reads nothing; Ctrl-C ends the backlog."""
    cabinet = Cabinet(told.name)
    for _ in range(MB // 512):
        cabinet.session.receive(b"recipe\r" * 73, 1.0)
    assert len(cabinet.session.out) < BUSY_BYTES + 2000
    cabinet.session.receive(b"\x03", 1.1)
    assert len(cabinet.session.out) < 200
    assert "IN FORCE" in cabinet.type(b"recipe\r")


@pytest.mark.parametrize(
    "line",
    ["status", "help", "faults", "parts", "part 1002", "why 1002", "network", "audit", "?", "lots",
     "recipe", "engine list", "time", "code 404", "drift", "nonsense", "log"],
)  # fmt: skip
def test_session_an_answer_is_short_or_paged(told: Told, line: str) -> None:
    """At 9600 baud a page is there within two seconds, and no row is broken by the terminal."""
    cabinet = Cabinet(told.name)
    cabinet.type(line.encode() + b"\r")
    while cabinet.said.errand is not None:
        cabinet.wait(0.01)
    while cabinet.said.screen.paging:
        cabinet.type(b" ")
    assert max(cabinet.bytes) <= 1900
    assert all(len(row) < 80 for row in cabinet.terminal.screen)


KEYS = (
    b"status", b"part 7", b"?", b"\t", b"\r", b"\n", b" ", b"\x1b[A", b"\x1b[B", b"\x1b[D", b"\x03",
    b"\x04", b"\x0c", b"\x15", b"\x17", b"\x0b", b"\x08", b"log follow\r", b"help\r", b"--json",
    b"engine rollback\r", b"4711\r", b"q", b"time\r", b"\xff", b"\x1b", b"a" * 90,
    b"anna\r246813\r",
)  # fmt: skip


@given(
    st.sampled_from([StationUser, Accounts]),
    st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from([0.1, 0.6, 31.0, 700.0]))),
)
def test_session_the_terminal_shows_what_it_holds(
    access: type[Access], keys: list[tuple[bytes, float]]
) -> None:
    """Whatever is typed and however late: no station is there, and every answer says so."""
    cabinet = Cabinet("nobody-at-all", access=access())
    for typed, after_s in keys:
        cabinet.type(typed, after_s)
        screen = cabinet.said.screen
        if not screen.paging:
            assert cabinet.terminal.row == screen.row_shown
