"""Serial lines for tests, made of pseudo terminals: no baud rate, no wires.

They are set to parity "none": the kernel keeps no other for them, and may say so.

Import as `gonogo.tests.serial_lines`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import threading
import time
import tty
from typing import TYPE_CHECKING

from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from gonogo.plc.transports.rtu_frame import pack_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE_S = 10


class BareLine:
    """One device for the station; the test is the other end, in bare bytes.

    `device` is a link, as in /dev/serial/by-id: `unplug` and `plug` take the terminal
    behind it away and bring another.
    """

    def __init__(self, folder: Path) -> None:
        self.device = folder / "ttyTEST0"
        self.plug()

    def plug(self) -> None:
        """The adapter is there (again)."""
        self.fd, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.device.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        """The adapter goes while programs hold it open; idempotent."""
        self.device.unlink(missing_ok=True)
        for fd in (self.fd, self.slave):
            with contextlib.suppress(OSError):
                os.close(fd)

    def say(self, data: bytes) -> None:
        """Put bytes on the line."""
        while data:
            data = data[os.write(self.fd, data) :]

    def arrived(self) -> bool:
        """Wait until the station's end has something to read."""
        return bool(select.select((self.slave,), (), (), PATIENCE_S)[0])

    def request(self, unit: int, pdu: bytes) -> None:
        """Put a frame on the line."""
        self.say(pack_frame(unit, pdu))

    def heard(self, wait_s: float = PATIENCE_S) -> bytes:
        """What the station said, as soon as there is something; nothing at the end of the time."""
        if not select.select((self.fd,), (), (), wait_s)[0]:
            return b""
        return os.read(self.fd, 4096)


class Said:
    """What a terminal is told, word by word: what came behind the words asked for is not lost."""

    def __init__(self, heard: Callable[[float], bytes], within_s: float) -> None:
        self._heard, self._within_s = heard, within_s
        self._rest = ""

    def until(self, words: str) -> str:
        """What was said up to these words, and they."""
        end_s = time.monotonic() + self._within_s
        while words not in self._rest:
            assert time.monotonic() < end_s, self._rest
            self._rest += self._heard(1.0).decode("ascii")
        before, found, self._rest = self._rest.partition(words)
        return before + found


class Cable:
    """Two devices joined; what one end sends, the other receives, after `spoil`.

    `spoil(from_plc, data)` may change what travels. The station's end is `station`.
    """

    def __init__(self, folder: Path, spoil: Callable[[bool, bytes], bytes] | None = None) -> None:
        self.spoil = spoil
        self._ends = [os.openpty(), os.openpty()]
        for _, slave in self._ends:
            tty.setraw(slave)
        self.plc, self.station = (folder / name for name in ("ttyPLC", "ttySTATION"))
        self.plc.symlink_to(os.ttyname(self._ends[0][1]))
        self.station.symlink_to(os.ttyname(self._ends[1][1]))
        self._stop_fd = os.eventfd(0)
        self._thread = threading.Thread(target=self._carry, name="cable")
        self._thread.start()

    def _carry(self) -> None:
        plc, station = self._ends[0][0], self._ends[1][0]
        while True:
            ready = select.select((plc, station, self._stop_fd), (), ())[0]
            if self._stop_fd in ready:
                return
            for fd in ready:
                data = os.read(fd, 4096)
                if self.spoil is not None:
                    data = self.spoil(fd == plc, data)
                os.write(station if fd == plc else plc, data)

    def close(self) -> None:
        """Pull it out."""
        os.eventfd_write(self._stop_fd, 1)
        self._thread.join()
        for fd in (*self._ends[0], *self._ends[1], self._stop_fd):
            os.close(fd)
        self.plc.unlink()
        self.station.unlink()


class SerialPlc:
    """A PLC that serves Modbus RTU on one end of a cable: pymodbus, in a thread of its own."""

    def __init__(self, device: Path, unit: int = 1, size: int = 256) -> None:
        self._loop = asyncio.new_event_loop()
        self._device, self._unit, self._size = device, unit, size
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        if not self._ready.wait(PATIENCE_S):
            raise TimeoutError("pymodbus does not serve the line")

    async def _run(self) -> None:
        words = [SimData(0, count=self._size, datatype=DataType.REGISTERS)]
        bits = [SimData(0, values=[False] * 64, datatype=DataType.BITS)]
        self._server = ModbusSerialServer(
            SimDevice(self._unit, simdata=(bits, bits, words, words)),
            port=str(self._device),
            baudrate=115200,
        )
        await self._server.serve_forever(background=True)
        self._ready.set()
        await self._server.serving

    def words(self, address: int, count: int) -> list[int]:
        """Holding registers as the PLC program would see them."""
        get = self._server.async_getValues(self._unit, 3, address, count)
        found = asyncio.run_coroutine_threadsafe(get, self._loop).result(PATIENCE_S)
        return [int(value) for value in found]

    def coils(self, address: int, count: int) -> list[bool]:
        """Coils as the PLC program would see them."""
        get = self._server.async_getValues(self._unit, 1, address, count)
        found = asyncio.run_coroutine_threadsafe(get, self._loop).result(PATIENCE_S)
        return [bool(value) for value in found]

    def set_words(self, address: int, words: list[int]) -> None:
        """The PLC program sets its words."""
        put = self._server.async_setValues(self._unit, 16, address, words)
        asyncio.run_coroutine_threadsafe(put, self._loop).result(PATIENCE_S)

    def close(self) -> None:
        """Stop serving."""
        end = self._server.shutdown()  # type: ignore[no-untyped-call]
        asyncio.run_coroutine_threadsafe(end, self._loop).result(PATIENCE_S)
        self._thread.join()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()
