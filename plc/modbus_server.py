"""The station as Modbus TCP server: the PLC reads D words and writes P words, when it likes.

    holding registers   0-95 D, read only (FC3)   100-119 P (FC3, FC6, FC16, FC22, FC23)
    input registers     0-95 D (FC4)
    discrete inputs     0-6 DI0-DI6 (FC2)
    coils               0 ack toggle, 1 enable (FC1, FC5, FC15)   16-22 DI0-DI6, read only (FC1)

A write anywhere else is answered with exception 2.

A small PLC may do with bits alone. As long as coils have been written and no P
word has, enable sets CTRL enable and trigger enable, a change of the ack toggle
acknowledges the newest result, and every request for bits counts as PLC_HEART;
such a PLC follows a new SESSION_ID without echoing it.

The server runs inside the link thread, and only while that thread waits: what a
PLC reads in one request is always one whole image.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import AfterValidator, Field
from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData, SimDevice

from gonogo.plc.map import D_WORDS, P_FIRST, P_WORDS, RES_SEQ_AT, SESSION_AT, CtrlBit
from gonogo.plc.modbus_listener import Limits, Listener
from gonogo.plc.modbus_pdu import READ_COILS, READ_DISCRETE, WRITE_COIL, WRITE_COILS
from gonogo.plc.transport import Inputs
from gonogo.runtime.errors import LinkError, PortInUse
from gonogo.runtime.section import Section

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gonogo.plc.transport import Image

_log = logging.getLogger("gonogo.plc")

COIL_ACK, COIL_ENABLE, COIL_MIRROR = 0, 1, 16
_READ_INPUT = 4
_COIL_CODES = (READ_COILS, WRITE_COIL, WRITE_COILS)
_BIT_READS = (READ_COILS, READ_DISCRETE)
_HEART, _CTRL, _ACK, _SESSION_ECHO = 1, 2, 4, 15  # within P
_ENABLED = int(CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE)


def _network(entry: str) -> str:
    try:
        return str(ip_network(entry))
    except ValueError as error:
        raise ValueError(
            "expected an address such as 192.168.0.10, or a network such as 192.168.0.0/24, "
            f"got '{entry}' ({error})"
        ) from None


Network = Annotated[str, AfterValidator(_network)]


class ModbusServerSection(Section):
    """Where the PLC finds the station. Modbus has no passwords: serve the machine network only.

    `host` is the address of the network port that the PLC is on. `unit` 0 answers
    every unit id, any other one itself, 0 and 255 (the device itself); the rest gets
    exception 11. `port` 0 takes a free one. `scan_ms` is the PLC's own scan, for the
    latency sum; `poll_ms` is how often the link looks up when the PLC says nothing.
    `allow` names the addresses and networks that may connect, none everybody.
    `connections` are held at once; one more ends the most silent of its own address,
    or else of all. `idle_s` without a request ends a connection.
    """

    driver: Literal["modbus-server"]
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 0
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    allow: Annotated[tuple[Network, ...], Field(max_length=64)] = ()
    connections: Annotated[int, Field(ge=1, le=32)] = 8
    idle_s: Annotated[float, Field(ge=1, le=3600)] = 60

    @property
    def place(self) -> str:
        """Where the PLC finds us, for people."""
        return f"{self.host}:{self.port}, unit {self.unit}"


class ModbusServer:
    """The transport of a ModbusServerSection (see gonogo.plc.transport)."""

    def __init__(self, section: ModbusServerSection, wake_fd: int) -> None:
        self._section = section
        self._wake_fd = wake_fd
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our errors say it all
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: Listener | None = None
        self._words: list[int] = [0] * D_WORDS
        self._mirror = 0  # DI0-DI6 as one word, DI0 lowest
        self._plc = [0] * P_WORDS
        self._coils = 0
        self._bits_only = False
        self._fresh = False  # connected, and has not written yet
        self._entered_ns = self._since_ns = 0
        self._spoken_ns = 0  # when the PLC last wrote
        self._reach_ns = 0  # how far back the first write of a new connection reaches; 0: none

    @property
    def port(self) -> int:
        """The TCP port that is served; 0 while closed."""
        return self._listener.port if self._listener is not None else 0

    # -- the link's side ---------------------------------------------------------------

    def open(self) -> None:
        """Listen; PortInUse when another program has the port."""
        self.close()
        self._probe()
        # No image yet: what was shown before the link was lost must not be read again.
        self._words, self._mirror = [0] * D_WORDS, 0
        self._plc, self._coils, self._bits_only = [0] * P_WORDS, 0, False
        self._entered_ns = self._since_ns = self._spoken_ns = time.monotonic_ns()
        self._fresh, self._reach_ns = False, 0
        self._loop = loop = asyncio.new_event_loop()
        loop.set_exception_handler(_note)
        try:
            self._listener = loop.run_until_complete(self._listen())
        except RuntimeError as error:
            self.close()
            raise LinkError(f"{self._where()}: cannot listen: {error}") from error
        loop.add_reader(self._wake_fd, loop.stop)  # not before: a part may be waiting already

    def _probe(self) -> None:
        """Find out why a port cannot be had, which the library keeps to itself."""
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((self._section.host, self._section.port))
                sock.listen()
            except OSError as error:
                raise self._denied(error) from error

    def _denied(self, error: OSError) -> LinkError | PortInUse:
        port = self._section.port
        if error.errno == errno.EADDRINUSE:
            return PortInUse(
                f"{self._where()}: another program listens there; find it with "
                f"`ss -ltnp 'sport = :{port}'` and stop it, or choose another port"
            )
        if error.errno == errno.EACCES:
            return LinkError(
                f"{self._where()}: ports below 1024 need the right to bind them; "
                "give the program CAP_NET_BIND_SERVICE, or choose a port above 1023"
            )
        return LinkError(
            f"{self._where()}: {error.strerror or error}; host must be an address of this box"
        )

    def _where(self) -> str:
        return f"Modbus server on {self._section.host}:{self._section.port}"

    async def _listen(self) -> Listener:
        """Made inside the running loop, because the library asks for it."""
        section = self._section
        limits = Limits(section.unit, section.connections, section.idle_s, section.allow)
        device = SimDevice(id=0, simdata=_blocks(), action=self._serve)
        listener = Listener(device, (section.host, section.port), self._greet, limits)
        await listener.serve_forever(background=True)
        return listener

    def exchange(self, image: Image) -> Inputs:
        """Serve `image` from now on, and take what the PLC has written."""
        if self._loop is None:
            raise LinkError(f"{self._where()}: not open; call open first")
        self._words = list(image.words)
        self._mirror = sum(bit << k for k, bit in enumerate(image.bits))
        since_ns, self._reach_ns = self._reach_ns or self._since_ns, 0
        return Inputs(tuple(self._plc), since_ns, time.monotonic_ns())

    def wait(self, timeout_s: float) -> None:
        """Serve until the PLC has written, the link wakes us, or the time is over."""
        loop = self._loop
        if loop is None:
            return
        # What arrives in this wait may have been in the socket since the one before.
        self._since_ns, self._entered_ns = self._entered_ns, time.monotonic_ns()
        end = loop.call_later(timeout_s, loop.stop)
        loop.run_forever()
        end.cancel()

    def close(self) -> None:
        """Stop listening and end every connection; idempotent."""
        loop, self._loop = self._loop, None
        listener, self._listener = self._listener, None
        if loop is None:
            return
        loop.remove_reader(self._wake_fd)
        if listener is not None:
            loop.run_until_complete(listener.shutdown())
        loop.run_until_complete(_settle())
        loop.close()

    # -- the PLC's side ----------------------------------------------------------------

    async def _serve(
        self,
        code: int,
        _start: int,
        address: int,
        _count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Called by the library before it reads or writes its `registers`."""
        if values is not None:
            return self._write(code, address, values)
        if code == READ_DISCRETE:
            registers[0] = self._mirror
        elif code in _COIL_CODES:
            registers[:2] = self._coils, self._mirror
        else:
            registers[:D_WORDS] = self._words
            if code != _READ_INPUT:
                registers[P_FIRST:] = self._plc
        if code in _BIT_READS and self._bits_only:
            self._beat()
        return None

    def _greet(self) -> None:
        """A PLC that was cut off may bring news that is as old as its last words before."""
        self._fresh = True

    def _write(self, code: int, address: int, values: Sequence[int]) -> ExcCodes | None:
        if code in _COIL_CODES:
            if address + len(values) > COIL_ENABLE + 1:
                return ExcCodes.ILLEGAL_ADDRESS
            self._write_coils(address, values)
        else:
            self._bits_only = False
            self._plc[address - P_FIRST : address - P_FIRST + len(values)] = values
        if self._fresh:
            self._fresh, self._reach_ns = False, self._spoken_ns
        self._spoken_ns = time.monotonic_ns()
        cast("asyncio.AbstractEventLoop", self._loop).stop()  # the link looks at it at once
        return None

    def _write_coils(self, address: int, values: Sequence[int]) -> None:
        old = self._coils
        for coil, value in enumerate(values, address):
            self._coils = self._coils & ~(1 << coil) | bool(value) << coil
        if not any(self._plc):
            self._bits_only = True
        if not self._bits_only:
            return
        self._plc[_CTRL] = _ENABLED if self._coils >> COIL_ENABLE & 1 else 0
        if (old ^ self._coils) >> COIL_ACK & 1:
            self._plc[_ACK] = self._words[RES_SEQ_AT]
        self._beat()

    def _beat(self) -> None:
        """A PLC of bits alone shows its life by asking, and follows every session."""
        self._plc[_HEART] = (self._plc[_HEART] + 1) & 0xFFFF
        self._plc[_SESSION_ECHO] = self._words[SESSION_AT]


def _blocks() -> tuple[list[SimData], list[SimData], list[SimData], list[SimData]]:
    """Coils, discrete inputs, holding registers, input registers; the rest is no address."""
    words = DataType.REGISTERS
    return (
        [SimData(0, values=[False] * 2 * COIL_MIRROR, datatype=DataType.BITS)],
        [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
        [
            SimData(0, count=D_WORDS, datatype=words, readonly=True),
            SimData(P_FIRST, count=P_WORDS, datatype=words),
        ],
        [SimData(0, count=D_WORDS, datatype=words, readonly=True)],
    )


async def _settle() -> None:
    """Turns of the loop: closed connections say goodbye, one just accepted is turned away."""
    for _ in range(4):
        await asyncio.sleep(0)


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A connection that failed is closed by asyncio; the others and the link go on."""
    _log.debug("modbus server: %s", context.get("message"))
