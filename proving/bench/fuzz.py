"""Broken Modbus requests by the thousand, against the station's server and its model.

Each frame is a request with nothing to three things wrong with it. The model
(gonogo.proving.bench.modbus_model) says what the station must answer, byte for byte,
and what the PLC's words must be afterwards. A frame is survived when that is what
happened, and when the next valid request is answered as it should be.
"""

from __future__ import annotations

import os
import random
import socket
import struct
import threading
from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.bench.modbus_model import D_COUNT, P_AT, P_COUNT, Model
from gonogo.proving.bench.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

FRAMES, SEED = 100_000, 20
PATIENCE_S = 30.0
_TOGETHER = 16  # frames between two looks at all words
_SHOWN = ProcessImage(
    tuple(range(2000, 2000 + D_COUNT)), (True, False, False, True, False, True, True)
)
_EDGES = (0, 1, 2, 3, 95, 96, 99, 100, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 255, 256)
_WORDS = (*_EDGES, 1968, 1969, 2000, 2001, 0x7FFF, 0x8000, 0xFF00, 0xFFFE, 0xFFFF)


class Fuzzed(NamedTuple):
    """What became of the frames; `first_loss` tells the first one that was not survived."""

    sent: int
    survived: int
    refused: int  # answered with an exception
    ended: int  # connections that the station rightly ended
    first_loss: str


def measure() -> list[Row]:
    """The one row."""
    found = fuzz(FRAMES, SEED)
    note = f"seed {SEED}, {found.refused} exceptions, {found.ended} connections ended"
    note += f"; first loss: {found.first_loss}" if found.first_loss else ""
    name = "fuzz_frames_survived"
    return [Row(name, found.survived, found.sent, "higher", "frames", 1.0, note)]


def fuzz(frames: int, seed: int) -> Fuzzed:
    """Send that many mutated frames to a server role on loopback, and compare with the model."""
    rng = random.Random(seed)  # noqa: S311 - a seed makes the run repeatable
    with Served() as served, Asker(served.port, rng) as tester:
        survived, loss = 0, ""
        for first in range(0, frames, _TOGETHER):
            count = min(_TOGETHER, frames - first)
            good, said = tester.some([mutated(request(rng), rng) for _ in range(count)])
            survived += good
            loss = loss or said
        return Fuzzed(frames, survived, tester.refused, tester.ended, loss)


# -- frames ----------------------------------------------------------------------------


def request(rng: random.Random) -> bytes:
    """A request that is well formed, and more often than not within the map."""
    code = rng.choice((1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43))
    at, count = _place(code, rng), rng.choice((1, 1, 2, 3, 7, 8, 20))
    data = rng.randbytes(2 * count)
    if code == 5:
        body = struct.pack(">HH", at, rng.choice((0, 0xFF00)))
    elif code == 15:
        body = struct.pack(">HHB", at, count, (count + 7) // 8) + data[: (count + 7) // 8]
    elif code == 16:
        body = struct.pack(">HHB", at, count, 2 * count) + data
    elif code == 23:
        body = struct.pack(">HHHHB", _place(3, rng), count, at, count, 2 * count) + data
    elif code == 43:
        body = bytes((14, rng.randrange(1, 5), rng.choice((0, 1, 2, 128))))
    else:
        body = struct.pack(">HH", at, rng.choice(_EDGES) if code == 6 else count)
        body += data[:2] if code == 22 else b""
    return _framed(bytes([code]) + body, rng)


def _framed(pdu: bytes, rng: random.Random) -> bytes:
    return struct.pack(">HHHB", rng.randrange(65536), 0, len(pdu) + 1, rng.randrange(256)) + pdu


def _place(code: int, rng: random.Random) -> int:
    """An address that the function often has."""
    if rng.random() < 0.1:
        return rng.choice(_WORDS)
    last = {1: 32, 2: 16, 5: 2, 15: 2, 4: D_COUNT}.get(code, 0)
    p = P_AT + rng.randrange(P_COUNT)
    return rng.randrange(last) if last else rng.choice((p, p, rng.randrange(P_AT)))


def mutated(frame: bytes, rng: random.Random) -> bytes:
    """The frame with nothing to three things wrong; mostly its header still says its length."""
    data = bytearray(frame)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        rng.choice(_MUTATIONS)(data, rng)
    if rng.random() < 0.7 and 8 <= len(data) <= 260:
        data[2:6] = struct.pack(">HH", 0, len(data) - 6)
    return bytes(data)


def _flip(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _edge(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at : at + 2] = struct.pack(">H", rng.choice(_WORDS))


def _insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 7, 100, 250)))


def _delete(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(1, len(data) + 1)
    del data[at : at + rng.choice((1, 2, 5))]


def _repeat(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.randrange(1, 20)]


def _code(data: bytearray, rng: random.Random) -> None:
    data[7:8] = bytes([rng.randrange(256)])


_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _edge, _edge, _insert, _delete, _repeat, _code,
)  # fmt: skip


# -- both sides ------------------------------------------------------------------------


class Served:
    """A server role on a free port of loopback, served in a thread as the link does."""

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK)
        section = ModbusServerSection(driver="modbus-server", port=0)
        self._server = ModbusServer(section, self._fd)
        self._server.open()
        self.port = self._server.port
        self._done = False
        self._thread = threading.Thread(target=self._serve, name="fuzzed", daemon=True)

    def __enter__(self) -> Served:  # noqa: PYI034 - typing.Self is younger than Python 3.10
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done = True
        self._thread.join()
        self._server.close()
        os.close(self._fd)

    def _serve(self) -> None:
        while not self._done:
            self._server.exchange(_SHOWN)
            self._server.wait(0.05)


class Asker:
    """The PLC's side: one connection after the other, and the model beside them."""

    def __init__(self, port: int, rng: random.Random) -> None:
        self._port, self._rng = port, rng
        self._model = Model(_SHOWN.words, _SHOWN.bits)
        self._sock = self._connect()
        self.refused = self.ended = 0

    def __enter__(self) -> Asker:  # noqa: PYI034 - typing.Self is younger than Python 3.10
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sock.close()

    def some(self, frames: list[bytes]) -> tuple[int, str]:
        """How many of the frames were survived, and what was wrong first."""
        good, said = 0, ""
        for data in frames:
            wrong = self._one(data)
            good += not wrong
            said = said or wrong
        wrong = self._look()
        if said or wrong:
            self._agree()
        return (0, said or wrong) if wrong else (good, said)

    def _agree(self) -> None:
        """After a loss: bring station and model to the same words, so that one loss is one."""
        ones = struct.pack(f">{P_COUNT}H", *[1] * P_COUNT)
        write = struct.pack(">HHB", P_AT, P_COUNT, 2 * P_COUNT) + ones
        self._one(_framed(b"\x10" + write, self._rng))
        self._one(_framed(b"\x0f" + struct.pack(">HHBB", 0, 2, 1, 0), self._rng))

    def _one(self, data: bytes) -> str:
        """One frame, made whole where it says that more follows; "" when it was survived."""
        before = self._model.plc[:], self._model.coils[:]
        while (answer := self._model.feed(data)).short:
            data += self._rng.randbytes(answer.short)
            self._model.plc, self._model.coils = before[0][:], before[1][:]
        try:
            return self._talk(data, answer.replies, hangs_up=answer.hangs_up)
        except OSError as error:
            self._renew()
            return f"{data.hex()}: {error}"

    def _talk(self, data: bytes, replies: list[bytes | None], *, hangs_up: bool) -> str:
        self._sock.sendall(data)
        for expected in replies:
            got = self._read()
            self.refused += got[7] >> 7
            if expected is not None and got != expected:
                self._renew()
                return f"{data.hex()}: expected {expected.hex()}, got {got.hex()}"
        if hangs_up:
            self.ended += 1
            silent = self._at_end()
            self._renew()
            return "" if silent else f"{data.hex()}: expected the end of the connection"
        return ""

    def _look(self) -> str:
        """A valid request is answered, and all words are what they must be."""
        asked = b"\0\1\0\0\0\6\1\3"
        wrong = ""
        for at, count in ((0, D_COUNT), (P_AT, P_COUNT)):
            wrong = wrong or self._one(asked + struct.pack(">HH", at, count))
        return wrong

    def _read(self) -> bytes:
        head = self._exactly(6)
        return head + self._exactly(int.from_bytes(head[4:6], "big"))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self._sock.recv(size - len(data))
            if not chunk:
                raise ConnectionError("the station ended the connection")
            data += chunk
        return data

    def _at_end(self) -> bool:
        try:
            return self._sock.recv(1) == b""
        except ConnectionResetError:  # it had not read all that was sent
            return True

    def _renew(self) -> None:
        self._sock.close()
        self._sock = self._connect()

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
