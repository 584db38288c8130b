"""The PLC simulator's Modbus TCP server and client (Messaging on TCP/IP V1.0b).

    MBAP  | transaction | 0 | length | unit |   then the PDU, `length - 1` bytes
            2             2   2        1

Both are small on purpose: the server closes all connections on demand, and the
client has one request outstanding. Not simulated: the serial line, connection
limits, slow or torn replies.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.ports import cannot_serve, joined
from gonogo.proving.plcsim.lateness import untold
from gonogo.proving.plcsim.stamps import receive, stamp_arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.proving.plcsim.lateness import Owed
    from gonogo.proving.plcsim.wire import Bank

    Note = Callable[..., None]  # what happened, and where

_MBAP = struct.Struct(">HHHB")
_PDU_BYTES = 253
_READ_BYTES = 8192
_REOPEN_S = 0.01


class Server:
    """Serves a bank from a thread of its own until it is closed.

    `note(what, **keys)` hears of connections coming and going, `owed` of requests that lay
    here unanswered. A frame that is no Modbus closes its connection; any unit id is answered.
    """

    def __init__(
        self, bank: Bank, host: str, port: int, note: Note, owed: Owed | None = None
    ) -> None:
        self._bank, self._note, self._owed = bank, note, owed or untold()
        self._looked_ns = time.monotonic_ns()  # nothing that is read now was here by then
        self._selector = selectors.DefaultSelector()
        self._wake, self._awake = socket.socketpair()
        self._selector.register(self._awake, selectors.EVENT_READ, self._woken)
        self._refuse_until_ns = 0
        self._dropped = threading.Event()
        self._closing = False
        self._buffers: dict[socket.socket, bytearray] = {}
        self._listener: socket.socket | None = None
        self._address = (host, port)
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._address = self._listen()
        except OSError as error:
            self._close_all()
            raise cannot_serve(f"PLC simulator on {joined(host, port)}", port, error) from error
        self._thread = threading.Thread(target=self._run, name="modbus-server", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is served."""
        return self._address[1]

    def drop(self, for_ns: int) -> None:
        """Close every connection, then refuse new ones for that long."""
        self._dropped.clear()
        self._refuse_until_ns = time.monotonic_ns() + for_ns
        self._wake.send(b"d")
        self._dropped.wait(1)

    def close(self) -> None:
        """Stop serving; idempotent."""
        if not self._closing:
            self._closing = True
            self._wake.send(b"c")
            self._thread.join()
            self._close_all()

    def _run(self) -> None:
        while not self._closing:
            pause_s = None if self._listener is not None else _REOPEN_S
            ready, now_ns = self._selector.select(pause_s), time.monotonic_ns()
            for key, _ in ready:
                key.data(key.fileobj)
            self._looked_ns = now_ns
            if self._listener is None and time.monotonic_ns() >= self._refuse_until_ns:
                self._reopen()

    def _listen(self) -> tuple[str, int]:
        listener = socket.socket(self._family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stamp_arrivals(listener)
            listener.bind(self._address)
            listener.listen()
            listener.setblocking(False)  # noqa: FBT003 - the library's own signature
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        host, port = listener.getsockname()[:2]
        return str(host), int(port)

    def _reopen(self) -> None:
        try:
            self._listen()
        except OSError:
            return  # the port is not free yet; the loop comes back in a moment
        self._note("listening")

    def _woken(self, awake: socket.socket) -> None:
        if b"d" in awake.recv(64):
            self._forget_listener()
            for connection in list(self._buffers):
                self._hang_up(connection)
            self._note("refusing")
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
        self._note("connected", peer=f"{peer[0]}:{peer[1]}")

    def _serve(self, connection: socket.socket) -> None:
        buffer = self._buffers.get(connection)
        if buffer is None:
            return  # closed by an event before this one
        data, arrived_ns = b"", 0
        try:
            data, arrived_ns = receive(connection, _READ_BYTES)
            buffer += data
            replies = self._replies(buffer)
            if replies:
                connection.sendall(replies)
                self._bank.answered(time.monotonic_ns())
        except (OSError, ValueError):
            data = b""
        if arrived_ns:
            since_ns = max(arrived_ns, self._looked_ns)
            self._owed.span("reply", since_ns, time.monotonic_ns())
        if not data:
            self._hang_up(connection)

    def _replies(self, buffer: bytearray) -> bytes:
        """Answer every whole frame in the buffer; ValueError where it is no Modbus."""
        out = b""
        while len(buffer) >= _MBAP.size:
            transaction, protocol, length, unit = _MBAP.unpack_from(buffer)
            if protocol != 0 or not 1 < length <= _PDU_BYTES + 1:
                raise ValueError(f"no Modbus frame: protocol {protocol}, length {length}")
            end = _MBAP.size + length - 1
            if len(buffer) < end:
                break
            pdu = self._bank.reply(bytes(buffer[_MBAP.size : end]))
            del buffer[:end]
            out += _MBAP.pack(transaction, 0, len(pdu) + 1, unit) + pdu
        return out

    def _hang_up(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._buffers[connection]
        connection.close()
        self._note("disconnected")

    def _forget_listener(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _close_all(self) -> None:
        self._forget_listener()
        for connection in list(self._buffers):
            self._hang_up(connection)
        self._selector.close()
        self._wake.close()
        self._awake.close()


class Client:
    """One connection to a station that serves; the constructor connects.

    Any failure is a LinkError, after which the connection must be closed. While a reply is
    awaited it is the station's turn, and from its arrival on ours: `owed` hears of both.
    """

    def __init__(
        self, host: str, port: int, unit: int, timeout_s: float, owed: Owed | None = None
    ) -> None:
        self._where, self._unit, self._transaction = joined(host, port), unit, 0
        self._owed, self._arrived_ns = owed or untold(), 0
        self._owed.until(time.monotonic_ns())
        try:
            self._socket = socket.create_connection((host, port), timeout_s)
        except OSError as error:
            raise LinkError(f"PLC simulator: no station at {self._where} ({error})") from error
        finally:
            self._owed.since(time.monotonic_ns(), "poll")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stamp_arrivals(self._socket)

    def read_words(self, at: int, count: int) -> list[int]:
        """FC3: `count` holding registers (1-125) from PDU address `at`."""
        data = self._ask(struct.pack(">BHH", 3, at, count), 2 + 2 * count)
        return list(struct.unpack_from(f">{count}H", data, 2))

    def read_bits(self, at: int, count: int) -> list[bool]:
        """FC2: `count` discrete inputs (1-8) from PDU address `at`."""
        data = self._ask(struct.pack(">BHH", 2, at, count), 3)
        return [bool(data[2] >> k & 1) for k in range(count)]

    def write_words(self, at: int, words: Sequence[int]) -> None:
        """FC16: write holding registers (1-123) from PDU address `at`."""
        count = len(words)
        self._ask(struct.pack(f">BHHB{count}H", 16, at, count, 2 * count, *words), 5)

    def close(self) -> None:
        """Disconnect; idempotent."""
        self._socket.close()

    def _ask(self, pdu: bytes, reply_bytes: int) -> bytes:
        self._transaction = (self._transaction + 1) & 0xFFFF
        try:
            self._socket.sendall(_MBAP.pack(self._transaction, 0, len(pdu) + 1, self._unit) + pdu)
            transaction, protocol, reply = self._await()
        except TimeoutError as error:
            raise LinkSilent(f"PLC simulator: {self._where} did not answer in time") from error
        except OSError as error:
            raise LinkError(f"PLC simulator: {self._where} hung up ({error})") from error
        if reply[:1] == bytes([pdu[0] | 0x80]):
            raise LinkRefused(
                f"PLC simulator: {self._where} answered exception {reply[1:].hex()} to function"
                f" {pdu[0]} at {struct.unpack_from('>H', pdu, 1)[0]}"
            )
        if (transaction, protocol, reply[:1], len(reply)) != (
            self._transaction, 0, pdu[:1], reply_bytes
        ):  # fmt: skip
            raise LinkError(
                f"PLC simulator: {self._where} answered function {pdu[0]} with another frame:"
                f" expected transaction {self._transaction} and {reply_bytes} bytes, got"
                f" {transaction} and {len(reply)}"
            )
        return reply

    def _await(self) -> tuple[int, int, bytes]:
        """Transaction, protocol and PDU of the reply to what was just sent."""
        sent_ns = time.monotonic_ns()
        self._owed.until(sent_ns)
        arrived_ns = 0
        try:
            transaction, protocol, length, _ = _MBAP.unpack(self._exactly(_MBAP.size))
            reply, arrived_ns = self._exactly(length - 1), self._arrived_ns
        finally:  # of one that never came whole, no time is ours
            turn_ns = max(arrived_ns, sent_ns) if arrived_ns else time.monotonic_ns()
            self._owed.since(turn_ns, "poll")
        return transaction, protocol, reply

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            chunk, self._arrived_ns = receive(self._socket, count - len(data))
            if not chunk:
                raise ConnectionResetError("end of stream")
            data += chunk
        return data
