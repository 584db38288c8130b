"""Who disturbs a line whose PLC polls us: named, and a fault where a verdict is at stake."""

from __future__ import annotations

import contextlib
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS, FaultBit, Mode, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import State
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.proving.peers.raw import Station, ask, connect, frame, read_frame
from gonogo.proving.peers.raw_plc import RUN, BitsPlc, WordsPlc
from gonogo.tests.fakes import part_now
from gonogo.tests.peers.program import program
from gonogo.tests.plc.test_third_party import tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.handshake.state import Delivery

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "tests" / "peers"
WAIT_S = 60
GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
ACCEPT = Verdict(
    VerdictKind.ACCEPT, Reason.OK, 500, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
)
CLEAR = 1


class Line:
    """The line's side of a link that serves on a free port."""

    def __init__(self, said: Callable[[], list[str]]) -> None:
        self._said = said
        self._made: list[ModbusServer] = []
        section = ModbusServerSection(driver="modbus-server", port=0)

        def make(wake_fd: int) -> ModbusServer:
            self._made.append(ModbusServer(section, wake_fd))
            return self._made[0]

        self.link = PlcLink(section, LinkedStation(200 * NS_PER_MS), transport=make)
        self.link.condition = GOOD
        self.deliveries: list[Delivery] = []
        self.link.start()
        self.until("no server", lambda: self.port)

    @property
    def port(self) -> int:
        """Where it serves."""
        return self._made[0].port if self._made else 0

    def until(self, what: str, met: Callable[[], object]) -> None:
        """Be alive until a condition is met; the bound only ends a test that fails."""
        end = time.monotonic() + WAIT_S
        while not met():
            assert time.monotonic() < end, f"{what}: {self.link.state.name} {self._said()}"
            self.turn()

    def turn(self) -> None:
        """One look of the line."""
        self.link.alive(time.monotonic_ns())
        self.deliveries += self.link.deliveries()
        time.sleep(0.002)

    def named(self, *words: str) -> bool:
        """Whether one line of the log has all these words."""
        return any(all(word in line for word in words) for line in self._said())

    def delivers(self, part_id: int) -> bool:
        """Whether a verdict is acknowledged."""
        self.deliveries.clear()
        self.link.report(part_now(part_id), ACCEPT)
        self.until("no delivery", lambda: self.deliveries)
        return self.deliveries[0].delivered


@pytest.fixture
def line(caplog: pytest.LogCaptureFixture) -> Iterator[Line]:
    """A line, and what its link says."""
    caplog.set_level("INFO")
    line = Line(lambda: caplog.messages)
    yield line
    line.link.close()


# -- two masters -------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["127.0.0.2", "127.0.0.1"])
def test_second_master_is_named_and_a_fault_until_it_is_off_and_cleared(
    line: Line, source: str
) -> None:
    """From elsewhere, or a second program on the PLC's own computer."""
    with WordsPlc(line.port) as plc:
        line.until("no permit", lambda: line.link.permit)
        with WordsPlc(line.port, source, heart=30_000):
            line.until("no fault", lambda: line.link.state is State.FAULT)
            assert not line.link.permit
            line.until("not named", lambda: line.named("seen as two PLCs", source))
            fault = "GN404: another device writes here, as a second PLC"
            line.until("not said", lambda: line.named(fault))  # it is said after it is so
            plc.command = CLEAR
            line.until("not cleared", lambda: line.link.clears)
            line.until("no fault again", lambda: line.link.state is State.FAULT)

        def permitted() -> bool:
            """It takes a second until the other one is believed to be gone."""
            plc.command = CLEAR
            return line.link.permit

        line.until("no permit again", permitted)
        assert line.delivers(7)


def test_single_foreign_write_is_refused_and_named_and_no_fault(line: Line) -> None:
    """Verdicts go on; the one who wrote is told "busy"."""
    with WordsPlc(line.port):
        line.until("no permit", lambda: line.link.permit)
        with connect(line.port, "127.0.0.9") as sock:
            sock.sendall(frame(1, struct.pack(">BHH", 6, 103, 9)))
            assert read_frame(sock)[7:] == b"\x86\x06"
        line.until("not named", lambda: line.named("127.0.0.9 writes", "P103", "127.0.0.1"))
        assert line.delivers(8)
        assert line.link.permit


@pytest.mark.parametrize("other", ["modbus_tk", "jsmodbus", "modbus-serial", "libmodbus"])
def test_two_third_party_masters_are_a_fault(line: Line, other: str) -> None:
    """Two PLCs of other makers' software, on one computer."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    port = str(line.port)
    with contextlib.ExitStack() as stack:
        command = second_master(other, stack)
        master = PEERS / "python_master.py"
        first = (sys.executable, master, "pyModbusTCP", "127.0.0.1", port)
        stack.enter_context(program(*first))
        line.until("no permit", lambda: line.link.permit)
        stack.enter_context(program(*command, "127.0.0.1", port))
        line.until("no fault", lambda: line.link.state is State.FAULT)
        line.until("not named", lambda: line.named("another device writes here", "127.0.0.1:"))


def second_master(name: str, stack: contextlib.ExitStack) -> tuple[str | Path, ...]:
    """How it is called, or a skip that names what is missing."""
    if name == "modbus_tk":
        python = ROOT / ".venv" / "peers" / "modbus_tk" / "bin" / "python"
        if not python.exists():
            pytest.skip("modbus_tk is not installed (tests/peers/install.sh)")
        return python, PEERS / "python_master.py", "modbus_tk"
    if name == "libmodbus":
        return (built_libmodbus(stack),)
    if not (PEERS / "node_modules" / name).is_dir():
        pytest.skip(f"{name} is not installed (tests/peers/install.sh)")
    script = {"jsmodbus": "jsmodbus.js", "modbus-serial": "modbus_serial.js"}[name]
    return tool("node"), PEERS / script


def built_libmodbus(stack: contextlib.ExitStack) -> Path:
    """The C master, compiled."""
    import tempfile  # noqa: PLC0415 - here alone

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    made = folder / "master"
    command = [tool("gcc"), "-o", str(made), str(PEERS / "libmodbus_master.c"), "-lmodbus"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("libmodbus-dev is not installed (tests/peers/install.sh)")
    return made


# -- a PLC of bits alone -----------------------------------------------------------------


@pytest.mark.parametrize("source", ["127.0.0.2", "127.0.0.1"])
def test_one_foreign_word_does_not_end_a_line_of_bits(line: Line, source: str) -> None:
    """Words that mean most, from sockets that come and go: verdicts are acknowledged on."""
    with BitsPlc(line.port):
        line.until("no permit", lambda: line.link.permit)
        for word in (101, 102, 103, 104, 115):
            with connect(line.port, source) as sock:
                sock.sendall(frame(1, struct.pack(">BHH", 6, word, 9)))
                assert read_frame(sock)
            for _ in range(200):  # not two masters: one write every half second
                line.turn()
        assert line.delivers(9)
        assert line.link.permit
        line.until("not named", lambda: line.named(f"{source} writes"))


def test_mbpoll_does_not_end_a_line_of_bits(line: Line) -> None:
    """As a technician would write a word by hand."""
    mbpoll = tool("mbpoll")
    with BitsPlc(line.port):
        line.until("no permit", lambda: line.link.permit)
        where = ("-m", "tcp", "-p", str(line.port), "127.0.0.1")
        command = [mbpoll, "-0", "-q", "-t", "4", "-r", "103", *where, "77"]
        subprocess.run(command, check=True, capture_output=True)
        line.until("not named", lambda: line.named("127.0.0.1 writes P words beside"))
        assert line.delivers(10)


@pytest.mark.parametrize("source", ["127.0.0.2", "127.0.0.1"])
def test_observer_does_not_keep_a_dead_plc_of_bits_alive(line: Line, source: str) -> None:
    """It reads the inputs all the time, before and after."""

    class Observer(BitsPlc):
        """Reads, and never writes."""

        def scan(self, sock: object) -> None:
            """The discrete inputs and the coils."""
            for code in (1, 2):
                self.ask(sock, struct.pack(">BHH", code, 0, 7))  # type: ignore[arg-type]

    with Observer(line.port, source), BitsPlc(line.port) as plc:
        line.until("no permit", lambda: line.link.permit)
        plc.die()
        line.until("link not lost", lambda: line.link.state is State.LINK_LOST)
        for _ in range(500):
            line.turn()
            assert not line.link.permit


def test_mbpoll_as_observer_does_not_keep_it_alive(line: Line) -> None:
    """The usual tool, which polls the inputs."""
    mbpoll = tool("mbpoll")
    where = ("-m", "tcp", "-p", str(line.port), "127.0.0.1")
    with program(mbpoll, "-0", "-t", "1", "-r", "0", "-c", "7", "-l", "20", *where):
        with BitsPlc(line.port):
            line.until("no permit", lambda: line.link.permit)
        line.until("link not lost", lambda: line.link.state is State.LINK_LOST)
        for _ in range(500):
            line.turn()
            assert not line.link.permit


def test_fault_of_a_line_of_bits_is_cleared_by_its_enable(line: Line) -> None:
    """Off and on: no word, no restart."""
    with BitsPlc(line.port) as plc:
        line.until("no permit", lambda: line.link.permit)
        with WordsPlc(line.port, "127.0.0.2"):
            line.until("no fault", lambda: line.link.state is State.FAULT)

        def permitted() -> bool:
            """Whoever is at the panel does so until it helps."""
            plc.enable = not plc.enable
            for _ in range(30):
                line.turn()
            return line.link.permit

        line.until("no permit again", permitted)


# -- what else disturbs ------------------------------------------------------------------


@pytest.fixture
def station() -> Iterator[Station]:
    """A server role that takes two connections."""
    with contextlib.closing(Station(connections=2, allow=["127.0.0.0/29"])) as station:
        yield station


def crowd(port: int, source: str) -> None:
    """More connections than are allowed, one after the other, all kept."""
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            sock = stack.enter_context(connect(port, source))
            sock.sendall(frame(1, struct.pack(">BHH", 3, 0, 2)))
            assert read_frame(sock)


def nonsense(port: int, source: str) -> None:
    """What is not Modbus."""
    with connect(port, source) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert not read_frame(sock)


def strange_question(port: int, source: str) -> None:
    """A register as an engineer's manual numbers it."""
    with connect(port, source) as sock:
        sock.sendall(frame(1, struct.pack(">BHH", 3, 40001, 2)))
        assert read_frame(sock)[7:] == b"\x83\x02"


def unknown_object(port: int, source: str) -> None:
    """A way to read the identity that does not exist, on which the library fails."""
    with connect(port, source) as sock:
        sock.sendall(frame(1, b"\x2b\x0e\x00\x00"))
        assert read_frame(sock)[7:] == b"\xab\x04"


def knock(port: int, source: str) -> None:
    """From an address that is not allowed."""
    del source
    with connect(port, "127.0.0.77") as sock:
        assert not read_frame(sock)


@pytest.mark.parametrize(
    ("disturb", "words"),
    [
        (crowd, ["127.0.0.5 has opened one connection too many", "of 127.0.0.5, was ended"]),
        (crowd, ["127.0.0.5 opens one connection after the other"]),
        (nonsense, ["127.0.0.5 sends what is not Modbus (47 45 54 20 2f 20)"]),
        (strange_question, ["127.0.0.5 asks for what there is not", "function 3", "exception 2"]),
        (unknown_object, ["127.0.0.5 sends what we fail on: function 43", "exception 4"]),
        (knock, ["127.0.0.77 turned away"]),
    ],
)
def test_disturber_is_named_with_what_it_does(
    station: Station,
    caplog: pytest.LogCaptureFixture,
    disturb: Callable[[int, str], None],
    words: list[str],
) -> None:
    """One line at once, however often; one with the count when it is over."""
    for _ in range(20):
        station.serve(lambda: disturb(station.port, "127.0.0.5"))
    lines = [text for text in caplog.messages if all(word in text for word in words)]
    assert len(lines) == 1
    end_s = time.monotonic() + WAIT_S
    while not any(": over, " in text and words[0].split()[0] in text for text in caplog.messages):
        assert time.monotonic() < end_s, caplog.messages
        station.server.wait(0.05)


def test_peer_that_goes_silent_in_the_middle_of_a_request_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its connection is ended as an idle one is, but with a reason."""
    with contextlib.closing(Station(idle_s=1)) as station, connect(station.port) as sock:
        sock.sendall(frame(1, struct.pack(">BHH", 3, 0, 2))[:7])
        station.serve(lambda: read_frame(sock))
    assert any("127.0.0.1 has sent a part of a request" in text for text in caplog.messages)


def test_ordinary_plc_is_not_mentioned(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    """A PLC that connects, asks, writes and hangs up, ten times over."""
    for heart in range(3):
        request = frame(1, struct.pack(">BHHBHHH", 16, 100, 3, 6, 1, heart, RUN))
        assert station.serve(lambda request=request: ask(station.port, request))  # type: ignore[misc]
    for _ in range(60):
        station.server.wait(0.05)
    assert caplog.messages == []


def test_fault_is_that_of_another_device(station: Station) -> None:
    """As the link shows it in D5 and the block in its alarm 19; asked for while both write."""

    def together() -> None:
        with connect(station.port) as one, connect(station.port, "127.0.0.2") as other:
            for heart in range(8):
                for sock, value in ((one, heart), (other, 500 + heart)):
                    sock.sendall(frame(1, struct.pack(">BHH", 6, 101, value)))
                    assert read_frame(sock)

    station.serve(together)
    assert station.server.exchange(station.image).faults == FaultBit.STRANGER
