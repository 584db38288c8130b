"""A recorder between station and PLC, and what it heard as a capture file for other programs.

Import as `gonogo.tests.plc.recorded`.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.proving.peers.apart import MBAP, Gateway

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable
    from pathlib import Path

MODBUS, S7 = 502, 102  # the ports by which a dissector knows them
_CLIENT_PORT = 50000
_SERVER, _CLIENT = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
_FILE = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x40000, 101)  # raw IPv4
_PUSH_ACK = 0x18


class Said(NamedTuple):
    """A segment; `connection` counts from 0."""

    connection: int
    by_client: bool
    data: bytes


class Recorder(Gateway):
    """Keeps every request and every reply that it passes on."""

    def __init__(self, plc_port: int, head: int = MBAP) -> None:
        self.said: list[Said] = []
        self._connections = 0
        super().__init__(plc_port, head)

    def _pass_on(self, station: socket.socket, plc: socket.socket) -> None:
        number, self._connections = self._connections, self._connections + 1
        while request := self._whole(station):
            self.said.append(Said(number, by_client=True, data=request))
            plc.sendall(request)
            if not (reply := self._whole(plc)):
                return
            self.said.append(Said(number, by_client=False, data=reply))
            self._answer(station, reply)


def capture(path: Path, said: Iterable[Said], port: int) -> None:
    """Write a capture as libpcap does: raw IPv4, one packet a segment, no handshakes."""
    sent: dict[tuple[int, bool], int] = {}
    with path.open("wb") as file:
        file.write(_FILE)
        for number, each in enumerate(said):
            key, other = (each.connection, each.by_client), (each.connection, not each.by_client)
            packet = _packet(each, port, sent.get(key, 1), sent.get(other, 1))
            sent[key] = sent.get(key, 1) + len(each.data)
            file.write(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)


def _packet(said: Said, port: int, sequence: int, acknowledged: int) -> bytes:
    client = _CLIENT_PORT + said.connection
    ports, ends = (client, port), (_CLIENT, _SERVER)
    if not said.by_client:
        ports, ends = ports[::-1], ends[::-1]
    head = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, _PUSH_ACK, 4096, 0, 0)
    size = 20 + len(head) + len(said.data)
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0) + b"".join(ends) + head + said.data
    )


def dissected(path: Path, *fields: str) -> list[dict[str, list[str]]]:
    """What tshark finds in a capture: these fields of each packet; skips where there is none."""
    program = shutil.which("tshark")
    if program is None:
        pytest.skip("tshark is not installed (tests/peers/install.sh)")
    wanted = [part for field in fields for part in ("-e", field)]
    command = [program, "-n", "-r", str(path), "-T", "fields", "-E", "separator=;", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    lines = [line.split(";") for line in done.stdout.splitlines()]
    return [
        {
            field: value.split(",") if value else []
            for field, value in zip(fields, line, strict=True)
        }
        for line in lines
    ]
