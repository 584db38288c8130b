"""No PLC at all: the ejector's coil in a remote I/O module that serves Modbus TCP.

The module knows nothing of parts. It stands for a PLC that always enables, follows every
session and takes every result the moment its coil could be written. Its own watchdog must
switch the coil off when nothing is written for a while; with `on_means = "pass"` a dead
box then ejects everything.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.plc.map import MAP_VERSION, CtrlBit, PlcWords, pack_plc
from gonogo.plc.modbus_client import ModbusClient, ModbusClientSection
from gonogo.plc.transport import ALONE, Inputs
from gonogo.runtime.section import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.eject import EjectSection
    from gonogo.plc.transport import Image

REFRESH_NS = 50_000_000  # the coil is written at least this often, for the module's watchdog
_PORT_MAX = 65535
_WORD = 0xFFFF
_RES_SEQ, _SESSION = 12, 13  # of D
_ENABLED = CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE


class ModbusIoSection(Section):
    """A remote I/O module; `eject_coil` is the 0-based address of the coil for [eject]."""

    driver: Literal["modbus-io"]
    host: str
    port: Annotated[int, Field(ge=1, le=_PORT_MAX)] = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    eject_coil: Annotated[int, Field(ge=0, le=_PORT_MAX)] = 0
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 5
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 2

    @property
    def place(self) -> str:
        """Where the module is, for people."""
        return f"{self.host}:{self.port}, unit {self.unit}"

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
    """The transport of a ModbusIoSection (see gonogo.plc.transport)."""

    def __init__(self, section: ModbusIoSection, wake_fd: int) -> None:
        super().__init__(section.as_client(), wake_fd)
        self._coil = section.eject_coil
        self._master.needs = f"eject_coil must be a coil that can be written (FC5), {self._coil}"
        self._heart = 0
        self._on: bool | None = None  # as written last; None: not on this connection
        self._written_ns = 0

    def open(self) -> None:
        """Connect; what the coil was is unknown then."""
        super().open()
        self._on = None

    def look(self, mark: int = 0) -> Sequence[int]:
        """A module has no words: whoever else writes the coil is not seen here."""
        del mark
        return ALONE

    def exchange(self, image: Image) -> Inputs:
        """Write the coil where it changed or is due; answer as a PLC would."""
        since_ns = self._written_ns
        on, now_ns = bool(image.bits[-1]), time.monotonic_ns()
        if on is not self._on or now_ns - self._written_ns >= REFRESH_NS:
            self._master.write_coil(self._coil, on=on)
            self._on, self._written_ns = on, time.monotonic_ns()
            self._heart = (self._heart + 1) & _WORD
        words = PlcWords(
            map_version=MAP_VERSION,
            heart=self._heart,
            ctrl=_ENABLED,
            ack_seq=image.words[_RES_SEQ],
            session_echo=image.words[_SESSION],
        )
        return Inputs(pack_plc(words), since_ns, time.monotonic_ns())
