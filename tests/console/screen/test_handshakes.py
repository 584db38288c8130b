"""Handshakes before connections by TLS: with an end, and only so many; real sockets and OpenSSL."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPSConnection
from typing import TYPE_CHECKING

import pytest

from gonogo.console.access.box_names import box_names
from gonogo.console.access.tls import BoxTls, server_context
from gonogo.console.screen.connections import Bounded
from gonogo.console.screen.handshakes import Handshake, by_tls
from gonogo.console.screen.server import Port, serve, server_of
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

WAIT_S = 30.0
NAMES = box_names("box7", [])


class Quick(Handshake):
    """Little patience, and room for few."""

    limit_s = 0.3
    most = 3


class Roomy(Handshake):
    """Room for few, and all the patience that there is."""

    limit_s = WAIT_S
    most = 3


async def scheme(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's
    """By what it was asked, as the server knows it."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["scheme"].encode()})


class Box:
    """A server by TLS whose certificate may be another one from some moment on."""

    def __init__(self, folder: Path, kind: type[Handshake]) -> None:
        self.port, self.kind = free_port(), kind
        self.tls = BoxTls(folder / "parts.tls", "bolts")
        self.context: ssl.SSLContext | None = server_context(self.tls.ready(NAMES).path)
        ca_text = (folder / "parts.tls" / "ca.crt").read_text("ascii")
        self.trusting = ssl.create_default_context(cadata=ca_text)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """As long as it serves."""
        over = threading.Event()
        server = server_of(scheme, by_tls(lambda: self.context, Bounded, self.kind))
        port = Port("127.0.0.1", self.port)
        thread = threading.Thread(target=lambda: asyncio.run(serve(server, port, over.is_set)))
        thread.start()
        try:
            end_s = time.monotonic() + WAIT_S
            while not server.started:
                assert time.monotonic() < end_s
                time.sleep(0.01)
            yield
        finally:
            over.set()
            thread.join(WAIT_S)
        assert not thread.is_alive()

    def asked(self) -> tuple[bytes, int]:
        """By what a browser that trusts this CA alone is answered, and by which certificate."""
        page = HTTPSConnection("127.0.0.1", self.port, timeout=WAIT_S, context=self.trusting)
        with closing(page):
            page.request("GET", "/")
            found = page.getresponse().read()
            certificate = page.sock.getpeercert()
        assert certificate is not None
        return found, int(str(certificate["serialNumber"]), 16)

    def begun(self, said: bytes) -> socket.socket:
        """A client that has said no more than that."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
        made.sendall(said)
        return made


def is_cut_off(client: socket.socket) -> bool:
    """Within all the time that there is: else its own limit raises."""
    with contextlib.suppress(ConnectionError):
        while client.recv(1 << 16):
            pass
    return True


@pytest.mark.parametrize(
    "said", [b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 9]
)
def test_handshake_that_is_none_ends(tmp_path: Path, said: bytes) -> None:
    """Half of one, another protocol, nothing at all; who comes meanwhile is answered by TLS."""
    box = Box(tmp_path, Quick)
    with box.serving(), closing(box.begun(said)) as client:
        assert box.asked()[0] == b"https"
        assert is_cut_off(client)
        assert box.asked()[0] == b"https"


def test_handshakes_are_only_so_many_and_the_slowest_gives_way(tmp_path: Path) -> None:
    """A crowd that begins one and says no more keeps nobody out."""
    box = Box(tmp_path, Roomy)
    with box.serving(), ExitStack() as stack:
        crowd = [stack.enter_context(closing(box.begun(b"\x16"))) for _ in range(Roomy.most)]
        for _ in range(2):
            assert box.asked()[0] == b"https"
        assert is_cut_off(crowd[0])


def test_handshake_is_by_the_certificate_that_there_is_now(tmp_path: Path) -> None:
    """A connection that is open goes on with its own; whoever comes next has the new one."""
    box = Box(tmp_path, Handshake)
    with box.serving():
        page = HTTPSConnection("127.0.0.1", box.port, timeout=WAIT_S, context=box.trusting)
        with closing(page):
            page.request("GET", "/")
            page.getresponse().read()
            _, before = box.asked()
            served = box.tls.ready(box_names("box7", ["192.168.1.7"]))
            box.context = server_context(served.path)
            assert box.asked()[1] != before
            page.request("GET", "/")
            assert page.getresponse().read() == b"https"


def test_handshake_without_a_certificate_is_none(tmp_path: Path) -> None:
    """The next one may be."""
    box = Box(tmp_path, Handshake)
    context, box.context = box.context, None
    with box.serving():
        with closing(box.begun(b"")) as client:
            assert is_cut_off(client)
        box.context = context
        assert box.asked()[0] == b"https"


def test_handshake_takes_a_question_that_comes_with_it(tmp_path: Path) -> None:
    """As a browser sends it: with the last message of its handshake, in one piece."""
    box = Box(tmp_path, Handshake)
    with box.serving(), closing(box.begun(b"")) as raw:
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = box.trusting.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
        while not _is_through(client):
            raw.sendall(to_server.read())
            to_client.write(raw.recv(1 << 16))
        client.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        raw.sendall(to_server.read())
        answer = b""
        while b"https" not in answer:
            more = raw.recv(1 << 16)
            assert more
            to_client.write(more)
            with contextlib.suppress(ssl.SSLWantReadError):
                while chunk := client.read(1 << 16):  # head and body are of two records
                    answer += chunk


def _is_through(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
