"""HTTP for whoever reads figures: GET /metrics, one answer a connection, and nobody is waited for.

One thread looks after all connections. A client that does not ask, asks for too much or does not
read has CLIENT_S, then it is cut off; beyond CLIENTS at a time the next one is turned away.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from typing import TYPE_CHECKING

from gonogo.records.metrics.listener import Listener

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from gonogo.records.metrics.page import Page

CLIENTS = 128  # at a time
CLIENT_S = 5.0  # from the first byte to the last, of both directions
REQUEST_BYTES = 8192  # a scraper's is some 300
_CHUNK_BYTES = 1 << 16
_METHODS = {b"GET", b"HEAD"}


class Client:
    """One connection: what it has asked so far, and what of the answer is still to be sent."""

    def __init__(self, connection: socket.socket, end_s: float) -> None:
        self.socket = connection
        self.end_s = end_s
        self.asked = b""
        self.answer: memoryview | None = None


class MetricsServer:
    """`page` makes what is sent, by the Accept header. It counts what it does."""

    def __init__(
        self,
        address: tuple[str, int],
        page: Callable[[str], Page],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scrapes = self.turned_away = self.cut_off = 0
        self._page = page
        self._clock_s = clock_s
        self._listener = Listener(address, clock_s)
        self._clients: dict[int, Client] = {}
        self._selector = selectors.DefaultSelector()

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return self._listener.port

    def watch(self, fd: int) -> None:
        """Have `turn` end early once this descriptor is readable."""
        self._selector.register(fd, selectors.EVENT_READ)

    def turn(self, wait_s: float) -> None:
        """Do what can be done without waiting, for `wait_s` at most where there is nothing."""
        listener = self._listener
        if listener.open_if_due():
            self._selector.register(listener.fd, selectors.EVENT_READ)
        for key, _ in self._selector.select(wait_s):
            if key.fd == listener.fd:
                self._accept()
            elif key.fd in self._clients:
                self._serve(self._clients[key.fd])
        self._cut_off(self._clock_s())

    def _accept(self) -> None:
        """Those that have come; so many at a time, or a flood would keep us here."""
        for _ in range(CLIENTS):
            connection = self._listener.accept()
            if connection is None:
                return
            connection.settimeout(0)
            if len(self._clients) >= CLIENTS:
                self.turned_away += 1
                connection.close()
                continue
            client = Client(connection, self._clock_s() + CLIENT_S)
            self._clients[connection.fileno()] = client
            self._selector.register(connection, selectors.EVENT_READ)

    def _serve(self, client: Client) -> None:
        try:
            over = self._read(client) if client.answer is None else self._write(client)
        except BlockingIOError:
            return
        except OSError:  # gone
            over = True
        if over:
            self._drop(client)

    def _read(self, client: Client) -> bool:
        chunk = client.socket.recv(_CHUNK_BYTES)
        client.asked += chunk
        if b"\r\n\r\n" not in client.asked:
            self.cut_off += len(client.asked) > REQUEST_BYTES
            return not chunk or len(client.asked) > REQUEST_BYTES
        client.answer = memoryview(answer_to(client.asked, self._page))
        self._selector.modify(client.socket, selectors.EVENT_WRITE)
        return self._write(client)

    def _write(self, client: Client) -> bool:
        answer = client.answer or memoryview(b"")
        client.answer = answer[client.socket.send(answer) :]
        if client.answer:
            return False
        self.scrapes += 1
        return True

    def _cut_off(self, now_s: float) -> None:
        for client in [each for each in self._clients.values() if each.end_s <= now_s]:
            self.cut_off += 1
            self._drop(client)

    def _drop(self, client: Client) -> None:
        del self._clients[client.socket.fileno()]
        self._selector.unregister(client.socket)
        client.socket.close()

    def close(self) -> None:
        """Let all go; idempotent."""
        for client in list(self._clients.values()):
            self._drop(client)
        self._listener.close()
        with contextlib.suppress(OSError):
            self._selector.close()


def answer_to(asked: bytes, page: Callable[[str], Page]) -> bytes:
    """The whole answer to a request of which at least the head has come (RFC 9112)."""
    head = asked.partition(b"\r\n\r\n")[0]
    first, *rest = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) != len(("method", "target", "version")) or not words[2].startswith(b"HTTP/1."):
        return _plain(b"400 Bad Request", b"expected an HTTP/1 request\n")
    method, target, _ = words
    if method not in _METHODS:
        return _plain(b"405 Method Not Allowed", b"expected GET\n", b"Allow: GET, HEAD\r\n")
    if target.partition(b"?")[0] != b"/metrics":
        return _plain(b"404 Not Found", b"the figures are at /metrics\n")
    fields = [line.partition(b":") for line in rest]
    accept = b",".join(value for name, _, value in fields if name.strip().lower() == b"accept")
    found = page(accept.decode("latin-1"))
    head = _head(b"200 OK", found.content_type.encode(), len(found.body))
    return head if method == b"HEAD" else head + found.body


def _plain(status: bytes, body: bytes, more: bytes = b"") -> bytes:
    return _head(status, b"text/plain; charset=utf-8", len(body), more) + body


def _head(status: bytes, content_type: bytes, length: int, more: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n%bConnection: close\r\n\r\n"
        % (status, content_type, length, more)
    )
