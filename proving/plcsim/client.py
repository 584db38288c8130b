"""The PLC simulator's Modbus TCP client: one connection, one request outstanding."""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.ports import joined
from gonogo.proving.plcsim.lateness import untold
from gonogo.proving.plcsim.mbap import MBAP, Frame, framed
from gonogo.proving.plcsim.stamps import receive, stamp_arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.proving.plcsim.lateness import Owed


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
        finally:  # connected or not: what comes next is ours to do
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

    # the PLC polls once a scan: read D, read the bits, write P, each a request of its own
    def write_words(self, at: int, words: Sequence[int]) -> None:
        """FC16: write holding registers (1-123) from PDU address `at`."""
        count = len(words)
        self._ask(struct.pack(f">BHHB{count}H", 16, at, count, 2 * count, *words), 5)

    def close(self) -> None:
        """Disconnect; idempotent."""
        self._socket.close()

    def _ask(self, pdu: bytes, reply_bytes: int) -> bytes:
        self._transaction = (self._transaction + 1) & 0xFFFF  # tells a late reply
        try:
            self._socket.sendall(framed(Frame(self._transaction, self._unit, pdu)))
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
        # length and function, too: the late reply to another request must not pass for this one
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
        # from here on the station has the word
        sent_ns = time.monotonic_ns()
        self._owed.until(sent_ns)
        arrived_ns = 0
        try:
            transaction, protocol, length, _ = MBAP.unpack(self._exactly(MBAP.size))
            reply, arrived_ns = self._exactly(length - 1), self._arrived_ns
        finally:  # of one that never came whole, no time is ours
            # the stamp is of the wall clock: if that was set, it must not reach behind the request
            turn_ns = max(arrived_ns, sent_ns) if arrived_ns else time.monotonic_ns()
            self._owed.since(turn_ns, "poll")
        return transaction, protocol, reply

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            # the stamp of the last piece stays: a reply has arrived when it is whole
            chunk, self._arrived_ns = receive(self._socket, count - len(data))
            if not chunk:
                raise ConnectionResetError("end of stream")  # an OSError, as every other end
            data += chunk
        return data
