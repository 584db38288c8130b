"""The screen's server: bounded towards everybody, on a port that is opened when it can be."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

import pytest

from gonogo.console.screen.connections import HEAD_MAX, Bounded
from gonogo.console.screen.server import RETRY_S, Port, serve, server_of
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Receive, Scope, Send

WAIT_S = 30.0
LARGE = b"x" * (8 << 20)  # more than the system takes of an answer that nobody reads
HALF = b"GET /small HTTP/1.1\r\nHost: a\r\n"


class Quick(Bounded):
    """Little patience, and room for few."""

    limit_s = 0.3
    idle_s = 0.3
    most = 4


class Roomy(Bounded):
    """Room for few, and all the patience that there is."""

    most = 4


async def small_or_large(scope: Scope, receive: Receive, send: Send) -> None:
    """What is asked for."""
    message: Message = {"type": "http.request", "more_body": True}
    while message.get("more_body"):
        message = await receive()
    body = LARGE if scope["path"] == "/large" else b"small"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(protocol: type[Bounded]) -> Iterator[int]:
    """Its port, as long as it serves."""
    over, port = threading.Event(), free_port()
    server = server_of(small_or_large, protocol)
    thread = threading.Thread(
        target=lambda: asyncio.run(serve(server, Port("127.0.0.1", port), over.is_set))
    )
    thread.start()
    try:
        end_s = time.monotonic() + WAIT_S
        while not server.started:
            assert time.monotonic() < end_s
            time.sleep(0.01)
        yield port
    finally:
        over.set()
        thread.join(WAIT_S)
    assert not thread.is_alive()


def asked(port: int) -> bytes:
    """A small answer."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S)) as server:
        server.request("GET", "/small")
        return server.getresponse().read()


def begun(port: int, said: bytes) -> socket.socket:
    """A client that has said no more than that."""
    made = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    made.sendall(said)
    return made


def read(client: socket.socket) -> bytes:
    """All that comes until the end, however that comes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while chunk := client.recv(1 << 20):
            found += chunk
    return found


def hung_up(client: socket.socket) -> bool:
    """Whether the other end has cut it off, without anything being read."""
    poll = select.poll()
    poll.register(client, select.POLLRDHUP)
    return bool(poll.poll(0))


def drips(client: socket.socket) -> bool:
    """Send a byte now and then until the other end wants no more."""
    end_s = time.monotonic() + WAIT_S
    with contextlib.suppress(OSError):
        while time.monotonic() < end_s:
            client.sendall(b"X")
            time.sleep(0.02)
    return time.monotonic() < end_s


def is_cut_off(client: socket.socket) -> bool:
    """Within all the time that there is: else its own limit raises."""
    read(client)
    return True


@pytest.mark.parametrize(
    "said", [b"", HALF, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_server_cuts_off_who_sends_half_a_request(said: bytes) -> None:
    """Nothing at all, half a head, half a body; who asks meanwhile is answered."""
    with serving(Quick) as port, closing(begun(port, said)) as client:
        assert asked(port) == b"small"
        assert is_cut_off(client)
        assert asked(port) == b"small"


def test_server_cuts_off_who_drips_a_request() -> None:
    """A byte now and then does not begin its time anew."""
    with serving(Quick) as port, closing(begun(port, HALF)) as client:
        assert drips(client)
        assert asked(port) == b"small"


def test_server_cuts_off_who_does_not_read() -> None:
    """The rest of the answer is not kept for them."""
    large = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
    with serving(Quick) as port, closing(begun(port, large)) as client:
        end_s = time.monotonic() + WAIT_S
        while asked(port) == b"small" and not hung_up(client):
            assert time.monotonic() < end_s
            time.sleep(0.02)
        assert len(read(client)) < len(LARGE)


def test_server_gives_the_place_of_the_quietest_to_who_comes() -> None:
    """Many that only hold a connection keep nobody out."""
    with serving(Roomy) as port, ExitStack() as stack:
        crowd = [stack.enter_context(closing(begun(port, HALF))) for _ in range(Roomy.most)]
        for _ in range(2):
            assert asked(port) == b"small"
        assert is_cut_off(crowd[0])


def test_server_takes_the_place_from_the_address_that_has_the_most() -> None:
    """A page at another one stays, though it has been quiet for longer than all of the crowd."""
    source = ("127.0.0.9", 0)
    with serving(Roomy) as port, ExitStack() as stack:
        page = stack.enter_context(
            closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S, source_address=source))
        )
        for _ in range(2):
            page.request("GET", "/small")
            assert page.getresponse().read() == b"small"
            own = page.sock.getsockname()
            crowd = [stack.enter_context(closing(begun(port, HALF))) for _ in range(2 * Roomy.most)]
            assert all(map(is_cut_off, crowd[: Roomy.most]))
            assert page.sock.getsockname() == own


def test_server_keeps_a_connection_for_the_next_question() -> None:
    """A page polls on one."""
    with serving(Roomy) as port, closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S)) as page:
        page.connect()
        own = page.sock.getsockname()
        for _ in range(5):
            page.request("GET", "/small")
            assert page.getresponse().read() == b"small"
        assert page.sock.getsockname() == own


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET /\r\n\r\n",
                                  b"X" * (HEAD_MAX + 1000), b"\r\n\r\n\0\0\0\0"])  # fmt: skip
def test_server_refuses_what_is_no_request(said: bytes) -> None:
    """TLS, nonsense, a head without an end."""
    with serving(Roomy) as port, closing(begun(port, said)) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 4")
        assert is_cut_off(client)
        assert asked(port) == b"small"


def test_port_that_is_taken_is_told_once_and_had_once_it_is_free(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The station does not wait for it."""
    clock_s = [0.0]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = Port("127.0.0.1", other.getsockname()[1], lambda: clock_s[0])
        for _ in range(2):
            assert port.open_if_due() is None
            clock_s[0] += RETRY_S
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "GN670: [screen] 127.0.0.1:" in caplog.text
    clock_s[0] += RETRY_S
    with closing(port.open_if_due() or socket.socket()) as found:
        assert found.getsockname()[1] == other_port(caplog)


def other_port(caplog: pytest.LogCaptureFixture) -> int:
    """Of the address that was told."""
    return int(caplog.text.split("[screen] 127.0.0.1:")[1].split(":")[0])


def test_server_that_never_got_its_port_ends_when_it_is_asked_to() -> None:
    """It waits for nobody."""
    turns = iter([False, True])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = Port("127.0.0.1", other.getsockname()[1])
        asyncio.run(serve(server_of(small_or_large), port, lambda: next(turns)))
    with pytest.raises((OSError, HTTPException)):
        asked(free_port())
