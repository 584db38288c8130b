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
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException

from gonogo.plc.modbus_master import Master, MasterSection
from gonogo.plc.modbus_reply import ReplyGuard
from gonogo.plc.tcp import abort_on_close, connect, harden
from gonogo.runtime.errors import LinkError, LinkSilent

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transport import Image, Inputs

_PORT_MAX = 65535


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
    def place(self) -> str:
        """Where the PLC is, for people."""
        return f"{self.host}:{self.port}, unit {self.unit}"


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
        sock = connect(self._peer, (section.host, section.port), timeout_s, "Modbus TCP server")
        harden(sock, 3 * section.timeout_ms)
        client = ModbusTcpClient(
            section.host,
            port=section.port,
            timeout=timeout_s,
            retries=0,
            trace_packet=ReplyGuard(self._peer),
        )
        client.socket = sock  # connected by us: the library would hide why it could not
        self._client = client
        self._master.start()

    def close(self) -> None:
        """Send FIN; idempotent. What the PLC holds is not counted on at the next open."""
        self._end(abort=False)

    def _end(self, *, abort: bool) -> None:
        """Abort after a failure: closed normally, the kernel would go on sending a late verdict."""
        client, self._client = self._client, None
        if client is None or client.socket is None:
            return
        with contextlib.suppress(OSError):
            if abort:
                abort_on_close(client.socket)
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
        except LinkError:  # of the guard
            self._end(abort=True)
            raise
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
