"""How long it takes until the log names who disturbs a line whose PLC polls us.

Each disturbance begins at a moment of its own against a server with a PLC that runs; the value
is the longest time to the line that names it, the control the second that it may take.
"""

from __future__ import annotations

import contextlib
import logging
import struct
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.proving.bench.rows import Row
from gonogo.proving.peers.raw import Station, connect, frame, read_frame
from gonogo.proving.peers.raw_plc import BitsPlc, WordsPlc

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("disturbance_named",)
TURNS = 20
WITHIN_MS = 1000.0
# loopback is a whole net: each address is another peer to the station
_STRANGER = "127.0.0.5"
_GIVE_UP_S = 30.0  # stands for the time where no line came
_CONNECTIONS = 3  # few, so that a crowd is soon there


class Case(NamedTuple):
    """A disturbance, the words that name it, and the PLC that runs meanwhile."""

    words: str
    disturb: Callable[[int], None]
    plc: type[WordsPlc | BitsPlc] = WordsPlc


def _ask(port: int, source: str, pdu: bytes) -> None:
    with connect(port, source) as sock:
        sock.sendall(frame(1, pdu))
        read_frame(sock)


def _crowd(port: int) -> None:
    with contextlib.ExitStack() as stack:
        # one after the other, each pushes an older one out
        for _ in range(2 * _CONNECTIONS):
            stack.enter_context(connect(port, _STRANGER))


def _nonsense(port: int) -> None:
    with connect(port, _STRANGER) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        read_frame(sock)


def _second(port: int, source: str) -> None:
    with WordsPlc(port, source, heart=30_000):
        time.sleep(0.5)  # long enough for both to have scanned many times


CASES = {
    "not allowed": Case("turned away", lambda port: _ask(port, "127.0.0.77", b"\x03\0\0\0\1")),
    "evictions": Case("one connection too many", _crowd),
    "connections": Case("one connection after the other", _crowd),
    "no Modbus": Case("not Modbus", _nonsense),
    "refused": Case("asks for", lambda port: _ask(port, _STRANGER, struct.pack(">BHH", 3, 500, 1))),
    "foreign write": Case(
        "writes like the PLC", lambda port: _ask(port, _STRANGER, struct.pack(">BHH", 6, 103, 9))
    ),
    "two masters": Case("seen as two PLCs", lambda port: _second(port, _STRANGER)),
    "two on one address": Case("seen as two PLCs", lambda port: _second(port, "127.0.0.1")),
    "words beside bits": Case(
        "beside a PLC of bits",
        lambda port: _ask(port, "127.0.0.1", struct.pack(">BHH", 6, 103, 9)),
        BitsPlc,
    ),
}


def measure() -> list[Row]:
    """The one row."""
    took_ms = {name: max(named_ms(case) for _ in range(TURNS)) for name, case in CASES.items()}
    each = ", ".join(f"{name} {ms:.0f}" for name, ms in took_ms.items())
    note = f"longest of {TURNS} each, ms: {each}"
    return [Row(NAMES[0], max(took_ms.values()), WITHIN_MS, "lower", "ms", 1.0, note)]


class _Ear(logging.Handler):
    """When a line with certain words was said."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self.heard = threading.Event()
        self.at_ns = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        # the first line counts: an alarm is told again
        if self._words in record.getMessage() and not self.heard.is_set():
            self.at_ns = time.monotonic_ns()
            self.heard.set()


def named_ms(case: Case, give_up_s: float = _GIVE_UP_S) -> float:
    """Milliseconds from the beginning of a disturbance to its line, `give_up_s` where none came."""
    # the log as a person reads it: what counts is the line, not the flag behind it
    log, ear = logging.getLogger("gonogo.plc"), _Ear(case.words)
    station = Station(connections=_CONNECTIONS, allow=["127.0.0.0/29"])

    def plant() -> int:
        with case.plc(station.port):
            time.sleep(0.2)  # until it is proven to be the PLC
            begun_ns = time.monotonic_ns()
            case.disturb(station.port)
            ear.heard.wait(give_up_s)
            return begun_ns

    log.addHandler(ear)
    # not to the terminal: these lines are only measured
    propagates, log.propagate = log.propagate, False
    try:
        begun_ns = station.serve(plant)
    finally:
        log.propagate = propagates
        log.removeHandler(ear)
        station.close()
    return (ear.at_ns - begun_ns) / 1e6 if ear.heard.is_set() else give_up_s * 1000
