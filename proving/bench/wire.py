"""A verdict written and its acknowledgement read, over a bare socket that sends the same bytes.

Both talk to the same third-party server: libmodbus (C) for Modbus TCP, native libsnap7
for S7. What the transport sends is recorded once through a pipe in between and then sent
again as it is. The servers come from tests/peers; without them a row is not run.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.register_map import Header, Record, pack_header, pack_record, record_at
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport

PEERS = Path(__file__).parents[2] / "tests" / "peers"
NATIVE = Path(__file__).parents[2] / ".venv" / "peers" / "snap7" / "bin" / "python"
RECORDED, RUNS, TURNS = 50, 500, 4  # exchanges that are recorded, and run in each turn
S7_DB, S7_BYTES = 10, 232  # the whole map in one data block (PLC interface, 2)
NAMES = ("verdict_to_ack_modbus", "verdict_to_ack_s7")
LIMITS = (2.5, 4.0)  # of our Python over the kernel's own round trip

Talk = list[tuple[bytes, bytes]]  # requests and their replies


class Server(NamedTuple):
    """A third-party PLC on loopback: how a station is told of it, by port."""

    port: int
    section: Callable[[int], TransportSection]


def measure() -> list[Row]:
    """One row a protocol."""
    return [
        _row(NAMES[0], LIMITS[0], libmodbus, "libmodbus (gcc and libmodbus-dev)"),
        _row(NAMES[1], LIMITS[1], libsnap7, "native libsnap7 (tests/peers/install.sh)"),
    ]


def _row(name: str, limit: float, server: Callable[[ExitStack], Server | None], needs: str) -> Row:
    with ExitStack() as stack:
        found = server(stack)
        if found is None:
            return Row(name, None, None, "lower", "us", limit, f"not run: needs {needs}")
        opening, exchanges = record(found)
        ours, bare = [], []
        for _ in range(TURNS):
            ours += _ours(found)
            bare += replayed(found.port, opening, exchanges)
    note = f"p50 of {len(ours)} exchanges against {needs}; p99 {percentile(ours, 99):.0f} us over "
    note += f"{percentile(bare, 99):.0f} us"
    return Row(name, percentile(ours, 50), percentile(bare, 50), "lower", "us", limit, note)


# -- the two sides -----------------------------------------------------------------------


def image(sequence: int) -> ProcessImage:
    """What the PLC is shown when the result of that sequence has just been published."""
    # each sequence another image, as after each part
    header = Header(dev_heart=sequence, res_seq=sequence, session_id=7, status=0x1F)
    words = [*pack_header(header), *(0,) * 64]
    at = record_at(sequence)
    words[at : at + 8] = pack_record(Record(sequence, sequence, 1, 0, 1234, 0, 80))
    return ProcessImage(tuple(words), (True, False, True, False, True, False, False))


@contextmanager
def opened(section: TransportSection) -> Iterator[Transport]:
    """A transport that is connected."""
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
    transport = make_transport(section, wake_fd)
    try:
        transport.open()
        yield transport
    finally:
        transport.close()
        os.close(wake_fd)


def _ours(server: Server) -> list[float]:
    """Microseconds of each exchange of ours; the first ones are not counted."""
    # over a connection of its own, as the bare one is
    return exchanges(server.section(server.port), RUNS)


def exchanges(section: TransportSection, runs: int) -> list[float]:
    """Microseconds of each of so many exchanges but the first 50."""
    with opened(section) as transport:
        return [_timed(lambda k=k: transport.exchange(image(k))) for k in range(1, runs + 1)][50:]  # type: ignore[misc]  # a default, not a closure


def replayed(port: int, opening: Talk, exchanges: list[Talk], count: int = RUNS) -> list[float]:
    """Microseconds of the same bytes over a socket that knows nothing."""
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # negotiation and first read: not counted, as ours are not
        _replay(wire, opening)
        runs = [exchanges[k % len(exchanges)] for k in range(count)]
        return [_timed(lambda talk=talk: _replay(wire, talk)) for talk in runs][50:]  # type: ignore[misc]  # as above


def _timed(action: Callable[[], object]) -> float:
    start_ns = time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - start_ns) / 1000


def _replay(wire: socket.socket, talk: Talk) -> None:
    for request, reply in talk:
        wire.sendall(request)
        left = len(reply)
        while left:
            left -= len(wire.recv(left))


# -- recording ---------------------------------------------------------------------------


class Recorder(threading.Thread):
    """A pipe between one transport and its server that keeps what went through."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._server_port = port
        self.talk: Talk = []

    def run(self) -> None:
        """Pass on one connection; one request is outstanding at a time."""
        station, _ = self._listener.accept()
        with station, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            # one read is one request: the transport has one outstanding, on loopback
            while request := station.recv(4096):
                server.sendall(request)
                reply = server.recv(4096)
                self.talk.append((request, reply))
                station.sendall(reply)
        self._listener.close()


def record(server: Server) -> tuple[Talk, list[Talk]]:
    """What opens a connection, and what each exchange of a new result says."""
    recorder = Recorder(server.port)
    recorder.start()
    exchanges = []
    with opened(server.section(recorder.port)) as transport:
        at = len(recorder.talk)
        for sequence in range(1, RECORDED + 1):
            transport.exchange(image(sequence))
            exchanges.append(recorder.talk[at:])
            at = len(recorder.talk)
    # what came before the first exchange
    first = len(recorder.talk) - sum(len(talk) for talk in exchanges)
    # it ends with the connection: only then is the talk whole
    recorder.join()
    return recorder.talk[:first], exchanges


# -- the servers -------------------------------------------------------------------------


def libmodbus(stack: ExitStack) -> Server | None:
    """A C program with libmodbus' server; None where it cannot be had."""
    source = PEERS / "libmodbus_server.c"
    if shutil.which("gcc") is None or not source.exists():
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gonogo-bench-")))
    binary = folder / "server"
    flags = ["-O2", "-o", str(binary), str(source), "-lmodbus"]
    # no library, no row: it says so by its name
    if subprocess.run(["gcc", *flags], check=False, capture_output=True).returncode:
        return None
    port = int(_started(stack, [str(binary)]).split()[-1])

    def section(port: int) -> TransportSection:
        return ModbusClientSection(driver="modbus-client", host="127.0.0.1", port=port)

    return Server(port, section)


def libsnap7(stack: ExitStack) -> Server | None:
    """Native libsnap7's server; None where it cannot be had."""
    if not NATIVE.exists():
        return None
    port = int(_started(stack, [str(NATIVE), "-I", str(PEERS / "s7_plc.py"), str(S7_BYTES)]))

    def section(port: int) -> TransportSection:
        return S7Section(driver="s7", host="127.0.0.1", port=port, db=S7_DB)

    return Server(port, section)


def _started(stack: ExitStack, command: list[str]) -> str:
    """The first line of a server that runs until the end of `stack`."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    # undone in reverse: killed first, then waited for
    stack.enter_context(process)
    stack.callback(process.kill)
    if process.stdout is None:
        return ""
    first = process.stdout.readline()
    # it goes on talking, and would stop at a full pipe
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return first
