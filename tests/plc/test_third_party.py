"""Third-party software as the PLC: every peer lets a part through the real link.

tests/peers/install.sh installs what it can; each test skips by the name of what is missing.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS, Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import Record, record_at, unpack_header, unpack_record
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServerSection
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.proving.peers.cells import CELLS, Cell
from gonogo.proving.peers.raw import ask, frame
from gonogo.tests.peers.program import Program, program
from gonogo.tests.serial_lines import Cable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.handshake.state import Delivery
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "tests" / "peers"
GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
WAIT_S = 60
PART_ID = 4242
ACCEPT = Verdict(
    VerdictKind.ACCEPT, Reason.OK, 500, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
)
REJECT = Verdict(
    VerdictKind.REJECT, Reason.ENGINE, 9000, Mode.FULL, VerdictKind.REJECT, VerdictKind.ACCEPT
)


class Line:
    """The line's side of a link: alive, and collecting what became of its verdicts."""

    def __init__(
        self, section: TransportSection, transport: Callable[[int], Transport] | None = None
    ) -> None:
        self.link = PlcLink(section, LinkedStation(200 * NS_PER_MS), transport=transport)
        self.link.condition = GOOD
        self.link.start()
        self.deliveries: list[Delivery] = []

    def until(self, met: Callable[[], object]) -> None:
        """Be alive until a condition is met; the bound only ends a test that fails."""
        end = time.monotonic() + WAIT_S
        while not met():
            assert time.monotonic() < end, f"condition not met: {self.link.state.name}"
            self.link.alive(time.monotonic_ns())
            self.deliveries += self.link.deliveries()
            time.sleep(0.002)

    def report(self, part_id: int, verdict: Verdict) -> None:
        """A verdict with plenty of time."""
        now_ns = time.monotonic_ns()
        self.link.report(Part(part_id, part_id, now_ns, now_ns, now_ns, now_ns + 10**11), verdict)

    def close(self) -> None:
        """Stop the link."""
        self.link.close()


@pytest.fixture
def served() -> Iterator[tuple[Line, str]]:
    """A line whose link serves Modbus TCP, and its port once it listens."""
    made: list[ModbusServer] = []
    section = ModbusServerSection(driver="modbus-server", port=0)

    def make(wake_fd: int) -> ModbusServer:
        made.append(ModbusServer(section, wake_fd))
        return made[0]

    line = Line(section, make)
    line.until(lambda: made[0].port)
    yield line, str(made[0].port)
    line.close()


def let_parts_through(line: Line, peer: Program) -> None:
    """A reject and an accept: the peer sees each record whole, acknowledges it, and is heard."""
    line.until(lambda: peer.said("permit") and line.link.permit)
    for count, (part_id, verdict) in enumerate(((PART_ID, REJECT), (PART_ID + 1, ACCEPT)), 1):
        line.report(part_id, verdict)
        line.until(lambda count=count: len(line.deliveries) == count)  # type: ignore[misc]
        assert (line.deliveries[-1].part_id, line.deliveries[-1].delivered) == (part_id, True)
        line.until(lambda count=count: len(peer.said("record")) == count)  # type: ignore[misc]
        words = peer.said("record")[-1]
        record = unpack_record([int(word) for word in words[:8]])
        assert as_reported(record, part_id, verdict)
        rejected = verdict.kind is VerdictKind.REJECT
        bits = [word == "1" for word in words[9:]]
        assert len(bits) == 7
        assert bits[2:4] == [not rejected, rejected]


def as_reported(record: Record | None, part_id: int, verdict: Verdict) -> bool:
    """Whether a record is whole and says what the line has said."""
    assert record is not None
    said = (record.part_id, record.verdict, record.reason)
    return said == (part_id, verdict.kind, verdict.reason)


# -- masters that poll us --------------------------------------------------------------


def test_pymodbustcp_as_master(served: tuple[Line, str]) -> None:
    """PyModbusTCP's client, in a process of its own."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    line, port = served
    master = PEERS / "python_master.py"
    with program(sys.executable, master, "pyModbusTCP", "127.0.0.1", port) as peer:
        let_parts_through(line, peer)


@pytest.mark.parametrize("library", ["modbus_tk", "umodbus", "async_modbus"])
def test_python_library_as_master(served: tuple[Line, str], library: str) -> None:
    """Its master, in an environment of its own."""
    line, port = served
    python = environment(library)
    with program(python, PEERS / "python_master.py", library, "127.0.0.1", port) as peer:
        let_parts_through(line, peer)


def test_minimalmodbus_as_master_of_a_serial_line(tmp_path: Path) -> None:
    """The library of single-board PLCs, at the other end of a cable."""
    python, unit = environment("minimalmodbus"), "5"
    with contextlib.closing(Cable(tmp_path)) as cable:
        section = ModbusRtuServerSection(
            driver="modbus-rtu-server", device=str(cable.station), unit=int(unit), parity="none"
        )
        with (
            contextlib.closing(Line(section)) as line,
            program(
                python, PEERS / "python_master.py", "minimalmodbus", str(cable.plc), unit
            ) as peer,
        ):
            let_parts_through(line, peer)


@pytest.mark.parametrize(
    ("package", "script"), [("modbus-serial", "modbus_serial.js"), ("jsmodbus", "jsmodbus.js")]
)
def test_node_library_as_master(served: tuple[Line, str], package: str, script: str) -> None:
    """The Modbus clients of Node-RED and its kin."""
    node = tool("node")
    if not (PEERS / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not installed (tests/peers/install.sh)")
    line, port = served
    with program(node, PEERS / script, "127.0.0.1", port) as peer:
        let_parts_through(line, peer)


def test_libmodbus_as_master(served: tuple[Line, str], libmodbus: Path) -> None:
    """A C program with libmodbus' client."""
    line, port = served
    with program(libmodbus / "libmodbus_master", "127.0.0.1", port) as peer:
        let_parts_through(line, peer)


def test_mbpoll_as_master_of_bits_alone(served: tuple[Line, str]) -> None:
    """Mbpoll polls the reject bit, reads the record, and acknowledges by the toggle coil."""
    mbpoll = tool("mbpoll")
    line, port = served
    where = ("-m", "tcp", "-p", port, "127.0.0.1")

    def values(kind: int, first: int, count: int) -> list[int]:
        asked = ("-0", "-1", "-q", "-t", str(kind), "-r", str(first), "-c", str(count))
        said = subprocess.run(
            [mbpoll, *asked, *where], check=True, capture_output=True, text=True
        ).stdout
        lines = (text.split() for text in said.splitlines() if text.startswith("["))
        return [int(words[1]) for words in lines]

    def write(coil: int, value: int) -> None:
        command = [mbpoll, "-0", "-q", "-t", "0", "-r", str(coil), *where, str(value)]
        subprocess.run(command, check=True, capture_output=True)

    with program(mbpoll, "-0", "-t", "1", "-r", "0", "-c", "7", "-l", "20", *where):
        write(1, 1)  # enable; the polls of the program above are this PLC's life
        line.until(lambda: line.link.permit)
        line.report(PART_ID, REJECT)
        line.until(lambda: unpack_header(values(4, 0, 96)).res_seq == 1)
        record = unpack_record(values(4, record_at(1), 8))
        assert as_reported(record, PART_ID, REJECT)
        assert values(1, 2, 2) == [0, 1]
        assert line.deliveries == []
        write(0, 1)
        line.until(lambda: line.deliveries)
    assert (line.deliveries[0].part_id, line.deliveries[0].delivered) == (PART_ID, True)


# -- a server that we write into -------------------------------------------------------


def test_libmodbus_as_the_plc_of_the_client_role(libmodbus: Path) -> None:
    """A C program with libmodbus' server gets record, coils, and acknowledges."""
    with (
        program(libmodbus / "libmodbus_server") as peer,
        contextlib.closing(Line(client_section(peer))) as line,
    ):
        let_parts_through(line, peer)


def client_section(peer: Program) -> ModbusClientSection:
    """A section for a peer that serves on loopback."""
    return ModbusClientSection(
        driver="modbus-client", host="127.0.0.1", port=port_of(peer), coil_base=16, timeout_ms=1000
    )


def port_of(peer: Program) -> int:
    """The port that a serving peer has said."""
    end = time.monotonic() + WAIT_S
    while not peer.said("port"):
        assert time.monotonic() < end, "the peer said no port"
        time.sleep(0.002)
    return int(peer.said("port")[0][0])


# -- the reference ---------------------------------------------------------------------


def test_libmodbus_answers_the_cells_alike(libmodbus: Path) -> None:
    """Where a cell does not turn on whose word it is, libmodbus' server says the same."""
    general = [cell for cell in CELLS if cell.general]
    assert len(general) > 60
    with program(libmodbus / "libmodbus_server") as peer:
        port = port_of(peer)
        others = {cell.name: ask(port, frame(5, cell.request)) for cell in general}
    assert [cell.name for cell in general if not alike(cell, others[cell.name])] == []


def alike(cell: Cell, replies: list[bytes]) -> bool:
    """Whether another server has answered a cell with the same exception, or as many bytes."""
    (reply,) = replies
    if isinstance(cell.reply, int):
        return reply == frame(5, bytes([cell.request[0] | 0x80, cell.reply]))
    return (reply[:8], len(reply)) == (frame(5, cell.reply)[:8], 7 + len(cell.reply))


# -- what must be installed ------------------------------------------------------------


def tool(name: str) -> str:
    """The path of a program, or a skip that names it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (tests/peers/install.sh)")
    return found


def environment(library: str) -> Path:
    """The interpreter that has a library, or a skip that names it."""
    folder = ROOT / ".venv" / "peers" / library
    if not any(folder.glob(".installed-*")):
        pytest.skip(f"{library} is not installed (tests/peers/install.sh)")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def libmodbus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the C peers, compiled."""
    gcc = tool("gcc")
    probe = [gcc, "-E", "-include", "modbus/modbus.h", "-x", "c", "/dev/null"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("libmodbus-dev is not installed (tests/peers/install.sh)")
    folder = tmp_path_factory.mktemp("libmodbus")
    for name in ("libmodbus_master", "libmodbus_server"):
        source, made = str(PEERS / f"{name}.c"), str(folder / name)
        command = [gcc, "-Wall", "-Wextra", "-Werror", "-o", made, source, "-lmodbus"]
        subprocess.run(command, check=True)
    return folder
