"""The station as Modbus TCP server: the PLC reads D words and writes P words, when it likes.

What is served where: gonogo.plc.transports.modbus_served; frames and connections:
gonogo.plc.transports.modbus_listener. The server runs inside the link thread, and only while
that thread waits: what a PLC reads in one request is always one whole image.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from gonogo.base.errors import LinkError
from gonogo.base.log.logger import get_logger
from gonogo.base.ports import cannot_serve, joined
from gonogo.plc.transports.hosts import Host, serve_at
from gonogo.plc.transports.modbus_listener import Listener, ListenerLimits
from gonogo.plc.transports.modbus_served import ServedMap
from gonogo.plc.transports.section import TransportSection
from gonogo.plc.transports.transport import ALONE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gonogo.plc.transports.transport import Callers, Inputs, ProcessImage

_log = get_logger("gonogo.plc")

LOW_PORTS = 1024  # below it a port is for root, or for CAP_NET_BIND_SERVICE
_RESOLVE_S = 0.5  # for a name in `host`; numbers need none


def _network(entry: str) -> str:
    try:
        return str(ip_network(entry))
    except ValueError as error:
        raise ValueError(
            "expected an address such as 192.168.0.10, or a network such as 192.168.0.0/24, "
            f"got '{entry}' ({error})"
        ) from None


Network = Annotated[str, AfterValidator(_network)]


class ModbusServerSection(TransportSection):
    """Where the PLC finds the station. Modbus has no passwords: serve the machine network only.

    `host` is the address of the network port that the PLC is on; "0.0.0.0" is every port,
    "::" every one for IPv6 as well. `unit` 0 answers
    every unit id, any other one itself, 0 and 255 (the device itself); the rest gets
    exception 11. `port` 0 takes a free one. `scan_ms` is the PLC's own scan, for the
    latency sum; `poll_ms` is how often the link looks up when the PLC says nothing.
    `allow` names the addresses and networks that may connect, none everybody.
    `connections` are held at once; one more ends the most silent of its own address,
    or else of all. `idle_s` without a request ends a connection.
    """

    driver: Literal["modbus-server"]
    """The station serves Modbus TCP; the PLC polls it."""
    host: str = "127.0.0.1"
    """Address of the network port that the PLC is on; 0.0.0.0 is every one, :: for IPv6 as well."""
    port: Annotated[int, Field(ge=0, le=65535)] = 502
    """TCP port that is served; 0 takes a free one."""
    unit: Annotated[int, Field(ge=0, le=255)] = 0
    """Unit id that is answered; 0 answers every one."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    """How often the link looks up when the PLC says nothing."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    """The PLC's own scan, for the latency sum."""
    allow: Annotated[tuple[Network, ...], Field(max_length=64)] = ()
    """Addresses and networks that may connect; empty lets everybody."""
    connections: Annotated[int, Field(ge=1, le=32)] = 8
    """How many are held at once; one more ends the most silent one."""
    idle_s: Annotated[float, Field(ge=1, le=3600)] = 60
    """So long without a request ends a connection."""

    @property
    def we_serve(self) -> bool:
        """The PLC polls us."""
        return True

    @property
    def place(self) -> str:
        """Where the PLC finds us, for people."""
        return f"{joined(self.host, self.port)}, unit {self.unit}"

    @property
    def low_port(self) -> bool:
        """Below 1024 (ip(7): ip_unprivileged_port_start), unless the system chooses one."""
        return 0 < self.port < LOW_PORTS

    @property
    def rights(self) -> str:
        """That of the port, which root has without being told."""
        if not self.low_port:
            return ""
        return (
            f"port {self.port} needs CAP_NET_BIND_SERVICE: whoever runs the station must "
            "have it, too; the unit of `gonogo service` grants it"
        )


class ModbusServer:
    """The transport of a ModbusServerSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusServerSection, wake_fd: int) -> None:
        self._section = section
        self._host = Host(section.host, section.port)
        self._wake_fd = wake_fd
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: Listener | None = None
        self._map = ServedMap(self._stop)

    @property
    def port(self) -> int:
        """The TCP port that is served; 0 while closed."""
        return self._listener.port if self._listener is not None else 0

    @property
    def callers(self) -> Callers:
        """Who has come since it was opened."""
        return self._map.callers

    def open(self) -> None:
        """Listen; PortInUse or PortNotPermitted says why the port cannot be had."""
        # opened again after a failure: the port must be free before it is asked for
        self.close()
        # before the loop: an error here leaves nothing behind
        sock = self._socket()
        self._map.reset()
        self._loop = loop = asyncio.new_event_loop()
        loop.set_exception_handler(_connection_failed)
        try:
            self._listener = loop.run_until_complete(self._listen(sock))
        except RuntimeError as error:
            sock.close()
            self.close()
            raise LinkError(f"{self._where()}: cannot listen: {error}") from error
        loop.add_reader(self._wake_fd, loop.stop)  # not before: a part may be waiting already

    def _socket(self) -> socket.socket:
        """A name that leads to several addresses is served at one of them, IPv4 first."""
        where = self._where()
        found = self._host.find(where, _RESOLVE_S)
        # most PLCs speak IPv4 alone
        endpoint = min(found, key=lambda each: each.family is not socket.AF_INET)
        try:
            return serve_at(endpoint)
        except OSError as error:
            raise cannot_serve(where, self._section.port, error) from error

    def _where(self) -> str:
        return f"Modbus server on {joined(self._section.host, self._section.port)}"

    async def _listen(self, sock: socket.socket) -> Listener:
        """Made inside the running loop, because the library asks for it."""
        section = self._section
        limits = ListenerLimits(section.unit, section.connections, section.idle_s, section.allow)
        listener = Listener(self._map, sock, limits)
        await listener.serve_forever(background=True)
        return listener

    def exchange(self, image: ProcessImage) -> Inputs:
        """Serve `image` from now on, and take what the PLC has written."""
        if self._loop is None:
            raise LinkError(f"{self._where()}: not open; call open first")
        return self._map.exchange(image)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """What is served stands in memory of ours."""
        del mark
        return ALONE

    def wait(self, timeout_s: float) -> None:
        """Serve until the PLC has written, the link wakes us, or the time is over."""
        loop = self._loop
        if loop is None:
            return
        # before anything can arrive: the moment that this wait's requests are dated by
        self._map.enter()
        # connections are served here and nowhere else; between two waits the loop stands still
        end = loop.call_later(timeout_s, loop.stop)
        loop.run_forever()
        # woken earlier: a stop that is left behind would cut the next wait short
        end.cancel()

    def _stop(self) -> None:
        """End the wait: the link looks at once at what the PLC wrote."""
        if self._loop is not None:
            self._loop.stop()

    def close(self) -> None:
        """Stop listening and end every connection; idempotent."""
        loop, self._loop = self._loop, None
        listener, self._listener = self._listener, None
        if loop is None:
            return
        # the descriptor is the link's, and stays open
        loop.remove_reader(self._wake_fd)
        if listener is not None:
            loop.run_until_complete(listener.shutdown())
        loop.run_until_complete(_settle())
        loop.close()


async def _settle() -> None:
    """Turns of the loop: closed connections say goodbye, one just accepted is turned away."""
    for _ in range(4):
        await asyncio.sleep(0)


def _connection_failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A connection that failed is closed by asyncio; the others and the link go on."""
    _log.debug("modbus_server_says", text="modbus server: %(words)s", words=context.get("message"))
