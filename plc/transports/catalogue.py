"""The table of transports, each loaded when a link is made."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from gonogo.base.errors import MissingExtra, UnknownDriver

if TYPE_CHECKING:
    from gonogo.plc.transports.modbus_client import ModbusClientSection
    from gonogo.plc.transports.modbus_io import ModbusIoSection
    from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClientSection
    from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServerSection
    from gonogo.plc.transports.modbus_server import ModbusServerSection
    from gonogo.plc.transports.s7_section import S7Section
    from gonogo.plc.transports.transport import Transport

    PlcSection: TypeAlias = (
        ModbusClientSection
        | ModbusServerSection
        | ModbusRtuClientSection
        | ModbusRtuServerSection
        | ModbusIoSection
        | S7Section
    )


# driver name -> (module, class, extra that brings its package or "")
TRANSPORTS: dict[str, tuple[str, str, str]] = {
    "modbus-client": ("gonogo.plc.transports.modbus_client", "ModbusClient", ""),
    "modbus-server": ("gonogo.plc.transports.modbus_server", "ModbusServer", ""),
    "modbus-rtu-client": ("gonogo.plc.transports.modbus_rtu_client", "ModbusRtuClient", ""),
    "modbus-rtu-server": ("gonogo.plc.transports.modbus_rtu_server", "ModbusRtuServer", ""),
    "modbus-io": ("gonogo.plc.transports.modbus_io", "ModbusIo", ""),
    "s7": ("gonogo.plc.transports.s7", "S7Client", ""),
}
WE_SERVE = frozenset({"modbus-server", "modbus-rtu-server"})  # opening these asks no PLC


def make_transport(section: PlcSection, wake_fd: int) -> Transport:
    """The transport that a [plc] section names, not open yet.

    `wake_fd` is an eventfd of the link: `wait` ends when it becomes readable, and
    leaves reading it to the link.
    """
    try:
        module, name, extra = TRANSPORTS[section.driver]
    except KeyError:
        known = ", ".join(TRANSPORTS)
        raise UnknownDriver(f"[plc]: driver '{section.driver}'; known: {known}") from None
    try:
        factory = getattr(import_module(module), name)
    except ImportError as error:
        hint = f"pip install 'gonogo[{extra}]'" if extra else "reinstall gonogo"
        raise MissingExtra(f"[plc]: driver '{section.driver}': {error}; {hint}") from error
    transport: Transport = factory(section, wake_fd)
    return transport
