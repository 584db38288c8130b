"""A small PLC that polls the station: python python_master.py LIBRARY HOST PORT.

Runs in whatever environment has the library, so it imports nothing of gonogo.
Prints "permit" once, and for each new result one line:
record SEQ_A PART_ID VERDICT REASON SCORE FLAGS LATENCY SEQ_B bits DI0 .. DI6
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PERMIT = 1 << 3
SCAN_S = 0.01
TIMEOUT_S = 5.0


class Wire(NamedTuple):
    """The three requests that a PLC needs."""

    read: Callable[[int, int], Sequence[int]]
    write: Callable[[int, Sequence[int]], object]
    bits: Callable[[int], Sequence[int]]


def pymodbustcp(host: str, port: int) -> Wire:
    """By pyModbusTCP."""
    from pyModbusTCP.client import ModbusClient  # noqa: PLC0415 - one library is there

    client = ModbusClient(host, port, timeout=TIMEOUT_S)
    return Wire(
        client.read_holding_registers,
        lambda at, words: client.write_multiple_registers(at, list(words)),
        lambda count: client.read_discrete_inputs(0, count),
    )


def modbus_tk(host: str, port: int) -> Wire:
    """By modbus_tk."""
    from modbus_tk.modbus_tcp import TcpMaster  # noqa: PLC0415 - one library is there

    master = TcpMaster(host, port, timeout_in_sec=TIMEOUT_S)
    return Wire(
        lambda at, count: master.execute(1, 3, at, count),
        lambda at, words: master.execute(1, 16, at, output_value=list(words)),
        lambda count: master.execute(1, 2, 0, count),
    )


def umodbus(host: str, port: int) -> Wire:
    """By uModbus, which leaves the socket to its user."""
    import socket  # noqa: PLC0415 - one library is there

    from umodbus.client import tcp  # noqa: PLC0415

    wire = socket.create_connection((host, port), TIMEOUT_S)
    return Wire(
        lambda at, count: tcp.send_message(tcp.read_holding_registers(1, at, count), wire),
        lambda at, words: tcp.send_message(tcp.write_multiple_registers(1, at, list(words)), wire),
        lambda count: tcp.send_message(tcp.read_discrete_inputs(1, 0, count), wire),
    )


def async_modbus(host: str, port: int) -> Wire:
    """By async-modbus, one request after the other in a loop of its own."""
    import asyncio  # noqa: PLC0415 - one library is there

    from async_modbus import modbus_for_url  # noqa: PLC0415

    loop = asyncio.new_event_loop()
    client = modbus_for_url(f"tcp://{host}:{port}")
    do = loop.run_until_complete
    return Wire(
        lambda at, count: [int(word) for word in do(client.read_holding_registers(1, at, count))],
        lambda at, words: do(client.write_registers(1, at, list(words))),
        lambda count: do(client.read_discrete_inputs(1, 0, count)),
    )


def minimalmodbus(device: str, unit: int) -> Wire:
    """By minimalmodbus, over a serial line: HOST is the device, PORT the unit."""
    from minimalmodbus import Instrument  # noqa: PLC0415 - one library is there

    station = Instrument(device, unit)
    station.serial.baudrate, station.serial.timeout = 115200, TIMEOUT_S
    return Wire(
        station.read_registers,
        lambda at, words: station.write_registers(at, list(words)),
        lambda count: station.read_bits(0, count, functioncode=2),
    )


LIBRARIES = {
    "pyModbusTCP": pymodbustcp,
    "modbus_tk": modbus_tk,
    "umodbus": umodbus,
    "async_modbus": async_modbus,
    "minimalmodbus": minimalmodbus,
}


def scan_forever(wire: Wire) -> None:
    """The PLC's program."""
    heart, ack, permitted = 0, -1, False
    while True:
        d = wire.read(0, 96)
        sequence = d[12]
        if ack not in {-1, sequence}:
            at = 32 + 8 * (sequence % 8)
            bits = [int(bit) for bit in wire.bits(7)]
            say("record", *d[at : at + 8], "bits", *bits)
        ack, heart = sequence, (heart + 1) % 65536
        wire.write(100, [1, heart, 3, 0, ack, *[0] * 10, d[13], *[0] * 4])
        if d[4] & PERMIT and not permitted:
            permitted = True
            say("permit")
        time.sleep(SCAN_S)


def say(*words: object) -> None:
    """One line for the test."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    name, host, port = sys.argv[1:]
    scan_forever(LIBRARIES[name](host, int(port)))
