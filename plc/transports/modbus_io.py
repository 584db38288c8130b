"""No PLC at all: the ejector's coil in a remote I/O module that serves Modbus TCP.

The module knows nothing of parts. It stands for a PLC that always enables, and takes a result
once the output was read back as it was told (gonogo.plc.transports.absent_plc). Its own watchdog
must switch the coil off when nothing is written for a while; with `on_means = "pass"` a dead
box then ejects everything (docs/modbus-io.md).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pymodbus.pdu.bit_message import WriteSingleCoilRequest

from gonogo.base.errors import LinkError, LinkRefused
from gonogo.base.ports import joined
from gonogo.plc.transports.modbus_reads import arm, turns_of
from gonogo.plc.transports.modbus_senses import Address, ModbusSensesSection, ModuleWatchdogSection
from gonogo.plc.transports.modbus_tcp import Device, ModbusTcp
from gonogo.plc.transports.module import ModuleSection
from gonogo.plc.transports.module_coil import ModuleCoil
from gonogo.plc.transports.module_exchange import ModuleExchange, Parts
from gonogo.plc.transports.module_io import ModuleIo
from gonogo.plc.transports.sensing import Pace, Sensing

if TYPE_CHECKING:
    from gonogo.plc.transports.transport import Inputs, ProcessImage

_PORT_MAX = 65535


class ModbusIoSection(ModbusSensesSection, ModuleSection):
    """A remote I/O module; `eject_coil` is the 0-based address of the coil for [eject].

    Its output is read back where it is written, unless `readback_address` says otherwise.
    """

    driver: Literal["modbus-io"]
    """No PLC: the ejector's coil in a remote I/O module that serves Modbus TCP."""
    host: str
    """Address of the module, best in numbers."""
    port: Annotated[int, Field(ge=1, le=_PORT_MAX)] = 502
    """TCP port of its Modbus server."""
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    """Unit id of the module."""
    eject_coil: Address = 0
    """Address of the coil that the ejector hangs on, counted from 0."""
    watchdog: ModuleWatchdogSection | None = None
    """The module's own watchdog, where it has registers for it."""
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    """How long a reply is waited for before the link counts as lost."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 5
    """How often the module is asked when nothing else happens."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 2
    """How long the module takes to switch, for the latency sum."""

    @property
    def place(self) -> str:
        """Where the module is, for people."""
        return f"{joined(self.host, self.port)}, unit {self.unit}"

    @property
    def read_at(self) -> int:
        """Where its output is read back."""
        return self.eject_coil if self.readback_address is None else self.readback_address

    @property
    def stranger(self) -> str:
        """Two stations, or masters, on one output."""
        return (
            "the output was on although we had written nothing: another station or master drives "
            "it; find and stop it, or take another output (plc.eject_coil)"
        )


class ModbusIo(ModuleIo):
    """The transport of a ModbusIoSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusIoSection, wake_fd: int) -> None:
        device = Device(section.host, section.port, section.unit, section.timeout_ms)
        self._section = section
        self._wire = ModbusTcp(device, _needs(section))
        self._coil = ModuleCoil(self._write)
        turns = turns_of(section, section.unit, self._wire.ask, section.watchdog)
        sensing = Sensing(turns, Pace(section.poll_ms, section.readback_ms, alone=True))
        super().__init__(wake_fd, sensing, self._wire.peer)
        self._exchange = ModuleExchange(Parts(self._coil, self._sensing, self._begin))

    def open(self) -> None:
        """Connect; what the coil was is unknown then."""
        self.close()
        self._wire.open()
        self._exchange.connected()

    def close(self) -> None:
        """Off, then FIN: a coil that is left on would pass, or eject, whatever comes."""
        if self._wire.is_open:
            with contextlib.suppress(LinkError):
                self._coil.let_go()
        self._coil.told = None
        self._wire.close()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write the coil where it changed or is due, read back; answer as a PLC would."""
        return self._exchange.exchange(image)

    def _write(self, on: bool) -> None:  # noqa: FBT001 - what a coil is told
        at, unit = self._section.eject_coil, self._section.unit
        request = WriteSingleCoilRequest(address=at, bits=[on], dev_id=unit)
        self._wire.ask(request, f"write of coil {at}")

    # -- what the module says of itself -------------------------------------------------

    def _begin(self) -> None:
        """A new connection, or a person at the box: how it stands, and then its watchdog."""
        found = self.found()
        self._say(found)
        watchdog = self._section.watchdog
        arm(() if watchdog is None else watchdog.arm, self._section.unit, self._wire.ask)
        # asked again, after the arming: many modules end their safe state by exactly that write
        if found.get("tripped") and self.found().get("tripped"):
            raise LinkRefused(
                f"{self._wire.peer}: the module's watchdog stands tripped, and what "
                "plc.watchdog.arm writes does not end that; see the module's manual for what does"
            )


def _needs(section: ModbusIoSection) -> str:
    """What the module must have, for refusals: not what a PLC would have to map."""
    return (
        f"eject_coil must be a coil that can be written (FC5), {section.eject_coil}, and read back "
        f"(FC{section.readback_fc} at {section.read_at}, or where readback_fc and "
        "readback_address say)"
    )
