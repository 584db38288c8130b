"""The endpoint: what it answers, and that nobody who asks keeps anybody waiting."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gonogo.records.metrics.page import TEXT, Page
from gonogo.records.metrics.server import (
    CLIENT_S,
    CLIENTS,
    REQUEST_BYTES,
    MetricsServer,
    answer_to,
)
from gonogo.tests.records.doubles import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 20.0
ASK = b"GET /metrics HTTP/1.1\r\nHost: box\r\n\r\n"


def page(accept: str) -> Page:
    """Tells what it was asked for."""
    return Page(TEXT, f"asked {accept}\n".encode())


@pytest.fixture
def clock() -> Clock:
    """That of the server."""
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[MetricsServer]:
    """One that listens at a port of its own."""
    made = MetricsServer(("127.0.0.1", 0), page, clock)
    made.turn(0)
    yield made
    made.close()


def connected(server: MetricsServer) -> socket.socket:
    """A client that has asked nothing yet."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S)
    client.settimeout(0)
    return client


def answer(server: MetricsServer, client: socket.socket) -> bytes:
    """All that comes until it is hung up."""
    said, end_s = b"", time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        server.turn(0.01)
        try:
            chunk = client.recv(1 << 20)
        except BlockingIOError:
            continue
        except ConnectionResetError:
            return said
        if not chunk:
            return said
        said += chunk
    raise AssertionError(f"it was not hung up: {said[:100]!r}")


def test_answer_is_a_page_with_its_length() -> None:
    """By the header in which formats are asked for."""
    asked = b"GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nACCEPT: text/plain\r\n\r\n"
    head, _, body = answer_to(asked, page).partition(b"\r\n\r\n")
    assert body == b"asked  text/plain\n"
    assert head.splitlines()[0] == b"HTTP/1.1 200 OK"
    assert b"Content-Length: %d" % len(body) in head
    assert TEXT.encode() in head


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /metrics/../etc HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"GET /metrics\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00 x y\r\n\r\n", b"400"),  # somebody speaks TLS
        (b"\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/2.0\r\n\r\n", b"400"),
    ],
)
def test_answer_refuses_what_is_no_question_for_figures(asked: bytes, status: bytes) -> None:
    """With a status, and nothing of the page."""
    said = answer_to(asked, page)
    assert said.split()[1] == status
    assert b"asked" not in said


def test_answer_to_head_is_without_the_page() -> None:
    """But with its length."""
    assert answer_to(b"HEAD /metrics HTTP/1.1\r\n\r\n", page).endswith(b"\r\n\r\n")


def test_server_answers_a_hundred_at_once_beside_as_many_bytes_as_come(
    server: MetricsServer,
) -> None:
    """Each gets the whole page, also those whose question comes in two halves."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(server)) for _ in range(100)]
        for client in clients:
            client.sendall(ASK[:10])
        server.turn(0.01)
        for client in clients:
            client.sendall(ASK[10:])
        for client in clients:
            assert answer(server, client).endswith(b"\r\n\r\nasked \n")
    assert (server.scrapes, server.turned_away, server.cut_off) == (100, 0, 0)


def test_server_turns_away_who_is_one_too_many(server: MetricsServer) -> None:
    """Those before him are served all the same."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(server)) for _ in range(CLIENTS)]
        for _ in range(CLIENTS):
            server.turn(0.001)
        late = stack.enter_context(connected(server))
        assert answer(server, late) == b""
        clients[0].sendall(ASK)
        assert b"200 OK" in answer(server, clients[0])
    assert server.turned_away == 1


def test_server_cuts_off_who_never_asks_and_who_never_reads(clock: Clock) -> None:
    """After their time; meanwhile everybody else is answered."""
    large = Page(TEXT, b"x" * (32 << 20))  # more than any buffer of the kernel's
    server = MetricsServer(("127.0.0.1", 0), lambda _: large, clock)
    server.turn(0)
    with connected(server) as silent, connected(server) as deaf, connected(server) as reader:
        deaf.sendall(ASK)
        reader.sendall(ASK)
        assert len(answer(server, reader)) > len(large.body)
        assert server.scrapes == 1
        clock.now_s += CLIENT_S + 0.1
        server.turn(0)
        assert server.cut_off == 2
        assert answer(server, silent) == b""
        assert len(answer(server, deaf)) < len(large.body)
    server.close()


def test_server_hangs_up_on_who_asks_for_ever_and_on_who_went_away(server: MetricsServer) -> None:
    """A head without end is none; a client that is gone leaves nothing behind."""
    with connected(server) as endless, connected(server) as gone:
        endless.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"y" * REQUEST_BYTES)
        assert answer(server, endless) == b""
        gone.close()
        server.turn(0.01)
    assert server.cut_off == 1
    end_s = time.monotonic() + WAIT_S
    while server._clients:
        assert time.monotonic() < end_s
        server.turn(0.01)


def test_server_listens_where_the_station_file_says_alone() -> None:
    """IPv6 as well, where the box has it."""
    server = MetricsServer(("::1", 0), page)
    server.turn(0)
    if not server.port:
        pytest.skip("this box has no IPv6 loopback")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S)
    with socket.create_connection(("::1", server.port), timeout=WAIT_S) as client:
        client.settimeout(0)
        client.sendall(ASK)
        assert b"200 OK" in answer(server, client)
    server.close()


def test_server_wakes_for_whoever_stops_it(server: MetricsServer) -> None:
    """A descriptor more in its wait: else a stop would take as long as a turn."""
    one, other = socket.socketpair()
    with one, other:
        server.watch(one.fileno())
        other.send(b"x")
        server.turn(WAIT_S * 100)
