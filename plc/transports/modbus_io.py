"""No PLC at all: the ejector's coil in a remote I/O module that serves Modbus TCP.

The module knows nothing of parts. It stands for a PLC that always enables, follows every
session, and takes a result once the output was read back as it was told: an acknowledged
write proves that somebody was there, not that anything was switched. While a fault of the
ejector stands it follows no session, so that nothing counts as delivered. Its own watchdog
must switch the coil off when nothing is written for a while; with `on_means = "pass"` a dead
box then ejects everything (docs/modbus-io.md).
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base.errors import LinkError, LinkRefused
from gonogo.base.ports import joined
from gonogo.base.words import FaultBit
from gonogo.plc.register_map import (
    DI_BITS,
    FAULT_AT,
    MAP_VERSION,
    RES_SEQ_AT,
    SESSION_AT,
    CtrlBit,
    PlcWords,
    pack_plc,
)
from gonogo.plc.transports.modbus_client import ModbusClient, ModbusClientSection
from gonogo.plc.transports.senses import Address, ModuleWatchdogSection, SensesSection
from gonogo.plc.transports.sensing import Sensing
from gonogo.plc.transports.transport import ALONE, Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.plc.reject_tracker import EjectSection
    from gonogo.plc.transports.senses import Sensed
    from gonogo.plc.transports.transport import ProcessImage

log = logging.getLogger("gonogo.plc")

REFRESH_NS = 50_000_000  # the coil is written at least this often, for the module's watchdog
_PORT_MAX = 65535
_WORD = 0xFFFF
_ENABLED = CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE
_EJECTOR = int(FaultBit.EJECTOR)


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

    def as_client(self) -> ModbusClientSection:
        """The connection as the client knows it."""
        return ModbusClientSection(
            driver="modbus-client",
            host=self.host,
            port=self.port,
            unit=self.unit,
            timeout_ms=self.timeout_ms,
            poll_ms=self.poll_ms,
        )


class ModbusIo(ModbusClient):
    """The transport of a ModbusIoSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusIoSection, wake_fd: int) -> None:
        super().__init__(section.as_client(), wake_fd)
        self._coil = section.eject_coil
        self._watchdog = section.watchdog
        reads = section.model_copy(update={"readback_address": section.read_at})
        self._module = Sensing(
            reads,
            section.unit,
            self._ask,
            poll_ms=section.poll_ms,
            watchdog=section.watchdog,
            alone=True,
        )
        self._master.needs = (
            f"eject_coil must be a coil that can be written (FC5), {self._coil}, and read back "
            f"(FC{section.readback_fc} at {section.read_at}, or where readback_fc and "
            "readback_address say)"
        )
        self._heart = 0
        self._on: bool | None = None  # as written last; None: not on this connection
        self._written_ns = 0
        self._armed = False
        self._acked = self._echo = 0  # what a PLC would say
        self._said = ""

    def open(self) -> None:
        """Connect; what the coil was is unknown then."""
        super().open()
        self._module.connected()
        self._on = None
        self._echo = 0

    def close(self) -> None:
        """Off, then FIN: a coil that is left on would pass, or eject, whatever comes."""
        if self._on and self._sock is not None:
            with contextlib.suppress(LinkError):
                self._master.write_coil(self._coil, on=False)
        self._on = None
        super().close()

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """A module has no words: whoever else writes the coil is not seen here."""
        del mark
        return ALONE

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write the coil where it changed or is due, read back; answer as a PLC would."""
        since_ns = self._written_ns
        if self._on is None or (image.arm and not self._armed):
            self._begin()
        self._armed = image.arm
        on = len(image.bits) > DI_BITS and bool(image.bits[DI_BITS])
        due = self._due(image, on=on)
        if due:
            self._write(on=on)
        sensed = self._module.look(image.edge_ns, told=on, wrote=due)
        self._take(image, sensed)
        words = PlcWords(
            map_version=MAP_VERSION,
            heart=self._heart,
            ctrl=_ENABLED,
            ack_seq=self._acked,
            session_echo=self._echo,
        )
        return Inputs(pack_plc(words), since_ns, sensed.at_ns, sensed=sensed)

    def _due(self, image: ProcessImage, *, on: bool) -> bool:
        """At once where it changes; a refresh can be left to an edge that is just coming."""
        if on is not self._on:
            return True
        overdue_ns = time.monotonic_ns() - self._written_ns - REFRESH_NS
        return overdue_ns >= (REFRESH_NS if self._module.near(image.edge_ns) else 0)

    def _write(self, *, on: bool) -> None:
        self._master.write_coil(self._coil, on=on)
        self._on, self._written_ns = on, time.monotonic_ns()
        self._heart = (self._heart + 1) & _WORD

    def _take(self, image: ProcessImage, sensed: Sensed) -> None:
        """What a PLC would say it holds: only what was read back, and nothing in a fault."""
        if image.words[FAULT_AT] & _EJECTOR:
            self._echo = 0
        elif sensed.output is sensed.told:
            self._acked, self._echo = image.words[RES_SEQ_AT], image.words[SESSION_AT]
        elif sensed.output is not None:
            self._written_ns = min(self._written_ns, sensed.told_ns)  # tell it again

    # -- what the module says of itself -------------------------------------------------

    def _begin(self) -> None:
        """A new connection, or a person at the box: how it stands, and then its watchdog."""
        found = self.found()
        self._say(found)
        self._module.arm()
        if found.get("tripped") and self.found().get("tripped"):
            raise LinkRefused(
                f"{self._peer}: the module's watchdog stands tripped, and what plc.watchdog.arm "
                "writes does not end that; see the module's manual for what does"
            )

    def _say(self, found: Mapping[str, bool]) -> None:
        said = ", ".join(self.standing(found))
        if said != self._said:
            self._said = said
            log.info("%s: %s", self._peer, said)

    def found(self) -> Mapping[str, bool]:
        """All there is to read; nothing is written. LinkError as an exchange."""
        return self._module.every()

    @property
    def reply_ns(self) -> int:
        """What a reply takes: the longest of late."""
        return self._module.reply_ns

    @staticmethod
    def standing(found: Mapping[str, bool]) -> list[str]:
        """How the module stands, in words."""
        words = {
            "output": ("its output reads off", "its output reads ON"),
            "feedback": ("the ejector's feedback says off", "the ejector's feedback says on"),
            "covered": ("the eye in the chute is free", "the eye in the chute is COVERED"),
            "tripped": ("its watchdog has not tripped", "its watchdog has TRIPPED"),
        }
        return [words[name][value] for name, value in found.items()]
