"""The wires to a PLC that there are, each in a file of its own, found by `driver` in `[plc]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.catalogue import Catalogue, Entry

if TYPE_CHECKING:
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport

_HERE = "gonogo.plc.transports"
TRANSPORTS = Catalogue(
    "[plc] driver",
    "gonogo.transports",
    {
        "modbus-client": Entry(
            f"{_HERE}.modbus_client:ModbusClientSection", f"{_HERE}.modbus_client:ModbusClient"
        ),
        "modbus-server": Entry(
            f"{_HERE}.modbus_server:ModbusServerSection", f"{_HERE}.modbus_server:ModbusServer"
        ),
        "modbus-rtu-client": Entry(
            f"{_HERE}.modbus_rtu_client:ModbusRtuClientSection",
            f"{_HERE}.modbus_rtu_client:ModbusRtuClient",
        ),
        "modbus-rtu-server": Entry(
            f"{_HERE}.modbus_rtu_server:ModbusRtuServerSection",
            f"{_HERE}.modbus_rtu_server:ModbusRtuServer",
        ),
        "modbus-io": Entry(f"{_HERE}.modbus_io:ModbusIoSection", f"{_HERE}.modbus_io:ModbusIo"),
        # sections of both stand apart: every process reads the station file, one needs the package
        "gpio-io": Entry(
            f"{_HERE}.gpio_section:GpioIoSection", f"{_HERE}.gpio_opening:open_gpio_io", "gpio"
        ),
        "s7": Entry(f"{_HERE}.s7_section:S7Section", f"{_HERE}.s7:S7Client"),
    },
)


def make_transport(section: TransportSection, wake_fd: int) -> Transport:
    """The transport that a [plc] section names, not open yet.

    `wake_fd` is an eventfd of the link: `wait` ends when it becomes readable, and
    leaves reading it to the link.
    """
    transport: Transport = TRANSPORTS.open(section.driver, section, wake_fd)
    return transport
