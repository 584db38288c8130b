"""One S7 connection: whole words of one data block, one request on the wire, one deadline each.

    TPKT     03 00, length of all           4 bytes
    COTP     02 f0 80 (data, whole)         3
    S7       32, type, 00 00, reference, length of parameters, length of data   10
             error class and code, in replies to reads and writes   2
    then     parameters, data

Requests are built and replies are parsed by python-snap7 (ISOTCPConnection, S7Protocol).
Its Client is left out on purpose (3.3.0): it connects with timeouts of 5 s, splits
what does not fit into one PDU, waits again after a reply to an older request, and its
get_cpu_state says RUN whatever the CPU does.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from snap7.connection import ISOTCPConnection
from snap7.datatypes import S7Area, S7WordLen
from snap7.error import S7ConnectionError, S7Error, S7ProtocolError
from snap7.s7protocol import S7Function, S7PDUType, S7Protocol

from gonogo.plc.transports.tcp import abort_on_close, ack_at_once

if TYPE_CHECKING:
    from collections.abc import Sequence

PDU_BYTES = 240  # what the smallest S7 CPUs offer; requests never need more
PAYLOAD_BYTES = 200  # of one request: 240 less the headers, with some to spare
OK = 0xFF
_PG = 1  # the kind of connection that every S7 CPU offers
_REFERENCE = slice(4, 6)
_ERROR = slice(10, 12)
_FUNCTION, _RETURN_CODE = 12, 14  # of a reply with data: what was done, and the item's result
_SZL_MODE, _SZL_MODE_AT = 0x0424, 7  # system status list: operating mode, behind two header words
# requested mode, bits 0-3 (System Software for S7-300/400, partial list xy24)
_MODES = {
    **dict.fromkeys((1, 2, 3, 4), "STOP"),
    **dict.fromkeys((5, 6, 7), "STARTUP"),
    **dict.fromkeys((8, 9), "RUN"),
    10: "HOLD",
    13: "DEFECT",
}


class Declined(S7Error):
    """The PLC answered and said no; `error_code` is an item's return code or a header's error."""

    def __init__(self, code: int) -> None:
        super().__init__(f"return code 0x{code:02x}", code)
        self.code = code


class _TimedSocket(socket.socket):
    """A socket whose calls all end at `deadline_s` (monotonic), however slowly a peer drips."""

    # set before each request: the library calls recv and sendall several times for one
    deadline_s = 0.0

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        self._arm()
        # Linux forgets it after each segment
        ack_at_once(self)
        return super().recv(bufsize, flags)

    def sendall(self, data: Any, flags: int = 0, /) -> None:  # noqa: ANN401 - any buffer
        self._arm()
        super().sendall(data, flags)

    def _arm(self) -> None:
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the time of this request is over")
        # what is left, not the whole time again: a peer that drips byte by byte gains nothing
        self.settimeout(left_s)


class _Framing(ISOTCPConnection):
    """The library's framing over a connection of ours: its own would hide why there is none."""

    def __init__(self, sock: socket.socket, rack: int, slot: int) -> None:
        # called TSAP: kind of connection (high byte), rack (3 bits) and slot (5 bits)
        super().__init__("", remote_tsap=_PG << 8 | rack << 5 | slot)
        self._given = sock

    def _tcp_connect(self) -> None:
        self.socket = self._given


class S7Wire:
    """An S7 connection over a connected socket, which it takes over; the constructor opens.

    S7TimeoutError: no reply in time. Declined: the PLC said no. Any other S7Error: what
    came is no reply, or the peer hung up. After any of them the wire must be aborted,
    except for `cpu_state`, which takes no for an answer.
    """

    def __init__(self, sock: socket.socket, rack: int, slot: int, timeout_s: float) -> None:
        # detached: one owner, one close
        self._socket = _TimedSocket(fileno=sock.detach())
        self._timeout_s = timeout_s
        self._framing = _Framing(self._socket, rack, slot)
        self._protocol = S7Protocol()
        self.pdu_bytes = 0
        try:
            self._arm()
            self._framing.connect(timeout_s)
            self._negotiate()
        # also an interrupt: the caller has no wire to abort yet
        except BaseException:
            self.abort()
            raise

    def _negotiate(self) -> None:
        request = self._protocol.build_setup_communication_request(pdu_length=PDU_BYTES)
        parameters = self._ask(request)["parameters"] or {}
        self.pdu_bytes = int(parameters.get("pdu_length", 0))

    def read(self, db: int, start: int, count: int) -> tuple[int, ...]:
        """`count` words (at most 100) of data block `db` from byte `start`."""
        size = _bounded(2 * count)
        reply = self._ask(
            self._protocol.build_read_request(S7Area.DB, db, start, S7WordLen.BYTE, size)
        )
        data = self._protocol.extract_read_data(reply, S7WordLen.BYTE, size)
        return struct.unpack(f">{count}H", bytes(data))

    def write(self, db: int, start: int, words: Sequence[int]) -> None:
        """Write words (at most 100) into data block `db` from byte `start`, high byte first."""
        _bounded(2 * len(words))
        data = struct.pack(f">{len(words)}H", *words)
        reply = self._ask(
            self._protocol.build_write_request(S7Area.DB, db, start, S7WordLen.BYTE, data)
        )
        self._protocol.check_write_response(reply)

    def cpu_state(self) -> str | None:
        """RUN, STOP, STARTUP, HOLD or DEFECT; None: the PLC does not say."""
        try:
            reply = self._ask(self._protocol.build_read_szl_request(_SZL_MODE, 0))
        except (S7ProtocolError, Declined):
            return None
        record = self._protocol.parse_read_szl_response(reply)["data"]
        # too short to hold the mode: as if it had not answered
        if len(record) <= _SZL_MODE_AT:
            return None
        # bits 4-7 are the mode before: only the present one is of interest
        mode = record[_SZL_MODE_AT] & 0xF
        return _MODES.get(mode, f"mode {mode}")

    def close(self) -> None:
        """Say goodbye (FIN); idempotent."""
        # the peer may have gone already
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self._socket.close()

    def abort(self) -> None:
        """End at once (RST), with whatever still waits to be sent; idempotent."""
        with contextlib.suppress(OSError):
            abort_on_close(self._socket)
        self._socket.close()

    def _arm(self) -> None:
        self._socket.deadline_s = time.monotonic() + self._timeout_s

    def _ask(self, request: bytes) -> dict[str, Any]:
        """One request and its reply."""
        self._arm()
        self._framing.send_data(request)
        return parse_reply(self._protocol, self._framing.receive_data())


def parse_reply(protocol: S7Protocol, pdu: bytes) -> dict[str, Any]:
    """The reply in a PDU to the newest request; S7Error when it is none, or says no.

    Return codes are looked at before the library does: it takes a refused read with a
    length but no data (native libsnap7 sends such) for a torn one.
    """
    # S7 numbers its requests: a late reply to the one before is told by that
    if int.from_bytes(pdu[_REFERENCE], "big") != protocol.sequence:
        raise S7ConnectionError("a reply to another request")
    if (code := _return_code(pdu)) != OK:
        raise Declined(code)
    try:
        return protocol.parse_response(pdu)
    except S7ProtocolError as error:
        if error.error_code:
            raise Declined(error.error_code) from error
        raise
    except (ValueError, LookupError, struct.error) as error:
        raise S7ProtocolError(f"no S7 reply: {error}") from error


def _return_code(pdu: bytes) -> int:
    """The return code of the one item that was read or written; OK where there is none."""
    accessed = (
        len(pdu) > _RETURN_CODE
        and pdu[1] == S7PDUType.ACK_DATA
        and not any(pdu[_ERROR])
        and pdu[_FUNCTION] in (S7Function.READ_AREA, S7Function.WRITE_AREA)
    )
    return pdu[_RETURN_CODE] if accessed else OK


def _bounded(size: int) -> int:
    if not 0 < size <= PAYLOAD_BYTES:
        raise ValueError(f"expected 2 to {PAYLOAD_BYTES} bytes in one request, got {size}")
    return size
