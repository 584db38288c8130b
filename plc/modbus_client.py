"""The station as Modbus TCP client: it writes D words into the PLC and reads P words from it.

One connection, exactly one outstanding request, no retries: after any request
that failed the connection is aborted: a late reply can never be taken for the next
one, and nothing that waits in the kernel reaches the PLC after its time.
Function codes used: 3, 16, and 15 for the coil mirror.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu.bit_message import WriteMultipleCoilsRequest
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    WriteMultipleRegistersRequest,
)

from gonogo.plc.map import D_WORDS, DI_BITS, HEADER_WORDS, P_WORDS
from gonogo.plc.modbus_reply import ReplyGuard
from gonogo.plc.tcp import abort_on_close, connect, harden
from gonogo.plc.transport import Inputs, changed_records
from gonogo.runtime.errors import LinkError, LinkRefused, LinkSilent
from gonogo.runtime.section import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transport import Image

_PORT_MAX = 65535
_CAUSES = {
    1: "does not know this function code (it needs FC3 and FC16)",
    2: "has nothing at this address",
    3: "does not take this many words in one request",
    4: "failed to carry it out; see its own diagnostics",
    6: "is busy",
    10: "is a gateway without a path to this unit id",
    11: "is a gateway, and the unit behind it did not answer",
}


class ModbusClientSection(Section):
    """A PLC that serves Modbus TCP; addresses are 0-based PDU addresses (4x reference - 40001).

    `scan_ms` is the PLC's own scan, for the latency sum. `coil_base` is where the bits
    DI0-DI6 (and DI7 of a station that ejects itself) are written, too; left out, they are
    not. `atomic_writes`: the PLC takes over a request of many registers as a whole, never
    half of it in one scan; then a record and its RES_SEQ travel in one request, not two.
    """

    driver: Literal["modbus-client"]
    host: str
    port: Annotated[int, Field(ge=1, le=_PORT_MAX)] = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    d_base: Annotated[int, Field(ge=0, le=_PORT_MAX + 1 - D_WORDS)] = 0
    p_base: Annotated[int, Field(ge=0, le=_PORT_MAX + 1 - P_WORDS)] = 100
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    coil_base: Annotated[int, Field(ge=0, le=_PORT_MAX + 1 - DI_BITS)] | None = None
    atomic_writes: bool = False

    @model_validator(mode="after")
    def _apart(self) -> ModbusClientSection:
        """What we write must not lie on what the PLC writes."""
        if self.d_base < self.p_base + P_WORDS and self.p_base < self.d_base + D_WORDS:
            raise ValueError(
                f"d_base {self.d_base} (96 words) and p_base {self.p_base} (20 words) overlap; "
                f"move one of them, for example p_base = {self.d_base + 100}"
            )
        return self

    @property
    def eject_problem(self) -> str:
        """Why the station's own ejector has no coil here; '' where it has."""
        if self.coil_base is not None:
            return ""
        return "eject: its coil is DI7, at plc.coil_base + 7: expected a plc.coil_base, got none"

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
        self._words: Sequence[int] = ()  # what the PLC holds of ours, () when unknown
        self._bits: Sequence[bool] = ()
        self._asked_ns = 0

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
        self._asked_ns = time.monotonic_ns()

    def close(self) -> None:
        """Send FIN and forget what the PLC holds; idempotent."""
        self._end(abort=False)

    def _end(self, *, abort: bool) -> None:
        """Abort after a failure: closed normally, the kernel would go on sending a late verdict."""
        client, self._client = self._client, None
        self._words, self._bits = (), ()
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
        self._write_words(image.words)
        self._words = image.words
        self._write_bits(image.bits)
        since_ns, self._asked_ns = self._asked_ns, time.monotonic_ns()
        words = self._read()
        return Inputs(words, since_ns, time.monotonic_ns())

    def _write_words(self, words: Sequence[int]) -> None:
        """Changed records first, in one request."""
        first, end = changed_records(words, self._words)
        if end and self._section.atomic_writes:
            self._write(0, words[:end])
            return
        if end:
            self._write(first, words[first:end])
        self._write_header(words)

    def _write_header(self, words: Sequence[int]) -> None:
        """Always whole: a PLC that lost its memory has magic and version back within a beat."""
        if words[:HEADER_WORDS] != self._words[:HEADER_WORDS]:
            self._write(0, words[:HEADER_WORDS])

    def _write(self, at: int, words: Sequence[int]) -> None:
        first = self._section.d_base + at
        self._ask(
            WriteMultipleRegistersRequest(
                address=first, registers=words, dev_id=self._section.unit
            ),
            f"write of words D{at}-D{at + len(words) - 1} to holding registers {first}..",
        )

    def _write_bits(self, bits: Sequence[bool]) -> None:
        base = self._section.coil_base
        if base is None or bits == self._bits:
            return
        self._ask(
            WriteMultipleCoilsRequest(address=base, bits=list(bits), dev_id=self._section.unit),
            f"write of bits DI0-DI{len(bits) - 1} to coils {base}..",
        )
        self._bits = bits

    def _read(self) -> Sequence[int]:
        base = self._section.p_base
        request = ReadHoldingRegistersRequest(
            address=base, count=P_WORDS, dev_id=self._section.unit
        )
        what = f"read of words P100-P119 at holding registers {base}.."
        return self._ask(request, what).registers

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
            raise self._refusal(reply.exception_code, what)
        return reply

    def _refusal(self, code: int, what: str) -> LinkRefused:
        section = self._section
        cause = _CAUSES.get(code, "gave a code that Modbus does not define")
        return LinkRefused(
            f"{self._peer}: exception {code} to the {what}: the PLC {cause}; "
            f"map {D_WORDS} holding registers from {section.d_base} for what we write and "
            f"{P_WORDS} from {section.p_base} for what we read"
            + ("" if section.coil_base is None else f", {DI_BITS} coils from {section.coil_base}")
        )
