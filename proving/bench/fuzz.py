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
from gonogo.proving.bench.mutations import framed, mutated, request
from gonogo.proving.bench.rows import Row

if TYPE_CHECKING:
    from types import TracebackType

FRAMES, SEED = 100_000, 20  # the same frames every time: a loss can be played again
PATIENCE_S = 30.0  # then the station is as good as dead, and the frame lost
_TOGETHER = 16  # frames between two comparisons of all words
_SHOWN = ProcessImage(
    tuple(range(2000, 2000 + D_COUNT)), (True, False, False, True, False, True, True)
)


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
    # both draw from it: the run repeats as a whole
    with Served() as served, Asker(served.port, rng) as tester:
        survived, loss = 0, ""
        for first in range(0, frames, _TOGETHER):
            # comparing all words is two more requests: after each frame that would be three for one
            count = min(_TOGETHER, frames - first)
            good, said = tester.some([mutated(request(rng), rng) for _ in range(count)])
            survived += good
            loss = loss or said
        return Fuzzed(frames, survived, tester.refused, tester.ended, loss)


class Served:
    """A server role on a free port of loopback, served in a thread as the link does."""

    def __init__(self) -> None:
        # opened here and served in the thread: until then connections wait in the backlog
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
            self._server.wait(0.05)  # so that it hears of the end


class Connection:
    """One connection to the station after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sock = self._connect()

    def send(self, data: bytes) -> None:
        """All of it."""
        self._sock.sendall(data)

    def frame(self) -> bytes:
        """The next MBAP frame; ConnectionError at the end of the stream."""
        head = self._exactly(6)
        return head + self._exactly(int.from_bytes(head[4:6], "big"))

    def at_end(self) -> bool:
        """Whether the station has hung up, without another byte."""
        try:
            return self._sock.recv(1) == b""
        except ConnectionResetError:  # it had not read all that was sent
            return True

    def renew(self) -> None:
        """Hang up and connect again: what may still come on the old one is nobody's reply."""
        self._sock.close()
        self._sock = self._connect()

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self._sock.recv(size - len(data))
            if not chunk:
                raise ConnectionError("the station ended the connection")
            data += chunk
        return data

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class Asker:
    """The PLC's side: a connection, and the model beside it."""

    def __init__(self, port: int, rng: random.Random) -> None:
        self._rng = rng
        self._model = Model(_SHOWN.words, _SHOWN.bits)
        self._connection = Connection(port)
        self.refused = self.ended = 0

    def __enter__(self) -> Asker:  # noqa: PYI034 - typing.Self is younger than Python 3.10
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def some(self, frames: list[bytes]) -> tuple[int, str]:
        """How many of the frames were survived, and what was wrong first."""
        good, said = 0, ""
        for data in frames:
            wrong = self._one(data)
            good += not wrong
            said = said or wrong
        wrong = self._compare()
        if said or wrong:
            self._agree()
        # a word that is wrong afterwards may be of any of them: then none counts as survived
        return (0, said or wrong) if wrong else (good, said)

    def _agree(self) -> None:
        """After a loss: bring station and model to the same words, so that one loss is one."""
        ones = struct.pack(f">{P_COUNT}H", *[1] * P_COUNT)
        write = struct.pack(">HHB", P_AT, P_COUNT, 2 * P_COUNT) + ones
        self._one(framed(b"\x10" + write, self._rng))
        self._one(framed(b"\x0f" + struct.pack(">HHBB", 0, 2, 1, 0), self._rng))

    def _one(self, data: bytes) -> str:
        """One frame, made whole where it says that more follows; "" when it was survived."""
        # the model has carried out the frames before the cut one: they must not count twice
        before = self._model.plc[:], self._model.coils[:]
        while (answer := self._model.feed(data)).short:
            data += self._rng.randbytes(answer.short)
            self._model.plc, self._model.coils = before[0][:], before[1][:]
        try:
            return self._talk(data, answer.replies, hangs_up=answer.hangs_up)
        except OSError as error:
            self._connection.renew()
            return f"{data.hex()}: {error}"

    def _talk(self, data: bytes, replies: list[bytes | None], *, hangs_up: bool) -> str:
        self._connection.send(data)
        for expected in replies:
            got = self._connection.frame()
            self.refused += got[7] >> 7
            if expected is not None and got != expected:
                self._connection.renew()
                return f"{data.hex()}: expected {expected.hex()}, got {got.hex()}"
        if hangs_up:
            self.ended += 1
            silent = self._connection.at_end()
            self._connection.renew()
            return "" if silent else f"{data.hex()}: expected the end of the connection"
        return ""

    def _compare(self) -> str:
        """A valid request is answered, and all words are what they must be."""
        asked = b"\0\1\0\0\0\6\1\3"
        wrong = ""
        for at, count in ((0, D_COUNT), (P_AT, P_COUNT)):
            wrong = wrong or self._one(asked + struct.pack(">HH", at, count))
        return wrong
