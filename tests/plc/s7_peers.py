"""S7 PLCs for tests: third-party servers as processes, and a man in the middle who spoils replies.

Import as `gonogo.tests.plc.s7_peers`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Answer = Callable[[bytes, bytes], Iterable[bytes]]  # request, reply -> what is sent instead

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "peers" / "s7_plc.py"
NATIVE = ROOT / ".venv" / "peers" / "snap7" / "bin" / "python"
NATIVE_MISSING = "python-snap7 2.0.2 (native libsnap7) is not installed: tests/peers/install.sh"
DB = 10
BLOCK_BYTES = 232
RUN, STOP = 8, 4


class S7Plc:
    """python-snap7's server in a process of its own: 3.x, or native libsnap7."""

    def __init__(self, *, native: bool = False, size: int = BLOCK_BYTES) -> None:
        if native and not NATIVE.exists():
            pytest.skip(NATIVE_MISSING)
        python = str(NATIVE) if native else sys.executable
        self.process = subprocess.Popen(
            [python, "-I", str(SCRIPT), str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._heard())

    def _heard(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the S7 server ended with {self.process.wait()}"
        return line.strip()

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._heard()

    def block(self) -> bytes:
        """The data block as it is now."""
        return bytes.fromhex(self._ask("get"))

    def words(self, start: int, count: int) -> list[int]:
        """Words of the block as the PLC program would see them."""
        return list(struct.unpack_from(f">{count}H", self.block(), start))

    def say(self, start: int, words: Sequence[int]) -> None:
        """The PLC program sets words from byte `start`."""
        self.put(start, struct.pack(f">{len(words)}H", *words))

    def put(self, start: int, data: bytes) -> None:
        """The PLC program sets bytes."""
        self._ask(f"put {start} {data.hex()}")

    def writes(self) -> list[tuple[int, int]]:
        """(first byte, bytes) of every write from outside since the last call."""
        pairs = (pair.split(":") for pair in self._ask("writes").split())
        return [(int(start), int(size)) for start, size in pairs]

    def cpu(self, status: int) -> None:
        """Turn the key switch to RUN or STOP."""
        self._ask(f"cpu {status}")

    def freeze(self) -> None:
        """Stop the process where it stands; its connections stay up."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)  # until it does: it may have been answering

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the process; idempotent."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def unchanged(_: bytes, reply: bytes) -> Iterable[bytes]:
    """The Answer that spoils nothing."""
    return (reply,)


class Between:
    """Passes one connection on to a PLC; `answer` says what becomes of each reply.

    `heard` are the requests, `reset` is whether the station ended with RST. With port 0
    there is no PLC, and replies are empty.
    """

    def __init__(self, port: int, answer: Answer = unchanged) -> None:
        self.answer = answer
        self.heard: list[bytes] = []
        self.reset = False
        self._plc_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        station, _ = self._listener.accept()
        with station, contextlib.ExitStack() as stack:
            plc = None
            if self._plc_port:
                plc = stack.enter_context(socket.create_connection(("127.0.0.1", self._plc_port)))
            try:
                self._pass_on(station, plc)
            except (ConnectionResetError, BrokenPipeError):
                self.reset = True

    def _pass_on(self, station: socket.socket, plc: socket.socket | None) -> None:
        station.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := station.recv(4096):
            self.heard.append(request)
            reply = b""
            if plc is not None:
                plc.sendall(request)
                reply = plc.recv(4096)
            for piece in self.answer(request, reply):
                if not piece:
                    return
                station.sendall(piece)

    def close(self) -> None:
        """Wait for the station to hang up."""
        self._thread.join()
        self._listener.close()
