"""PLCs that poll the station, as threads over bare sockets: from any address of this box.

Import as `gonogo.proving.peers.raw_plc`.
"""

from __future__ import annotations

import contextlib
import struct
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from gonogo.plc.register_map import (
    CMD_SEQ_AT,
    D_WORDS,
    P_FIRST,
    RES_SEQ_AT,
    SESSION_AT,
    PlcWords,
    pack_plc,
)
from gonogo.proving.peers.raw import connect, frame, read_frame

if TYPE_CHECKING:
    import socket

    from typing_extensions import Self

SCAN_S = 0.01
RUN = 3
COIL_ACK, COIL_ENABLE = 0, 1
_TOGGLE = 4  # DI4
_BUSY = 6


class ScanningPlc(ABC):
    """A thread that scans over one connection until it is stopped or hung up on."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._where = port, source
        self._stop = threading.Event()
        self.refused = 0  # answered with "busy"
        self._thread = threading.Thread(target=self._run, daemon=True)  # last: it runs at once
        self._thread.start()

    def _run(self) -> None:
        # hung up on, it is gone: what the station does with its successor is the test's to start
        with contextlib.suppress(OSError), connect(*self._where) as sock:
            # waits before it scans, so that a PLC that is stopped at once says nothing
            while not self._stop.wait(SCAN_S):
                self.scan(sock)

    @abstractmethod
    def scan(self, sock: socket.socket) -> None:
        """One scan of its program."""

    def ask(self, sock: socket.socket, pdu: bytes) -> bytes:
        """One request; the reply's PDU."""
        sock.sendall(frame(1, pdu))
        reply = read_frame(sock)[7:]
        if not reply:
            raise ConnectionResetError
        # busy is no end: a PLC asks again in its next scan
        self.refused += reply == bytes([pdu[0] | 0x80, _BUSY])
        return reply

    def die(self) -> None:
        """Scan no more, and hang up."""
        self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.die()


class WordsPlc(ScanningPlc):
    """Reads D and writes P; a `command` stands until the station has answered it, as in FB_GoNoGo.

    Where two write, the other one's words may take its place before the station has looked.
    """

    def __init__(self, port: int, source: str = "127.0.0.1", heart: int = 0) -> None:
        self.heart = heart
        self.command = 0
        self._given = False
        self._commands = 0
        super().__init__(port, source)

    def scan(self, sock: socket.socket) -> None:
        """Acknowledge everything, follow every session."""
        reply = self.ask(sock, struct.pack(">BHH", 3, 0, D_WORDS))
        d = struct.unpack(f">{D_WORDS}H", reply[2:])
        # two of these are told apart by their hearts
        self.heart = self.heart + 1 & 0xFFFF
        self._answered(d[CMD_SEQ_AT])
        plc = PlcWords(
            map_version=1,
            heart=self.heart,
            ctrl=RUN,
            # everything that there is, unread: these tests are not about records
            ack_seq=d[RES_SEQ_AT],
            cmd_seq=self._commands,
            cmd_code=self.command if self._given else 0,
            session_echo=d[SESSION_AT],
        )
        words = pack_plc(plc)
        head = struct.pack(">BHHB", 16, P_FIRST, len(words), 2 * len(words))
        self.ask(sock, head + struct.pack(f">{len(words)}H", *words))

    def _answered(self, answered: int) -> None:
        """Take a command back once its number is answered; give the one that waits."""
        # by its number: what stands there may still be the answer to another one
        if self._given and answered == self._commands:
            self.command, self._given = 0, False
        elif self.command and not self._given:
            self._commands += 1
            self._given = True


class BitsPlc(ScanningPlc):
    """Reads the discrete inputs, and writes coils only where one changes."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.enable = True
        self._said: tuple[bool, bool] | None = None  # ack toggle and enable as written last
        super().__init__(port, source)

    def scan(self, sock: socket.socket) -> None:
        """Acknowledge each result by its toggle."""
        bits = self.ask(sock, struct.pack(">BHH", 2, 0, 7))[2]
        # the acknowledgement is the toggle given back
        wanted = bool(bits >> _TOGGLE & 1), self.enable
        if wanted != self._said:
            packed = wanted[0] | wanted[1] << 1
            self.ask(sock, struct.pack(">BHHBB", 15, 0, 2, 1, packed))
            self._said = wanted
