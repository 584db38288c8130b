"""Two stations on one PLC, over the wire: both latch FAULT, and the second one never had a say.

The PLCs are other makers' servers with a program beside them, and the PLC simulator's own.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import (
    BOX_AT,
    D_WORDS,
    OBJECTION_AT,
    RES_SEQ_AT,
    SESSION_AT,
    Command,
    PlcWords,
    State,
    StatusBit,
    pack_plc,
)
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.s7_section import S7Section
from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.server import Server as SimServer
from gonogo.tests.peers.program import program
from gonogo.tests.plc.s7_peers import DB, S7Plc

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.server import DataHandler, ModbusServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.section import TransportSection

PEERS = Path(__file__).parents[1] / "peers"
GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
WAIT_S = 60
SCAN_S = 0.01
HEART_AT, STATUS_AT = 2, 4


class Station:
    """A link and the loop thread's end of it: alive, and noting whether it ever had a permit."""

    def __init__(self, section: TransportSection, box: int = 0) -> None:
        self.link = PlcLink(section, LinkedStation(200 * NS_PER_MS, box=box))
        self.link.condition = GOOD
        self.permitted = False
        self._stop = threading.Event()
        self._loop = threading.Thread(target=self._run)

    def start(self) -> Station:
        """Both threads."""
        self.link.start()
        self._loop.start()
        return self

    def _run(self) -> None:
        while not self._stop.wait(0.001):
            self.link.alive(time.monotonic_ns())
            self.permitted |= self.link.permit

    @property
    def latched(self) -> bool:
        """FAULT, and without permit."""
        return self.link.state is State.FAULT and not self.link.permit

    def close(self) -> None:
        """Stop in order."""
        self._stop.set()
        if self._loop.ident is not None:
            self._loop.join()
        self.link.close()


class Scanned:
    """The program of a PLC, in a thread, over the memory of some server."""

    section: TransportSection

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.permits = 0  # scans that saw a permit
        self._plc = PlcWords(map_version=1, ctrl=3)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def words(self) -> list[int]:
        """D0-D95, of the server."""
        raise NotImplementedError

    def say(self, words: list[int]) -> None:
        """P100-P119, into the server."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self._stop.wait(SCAN_S):
            d, plc = self.words(), self._plc
            self.seen.add(d[SESSION_AT])
            self.permits += bool(d[STATUS_AT] & StatusBit.PERMIT)
            plc = plc._replace(heart=plc.heart + 1 & 0xFFFF, dev_heart_echo=d[HEART_AT])
            if d[STATUS_AT] & StatusBit.SYNC_REQUEST:
                if d[RES_SEQ_AT] == plc.ack_seq:
                    plc = plc._replace(session_echo=d[SESSION_AT])
            elif d[SESSION_AT] == plc.session_echo:
                plc = plc._replace(ack_seq=d[RES_SEQ_AT])
            self._plc = plc
            self.say(list(pack_plc(plc)))

    def command(self, code: int) -> None:
        """Seen with one of the next scans."""
        plc = self._plc
        self._plc = plc._replace(cmd_seq=plc.cmd_seq + 1, cmd_code=code)

    def close(self) -> None:
        """End the program."""
        self._stop.set()
        self._thread.join()


class PyModbusTcp(Scanned):
    """PyModbusTCP's server; `reads` off: D cannot be read back."""

    def __init__(self, *, reads: bool = True) -> None:
        self._server = ModbusServer(
            "127.0.0.1", 0, no_block=True, data_hdl=None if reads else WriteOnly()
        )
        self._server.start()
        port = self._server._service.server_address[1]
        self.section = client(port)
        super().__init__()

    def words(self) -> list[int]:
        """D0-D95."""
        words: list[int] = self._server.data_bank.get_holding_registers(0, D_WORDS)
        return words

    def say(self, words: list[int]) -> None:
        """P100-P119."""
        self._server.data_bank.set_holding_registers(100, words)

    def close(self) -> None:
        """End program and server."""
        super().close()
        self._server.stop()


class WriteOnly(DataHandler):  # type: ignore[misc]  # the library is not typed
    """Registers below 100 are outputs of the master's: reading them is exception 2."""

    def read_h_regs(self, address: int, count: int, srv_info: object) -> object:
        """Called by the server for FC3."""
        if address < 100:
            return DataHandler.Return(exp_code=2)
        return super().read_h_regs(address, count, srv_info)


class Simulated(Scanned):
    """The registers and the server of the PLC simulator."""

    def __init__(self) -> None:
        self._bank = Bank(0, 100, None)
        self._server = SimServer(self._bank, "127.0.0.1", 0, lambda *_, **__: None)
        self.section = client(self._server.port)
        super().__init__()

    def words(self) -> list[int]:
        """D0-D95."""
        return self._bank.image().words

    def say(self, words: list[int]) -> None:
        """P100-P119."""
        self._bank.speak(words)

    def close(self) -> None:
        """End program and server."""
        super().close()
        self._server.close()


class S7(Scanned):
    """A data block in python-snap7's server, 3.x or native libsnap7."""

    def __init__(self, *, native: bool) -> None:
        self._server, self._lock = S7Plc(native=native), threading.Lock()
        self.section = S7Section(
            driver="s7", host="127.0.0.1", port=self._server.port, db=DB, timeout_ms=1000
        )
        super().__init__()

    def words(self) -> list[int]:
        """D0-D95."""
        with self._lock:
            return self._server.words(0, D_WORDS)

    def say(self, words: list[int]) -> None:
        """P100-P119."""
        with self._lock:
            self._server.say(192, words)

    def close(self) -> None:
        """End program and server."""
        super().close()
        self._server.close()


def client(port: int) -> ModbusClientSection:
    """How a station reaches a server on loopback; never in a hurry, the test has its threads."""
    return ModbusClientSection(
        driver="modbus-client", host="127.0.0.1", port=port, timeout_ms=1000, poll_ms=3
    )


PLCS: dict[str, Callable[[], Scanned]] = {
    "pyModbusTCP": PyModbusTcp,
    "simulator": Simulated,
    "python-snap7": lambda: S7(native=False),
    "native libsnap7": lambda: S7(native=True),
}


@pytest.fixture(params=PLCS)
def plc(request: pytest.FixtureRequest) -> Iterator[Scanned]:
    """A PLC with its program running."""
    with contextlib.closing(PLCS[request.param]()) as plc:
        yield plc


@pytest.fixture
def soft() -> Iterator[PyModbusTcp]:
    """One of them, where it does not matter which."""
    with contextlib.closing(PyModbusTcp()) as plc:
        yield plc


def until(met: Callable[[], object]) -> None:
    """Await a condition; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end_s, "condition not met"
        time.sleep(0.002)


@contextlib.contextmanager
def stations(section: TransportSection, *boxes: int) -> Iterator[list[Station]]:
    """So many stations, not started yet."""
    made = [Station(section, box) for box in boxes]
    try:
        yield made
    finally:
        for station in made:
            station.close()


def test_second_station_writes_no_word_of_its_own_and_both_latch(plc: Scanned) -> None:
    """It sees a heart that is not its own, objects, and the first one hears of it."""
    with stations(plc.section, 1111, 2222) as (first, second):
        first.start()
        until(lambda: first.link.permit)
        second.start()
        until(lambda: first.latched and second.latched)
        until(lambda: plc.words()[OBJECTION_AT] == 2222)
        permits = plc.permits
        time.sleep(0.3)
        assert plc.permits == permits
        assert plc.words()[BOX_AT] == 1111
        assert second.link.session not in plc.seen
        assert not second.permitted


def test_stations_that_start_together_both_latch(plc: Scanned) -> None:
    """Both find the block quiet, both write, and neither gets a permit."""
    with stations(plc.section, 1111, 2222) as (first, second):
        first.start()
        second.start()
        until(lambda: first.latched and second.latched)
        assert not first.permitted
        assert not second.permitted
        assert plc.permits == 0


def test_fault_goes_by_command_once_the_other_station_is_gone(soft: PyModbusTcp) -> None:
    """Before that the command is refused, and the fault stands."""
    with stations(soft.section, 1111, 2222) as (first, second):
        first.start()
        until(lambda: first.link.permit)
        second.start()
        until(lambda: first.latched and second.latched)
        soft.command(Command.CLEAR_FAULT)
        until(lambda: first.link.clears == 1)
        assert first.latched
        second.close()
        until(lambda: not first.link._handover.state.strangers.lives)
        assert first.latched
        soft.command(Command.CLEAR_FAULT)
        until(lambda: first.link.permit)


def test_second_station_takes_over_when_the_first_one_is_gone(soft: PyModbusTcp) -> None:
    """Its heart stands still for two seconds; then the other writes, in FAULT until cleared."""
    with stations(soft.section, 1111, 2222) as (first, second):
        first.start()
        until(lambda: first.link.permit)
        second.start()
        until(lambda: second.latched)
        first.close()
        until(lambda: soft.words()[BOX_AT] == 2222)
        until(lambda: second.link.synced)  # a command from before it came is history
        assert second.latched
        soft.command(Command.CLEAR_FAULT)
        until(lambda: second.link.permit)


def test_stations_that_cannot_read_their_words_latch_by_the_session() -> None:
    """A PLC that answers reads of D with exception 2 has both stations all the same."""
    with (
        contextlib.closing(PyModbusTcp(reads=False)) as plc,
        stations(plc.section, 1111, 2222) as (first, second),
    ):
        first.start()
        until(lambda: first.link.permit)
        second.start()
        until(lambda: first.latched and second.latched)
        assert not second.permitted


def test_line_that_takes_over_is_the_same_device(soft: PyModbusTcp) -> None:
    """Ten lines, one after the other: each has its permit without waiting, and no fault ever."""
    for number in range(10):
        with stations(soft.section, 1111) as (line,):
            line.start()
            until(lambda line=line: line.link.permit)  # type: ignore[misc]
            assert line.link.faults == 0
            assert (line.link._handover.state.strangers.own == ()) == (
                number > 0
            )  # it had no need to look


def test_libmodbus_as_the_plc_of_two_stations(tmp_path: Path) -> None:
    """A C program with libmodbus' server and its own scan; late, and at once."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed (tests/peers/install.sh)")
    binary = tmp_path / "shared"
    command = ["gcc", "-o", str(binary), str(PEERS / "libmodbus_shared.c"), "-lmodbus"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("libmodbus-dev is not installed (tests/peers/install.sh)")
    for together in (False, True):
        with program(binary, "10") as peer:
            until(lambda peer=peer: peer.said("port"))  # type: ignore[misc]
            section = client(int(peer.said("port")[0][0]))
            with stations(section, 1111, 2222) as (first, second):
                first.start()
                if not together:
                    until(lambda first=first: first.link.permit)  # type: ignore[misc]
                second.start()
                until(lambda a=first, b=second: a.latched and b.latched)  # type: ignore[misc]
                assert not second.permitted


def test_log_says_it_once_with_its_number(
    soft: PyModbusTcp, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for each station, and who the other one is."""
    with caplog.at_level("ERROR", logger="gonogo.plc"):  # noqa: SIM117 - the stations end first
        with stations(soft.section, 1111, 2222) as (first, second):
            first.start()
            until(lambda: first.link.permit)
            second.link.condition = Condition()  # its self-test is not over yet
            second.start()
            until(lambda: first.latched and second.link.faults & FaultBit.STRANGER)
            time.sleep(0.5)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert all(line.startswith("GN404: another device writes here") for line in said)
    assert sum("BOX_ID 1111 and SESSION_ID" in line for line in said) == 1
    assert sum("BOX_ID 2222 objects" in line for line in said) == 1
