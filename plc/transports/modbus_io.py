"""No PLC at all: the ejector's coil in a remote I/O module that serves Modbus TCP.

The module knows nothing of parts. It stands for a PLC that always enables, and takes a result
once the output was read back as it was told (gonogo.plc.transports.absent_plc). Its own watchdog
must switch the coil off when nothing is written for a while; with `on_means = "pass"` a dead
box then ejects everything (docs/modbus-io.md).
"""

from __future__ import annotations

import contextlib
import logging
import select
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base.errors import LinkError, LinkRefused
from gonogo.base.ports import joined
from gonogo.plc.register_map import DI_BITS
from gonogo.plc.transports.absent_plc import AbsentPlc
from gonogo.plc.transports.modbus_tcp import Device, ModbusTcp
from gonogo.plc.transports.module_coil import ModuleCoil
from gonogo.plc.transports.senses import Address, ModuleWatchdogSection, SensesSection
from gonogo.plc.transports.sensing import Sensing, plan_of
from gonogo.plc.transports.transport import ALONE, Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.plc.reject_tracker import EjectSection
    from gonogo.plc.transports.transport import ProcessImage

log = logging.getLogger("gonogo.plc")

_PORT_MAX = 65535


class ModbusIoSection(SensesSection):
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

    def problem(self, eject: EjectSection | None, trigger: str) -> str:
        """What a station with such a module lacks; '' where it lacks nothing."""
        if eject is None or eject.by != "time":
            return 'plc: driver "modbus-io": expected an [eject] with by = "time"'
        if trigger == "plc":
            return (
                'plc: driver "modbus-io": a module names no parts: expected a [trigger] of the '
                "station's own"
            )
        return ""


class ModbusIo:
    """The transport of a ModbusIoSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusIoSection, wake_fd: int) -> None:
        device = Device(section.host, section.port, section.unit, section.timeout_ms)
        self._wake_fd = wake_fd
        self._wire = ModbusTcp(device, _needs(section))
        self._coil = ModuleCoil(section.eject_coil, section.unit, self._wire.ask)
        # unlike at a PLC, the output is always read back here: nobody else looks at it
        reads = section.model_copy(update={"readback_address": section.read_at})
        plan = plan_of(reads, section.unit, section.watchdog, alone=True)
        self._module = Sensing(plan, self._wire.ask)
        self._plc = AbsentPlc()
        self._armed = False  # the acknowledgement of this image has been acted on
        self._said = ""

    def open(self) -> None:
        """Connect; what the coil was is unknown then."""
        self.close()
        self._wire.open()
        self._module.connected()
        self._plc.reconnected()

    def close(self) -> None:
        """Off, then FIN: a coil that is left on would pass, or eject, whatever comes."""
        if self._wire.is_open:
            with contextlib.suppress(LinkError):
                self._coil.let_go()
        self._coil.told = None
        self._wire.close()

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """A module has no words: whoever else writes the coil is not seen here."""
        del mark
        return ALONE

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write the coil where it changed or is due, read back; answer as a PLC would."""
        # the module shows what it was told then, or what came after
        since_ns = self._coil.told_ns
        # before the first write of a connection: a tripped module would acknowledge that, too
        if self._coil.told is None or (image.arm and not self._armed):
            self._begin()
        self._armed = image.arm
        # DI7 is the coil; an image without it asks for off
        on = len(image.bits) > DI_BITS and bool(image.bits[DI_BITS])
        due = self._coil.due(on=on, edge_is_near=self._module.near(image.edge_ns))
        if due:
            self._coil.tell(on=on)
            self._plc.beat()
        sensed = self._module.sense(image.edge_ns, told=on, wrote=due)
        if not self._plc.take(image.words, sensed):
            self._coil.distrust(sensed.told_ns)
        return Inputs(self._plc.words(), since_ns, sensed.at_ns, sensed=sensed)

    # -- what the module says of itself -------------------------------------------------

    def _begin(self) -> None:
        """A new connection, or a person at the box: how it stands, and then its watchdog."""
        found = self.found()
        self._say(found)
        self._module.arm()
        # asked again, after the arming: many modules end their safe state by exactly that write
        if found.get("tripped") and self.found().get("tripped"):
            raise LinkRefused(
                f"{self._wire.peer}: the module's watchdog stands tripped, and what "
                "plc.watchdog.arm writes does not end that; see the module's manual for what does"
            )

    def _say(self, found: Mapping[str, bool]) -> None:
        said = ", ".join(in_words(found))
        # once a change: a link that comes and goes would fill the log
        if said != self._said:
            self._said = said
            log.info("%s: %s", self._wire.peer, said)

    def found(self) -> Mapping[str, bool]:
        """All there is to read; nothing is written. LinkError as an exchange."""
        return self._module.every()

    @property
    def reply_ns(self) -> int:
        """What a reply takes: the longest of late."""
        return self._module.reply_ns


def _needs(section: ModbusIoSection) -> str:
    """What the module must have, for refusals: not what a PLC would have to map."""
    return (
        f"eject_coil must be a coil that can be written (FC5), {section.eject_coil}, and read back "
        f"(FC{section.readback_fc} at {section.read_at}, or where readback_fc and "
        "readback_address say)"
    )


def in_words(found: Mapping[str, bool]) -> list[str]:
    """How the module stands, for people."""
    words = {
        "output": ("its output reads off", "its output reads ON"),
        "feedback": ("the ejector's feedback says off", "the ejector's feedback says on"),
        "covered": ("the eye in the chute is free", "the eye in the chute is COVERED"),
        "tripped": ("its watchdog has not tripped", "its watchdog has TRIPPED"),
    }
    return [words[name][value] for name, value in found.items()]
