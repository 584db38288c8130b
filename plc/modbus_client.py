"""The station as Modbus TCP client: it writes D words into the PLC and reads P words from it.

One connection, exactly one outstanding request, no retries: after any request
that failed the connection is aborted: a late reply can never be taken for the next
one, and nothing that waits in the kernel reaches the PLC after its time. What is
asked: gonogo.plc.modbus_master.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import struct
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException

from gonogo.plc.modbus_master import Master, MasterSection
from gonogo.runtime.errors import LinkError, LinkRefused, LinkSilent

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transport import Image, Inputs

_CONNECT_MIN_S = 0.5  # a busy PLC accepts more slowly than it answers
_PORT_MAX = 65535
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: RST, and nothing more is sent


class ModbusClientSection(MasterSection):
    """A PLC that serves Modbus TCP; addresses are 0-based PDU addresses (4x reference - 40001).

    `scan_ms` is the PLC's own scan, for the latency sum.
    """

    driver: Literal["modbus-client"]
    host: str
    port: Annotated[int, Field(ge=1, le=_PORT_MAX)] = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10

    @property
    def address(self) -> str:
        """Where the PLC is, for messages."""
        return f"{self.host}:{self.port}, unit {self.unit}"

    @property
    def delivery_ms(self) -> float:
        """How long a verdict may wait for the wire: until the link's next turn."""
        return self.poll_ms


class ModbusClient:
    """The transport of a ModbusClientSection (see gonogo.plc.transport)."""

    def __init__(self, section: ModbusClientSection, wake_fd: int) -> None:
        self._section = section
        self._peer = f"PLC {section.host}:{section.port} unit {section.unit}"
        self._wake_fd = wake_fd
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our errors say it all
        self._client: ModbusTcpClient | None = None
        self._master = Master(section, section.unit, self._peer, self._ask)

    # -- connection --------------------------------------------------------------------

    def open(self) -> None:
        """Connect; LinkRefused when the PLC says no, LinkSilent when it says nothing."""
        self.close()
        section = self._section
        timeout_s = section.timeout_ms / 1000
        sock = self._connect(max(timeout_s, _CONNECT_MIN_S))
        _harden(sock, 3 * section.timeout_ms)
        client = ModbusTcpClient(section.host, port=section.port, timeout=timeout_s, retries=0)
        client.socket = sock  # connected by us: the library would hide why it could not
        self._client = client
        self._master.start()

    def _connect(self, timeout_s: float) -> socket.socket:
        address = (self._section.host, self._section.port)
        try:
            return socket.create_connection(address, timeout_s)
        except ConnectionRefusedError as error:
            raise LinkRefused(
                f"{self._peer}: connection refused; the PLC is there, but its Modbus TCP server "
                "is off, on another port, or has no connection left"
            ) from error
        except TimeoutError as error:
            raise LinkSilent(
                f"{self._peer}: no answer within {timeout_s * 1000:.0f} ms; "
                "check power, cable, address and firewall"
            ) from error
        except OSError as error:
            raise LinkError(
                f"{self._peer}: cannot be reached: {error}; check host and network"
            ) from error

    def close(self) -> None:
        """Send FIN and forget what the PLC holds; idempotent."""
        self._end(abort=False)

    def _end(self, *, abort: bool) -> None:
        """Abort after a failure: closed normally, the kernel would go on sending a late verdict."""
        client, self._client = self._client, None
        if client is None or client.socket is None:
            return
        with contextlib.suppress(OSError):
            if abort:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            else:
                client.socket.shutdown(socket.SHUT_WR)
        client.close()  # type: ignore[no-untyped-call]

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    # -- exchange ----------------------------------------------------------------------

    def exchange(self, image: Image) -> Inputs:
        """Write what changed, records first, then read P (see gonogo.plc.transport)."""
        return self._master.exchange(image)

    def _ask(self, request: ModbusPDU, what: str) -> ModbusPDU:
        """One request and its reply; whatever goes wrong closes the connection."""
        client = self._client
        if client is None or client.socket is None:
            raise LinkError(f"{self._peer}: not connected; call open first")
        try:
            reply = client.execute(False, request)  # noqa: FBT003 - the library's signature
        except ConnectionException as error:
            self._end(abort=True)
            raise LinkError(f"{self._peer}: the PLC closed the connection during {what}") from error
        except (ModbusException, OSError) as error:
            self._end(abort=True)
            raise LinkSilent(
                f"{self._peer}: no valid reply within {self._section.timeout_ms} ms to the {what}; "
                "if the PLC's scan is slow, raise timeout_ms (50..1000)"
            ) from error
        if reply.isError():
            self._end(abort=True)
            raise self._master.refusal(reply.exception_code, what)
        return reply


def _harden(sock: socket.socket, user_timeout_ms: int) -> None:
    """Send at once, and let the kernel give up on a dead peer in seconds, not hours."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, user_timeout_ms)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
