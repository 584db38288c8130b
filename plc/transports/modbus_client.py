"""The station as Modbus TCP client: it writes D words into the PLC and reads P words from it.

The connection: gonogo.plc.transports.modbus_tcp; what is asked over it:
gonogo.plc.transports.modbus_master.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base.errors import LinkRefused
from gonogo.base.ports import joined
from gonogo.plc.register_map import DI_BITS
from gonogo.plc.transports.modbus_master import Master, MasterSection, needs_of
from gonogo.plc.transports.modbus_reads import turns_of
from gonogo.plc.transports.modbus_senses import ModbusSensesSection
from gonogo.plc.transports.modbus_tcp import Device, ModbusTcp
from gonogo.plc.transports.sensing import Pace, Sensing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.reject_tracker import EjectSection
    from gonogo.plc.transports.hosts import Host
    from gonogo.plc.transports.transport import Inputs, ProcessImage

_PORT_MAX = 65535


class ModbusClientSection(MasterSection, ModbusSensesSection):
    """A PLC that serves Modbus TCP; addresses are 0-based PDU addresses (4x reference - 40001).

    `scan_ms` is the PLC's own scan, for the latency sum. What is read of an ejector is for
    stations that drive it through the PLC's coil ([eject]).
    """

    driver: Literal["modbus-client"]
    """The PLC serves Modbus TCP; the station writes into it and reads from it."""
    host: str
    """Address of the PLC, best in numbers; a name is asked for anew at each connect."""
    port: Annotated[int, Field(ge=1, le=_PORT_MAX)] = 502
    """TCP port of its Modbus server."""
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    """Unit id of the PLC; gateways tell units apart by it, most PLCs take 1 or 0."""
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    """How long a reply is waited for before the link counts as lost; the probe proposes it."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    """How often the PLC is asked when nothing else happens."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    """The PLC's own scan, for the latency sum; the probe proposes it."""

    def problem(self, eject: EjectSection | None, trigger: str) -> str:
        """Also what is read of an ejector that is not there."""
        return super().problem(eject, trigger) or self.senseless(eject)

    @property
    def place(self) -> str:
        """Where the PLC is, for people."""
        return f"{joined(self.host, self.port)}, unit {self.unit}"


class ModbusClient:
    """The transport of a ModbusClientSection (see transport.py); `host` is for tests."""

    def __init__(
        self, section: ModbusClientSection, wake_fd: int, host: Host | None = None
    ) -> None:
        device = Device(section.host, section.port, section.unit, section.timeout_ms)
        self._wake_fd = wake_fd
        self._wire = ModbusTcp(device, needs_of(section), host)
        self._master = Master(section, section.unit, self._wire.ask)
        self._sensing: Sensing | None = None
        if section.senses:
            turns = turns_of(section, section.unit, self._wire.ask)
            self._sensing = Sensing(turns, Pace(section.poll_ms, section.readback_ms))

    def open(self) -> None:
        """Connect; LinkRefused when the PLC says no, LinkSilent when it says nothing."""
        self._wire.open()
        self._master.start()
        if self._sensing is not None:
            self._sensing.connected()

    def close(self) -> None:
        """Send FIN; idempotent. What the PLC holds is not counted on at the next open."""
        self._wire.close()

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write what changed, records first, then read P (see gonogo.plc.transports.transport)."""
        inputs = self._master.exchange(image)
        if self._sensing is None or len(image.bits) <= DI_BITS:
            return inputs
        # after the coil was written, so that what is read is of this very image
        told = image.bits[DI_BITS]
        return inputs._replace(sensed=self._sensing.sense(image.edge_ns, told=told))

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """Read D0-D31 (see transport.py); a PLC that refuses is connected to again."""
        try:
            return self._master.read_back(mark)
        except LinkRefused:
            if self._master.readable:
                raise
            self.open()  # the refusal has ended the connection, and the words go on without it
            return None
