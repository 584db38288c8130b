"""The PLC simulator's Modbus TCP server: a bank, served from a thread of its own.

Small on purpose: it closes all connections on demand. Not simulated: the serial line,
connection limits, slow or torn replies.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING

from gonogo.base.ports import cannot_serve, joined
from gonogo.proving.plcsim.lateness import untold
from gonogo.proving.plcsim.mbap import framed, take_frame
from gonogo.proving.plcsim.stamps import receive, stamp_arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.proving.plcsim.bank import Bank
    from gonogo.proving.plcsim.lateness import Owed

    TellLink = Callable[..., None]  # what happened to a connection, and whose it was

_READ_BYTES = 8192
_REOPEN_S = 0.01  # between two tries to have a port back that was given up


class Listener:
    """A listening socket that can be given up and had back, at the same address."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port that is served, or that was: port 0 is a free one the first time only."""
        return self._address[1]

    def open(self) -> socket.socket:
        """Listen; OSError where the port is not free."""
        listener = socket.socket(self._family, socket.SOCK_STREAM)
        try:
            # without it the port would be ours again only when old connections are forgotten
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stamp_arrivals(listener)  # connections inherit it, from their first byte on
            listener.bind(self._address)
            listener.listen()
            listener.setblocking(False)  # noqa: FBT003 - the library's own signature
        except OSError:
            listener.close()
            raise
        host, port = listener.getsockname()[:2]
        self._address = (str(host), int(port))
        self.socket = listener
        return listener

    def close(self) -> None:
        """Listen no more: who calls now is refused, not ignored. Idempotent."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Server:
    """Serves a bank from a thread of its own until it is closed.

    `tell_link(what, **keys)` hears of connections coming and going, `owed` of requests that lay
    here unanswered. A frame that is no Modbus closes its connection; any unit id is answered.
    All sockets are the thread's; others write one byte to wake it: "d" drops, "c" closes.
    """

    def __init__(
        self, bank: Bank, host: str, port: int, tell_link: TellLink, owed: Owed | None = None
    ) -> None:
        self._bank, self._tell_link, self._owed = bank, tell_link, owed or untold()
        self._looked_ns = time.monotonic_ns()  # nothing that is read now was here by then
        self._selector = selectors.DefaultSelector()
        self._wake, self._awake = socket.socketpair()
        self._selector.register(self._awake, selectors.EVENT_READ, self._woken)
        self._refuse_until_ns = 0  # written by drop() before it wakes the thread
        self._dropped = threading.Event()
        self._closing = False
        self._buffers: dict[socket.socket, bytearray] = {}
        self._listener = Listener(host, port)
        try:
            self._selector.register(self._listener.open(), selectors.EVENT_READ, self._accept)
        except OSError as error:
            self._close_all()
            raise cannot_serve(f"PLC simulator on {joined(host, port)}", port, error) from error
        self._thread = threading.Thread(target=self._run, name="modbus-server", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is served."""
        return self._listener.port

    def drop(self, for_ns: int) -> None:
        """Close every connection, then refuse new ones for that long."""
        self._dropped.clear()
        self._refuse_until_ns = time.monotonic_ns() + for_ns
        self._wake.send(b"d")
        self._dropped.wait(1)  # s; the thread is never busy for as long

    def close(self) -> None:
        """Stop serving; idempotent."""
        if not self._closing:
            self._closing = True
            self._wake.send(b"c")
            self._thread.join()
            self._close_all()

    # -- in the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing:
            pause_s = None if self._listener.socket is not None else _REOPEN_S
            ready, now_ns = self._selector.select(pause_s), time.monotonic_ns()
            for key, _ in ready:
                key.data(key.fileobj)
            # after the work, with the time before it: what came meanwhile has been waiting since
            self._looked_ns = now_ns
            if self._listener.socket is None and time.monotonic_ns() >= self._refuse_until_ns:
                self._reopen()

    def _reopen(self) -> None:
        try:
            listener = self._listener.open()
        except OSError:
            return  # the port is not free yet; the loop comes back in a moment
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._tell_link("listening")

    def _woken(self, awake: socket.socket) -> None:
        if b"d" in awake.recv(64):
            self._hang_up_all()
            self._tell_link("refusing")
            self._dropped.set()

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, peer = listener.accept()
        except OSError:
            return  # gone again before it was accepted
        connection.setblocking(False)  # noqa: FBT003 - the library's own signature
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffers[connection] = bytearray()
        self._selector.register(connection, selectors.EVENT_READ, self._serve)
        self._tell_link("connected", peer=f"{peer[0]}:{peer[1]}")

    def _serve(self, connection: socket.socket) -> None:
        buffer = self._buffers.get(connection)
        if buffer is None:
            return  # closed by an event before this one
        data, arrived_ns = b"", 0
        try:
            data, arrived_ns = receive(connection, _READ_BYTES)
            buffer += data
            replies = _replies(self._bank, buffer)
            if replies:
                connection.sendall(replies)
                self._bank.answered(time.monotonic_ns())
        except (OSError, ValueError):
            data = b""
        # told before the hang-up, in the order in which it happened: we were late, then it gave up
        if arrived_ns:
            since_ns = max(arrived_ns, self._looked_ns)
            self._owed.span("reply", since_ns, time.monotonic_ns())
        if not data:
            self._hang_up(connection)

    def _hang_up(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._buffers[connection]
        connection.close()
        self._tell_link("disconnected")

    def _hang_up_all(self) -> None:
        """Listen no more, then end every connection: none comes in between."""
        if self._listener.socket is not None:
            self._selector.unregister(self._listener.socket)
            self._listener.close()
        for connection in list(self._buffers):
            self._hang_up(connection)

    def _close_all(self) -> None:
        self._hang_up_all()
        self._selector.close()
        self._wake.close()
        self._awake.close()


def _replies(bank: Bank, buffer: bytearray) -> bytes:
    """Answer every whole frame in the buffer; ValueError where it is no Modbus."""
    out = b""
    while (asked := take_frame(buffer)) is not None:
        out += framed(asked._replace(pdu=bank.reply(asked.pdu)))
    return out
