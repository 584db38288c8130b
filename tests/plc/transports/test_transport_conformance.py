"""What every transport does alike, each against a third-party peer."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import pytest
from pymodbus.client import ModbusSerialClient

from gonogo.base.errors import LinkError, UnknownDriver
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.catalogue import TRANSPORTS, make_transport
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClientSection
from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServerSection
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.transport import ALONE, ProcessImage
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.serial_lines import Cable, SerialPlc

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.client import ModbusClient as ThirdPartyClient
from pyModbusTCP.server import ModbusServer as ThirdPartyServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.transport import Transport

WAIT_S = 10
BITS = (True, True, False, True, False, False, True)


class Rig(Protocol):
    """A transport and the PLC at its other end."""

    transport: Transport
    wake_fd: int

    def words(self) -> list[int]:
        """D0-D95 as the PLC has them."""
        ...

    def say(self, words: list[int]) -> None:
        """The PLC changes P100-P119."""
        ...

    def end(self) -> None:
        """Take everything down."""
        ...


class ClientRig:
    """The PLC serves, we write and read."""

    def __init__(self) -> None:
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        self._plc = ThirdPartyServer("127.0.0.1", 0, no_block=True)
        self._plc.start()
        port = self._plc._service.server_address[1]
        section = ModbusClientSection(driver="modbus-client", host="127.0.0.1", port=port)
        self.transport = make_transport(section, self.wake_fd)

    def words(self) -> list[int]:
        """What was written into the PLC."""
        words: list[int] = self._plc.data_bank.get_holding_registers(0, D_WORDS)
        return words

    def say(self, words: list[int]) -> None:
        """The PLC program sets its words."""
        self._plc.data_bank.set_holding_registers(100, words)

    def end(self) -> None:
        """Stop the PLC."""
        self.transport.close()
        self._plc.stop()
        os.close(self.wake_fd)


def served(transport: Transport, work: Callable[[], object]) -> object:
    """What `work`, the PLC's side in a thread, finds while the transport waits."""
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    while thread.is_alive():
        transport.wait(0.01)
    return answers[0]


class ServerRig:
    """We serve, the PLC writes and reads."""

    def __init__(self) -> None:
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        section = ModbusServerSection(driver="modbus-server", port=0)
        self.transport: Transport = make_transport(section, self.wake_fd)

    def _ask(self, request: str, *arguments: object) -> object:
        assert isinstance(self.transport, ModbusServer)
        client = ThirdPartyClient("127.0.0.1", self.transport.port, timeout=WAIT_S)
        answer = served(self.transport, lambda: getattr(client, request)(*arguments))
        client.close()
        return answer

    def words(self) -> list[int]:
        """What the PLC reads."""
        words = self._ask("read_holding_registers", 0, D_WORDS)
        assert isinstance(words, list)
        return words

    def say(self, words: list[int]) -> None:
        """The PLC writes its words."""
        assert self._ask("write_multiple_registers", 100, words)

    def end(self) -> None:
        """Stop serving."""
        self.transport.close()
        os.close(self.wake_fd)


class RtuClientRig:
    """The PLC serves on a serial line, we are its master."""

    def __init__(self) -> None:
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        self._folder = TemporaryDirectory()
        self._cable = Cable(Path(self._folder.name))
        self._plc = SerialPlc(self._cable.plc)
        section = ModbusRtuClientSection(
            driver="modbus-rtu-client",
            device=str(self._cable.station),
            parity="none",
            timeout_ms=5000,
        )
        self.transport = make_transport(section, self.wake_fd)

    def words(self) -> list[int]:
        """What was written into the PLC."""
        return self._plc.words(0, D_WORDS)

    def say(self, words: list[int]) -> None:
        """The PLC program sets its words."""
        self._plc.set_words(100, words)

    def end(self) -> None:
        """Stop the PLC."""
        self.transport.close()
        self._plc.close()
        self._cable.close()
        self._folder.cleanup()
        os.close(self.wake_fd)


class RtuServerRig:
    """We serve on a serial line, the PLC is its master."""

    def __init__(self) -> None:
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        self._folder = TemporaryDirectory()
        self._cable = Cable(Path(self._folder.name))
        self._plc = ModbusSerialClient(
            str(self._cable.plc), baudrate=115200, timeout=WAIT_S, retries=0
        )
        assert self._plc.connect()
        section = ModbusRtuServerSection(
            driver="modbus-rtu-server", device=str(self._cable.station), parity="none"
        )
        self.transport = make_transport(section, self.wake_fd)

    def words(self) -> list[int]:
        """What the PLC reads."""
        reply = served(
            self.transport, lambda: self._plc.read_holding_registers(0, count=D_WORDS).registers
        )
        assert isinstance(reply, list)
        return reply

    def say(self, words: list[int]) -> None:
        """The PLC writes its words."""
        assert served(self.transport, lambda: not self._plc.write_registers(100, words).isError())

    def end(self) -> None:
        """Stop serving."""
        self.transport.close()
        self._plc.close()  # type: ignore[no-untyped-call]
        self._cable.close()
        self._folder.cleanup()
        os.close(self.wake_fd)


class S7Rig:
    """The PLC has a data block, we write and read."""

    def __init__(self) -> None:
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        self._plc = S7Plc()
        section = S7Section(driver="s7", host="127.0.0.1", port=self._plc.port, db=DB)
        self.transport: Transport = make_transport(section, self.wake_fd)

    def words(self) -> list[int]:
        """What was written into the block."""
        return self._plc.words(0, D_WORDS)

    def say(self, words: list[int]) -> None:
        """The PLC program sets its words."""
        self._plc.say(192, words)

    def end(self) -> None:
        """Stop the PLC."""
        self.transport.close()
        self._plc.close()
        os.close(self.wake_fd)


RIGS: dict[str, Callable[[], Rig]] = {
    "modbus-client": ClientRig,
    "modbus-server": ServerRig,
    "modbus-rtu-client": RtuClientRig,
    "modbus-rtu-server": RtuServerRig,
    "s7": S7Rig,
}


WORDLESS = {"modbus-io"}  # a module of coils has no words to bring: test_modbus_io.py


@pytest.fixture(params=sorted(set(TRANSPORTS.names) - WORDLESS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """One rig for each driver in the table; a driver without one fails here."""
    rig: Rig = RIGS[request.param]()
    yield rig
    rig.end()


def image(base: int) -> ProcessImage:
    """An image in which every word is different."""
    return ProcessImage(tuple(range(base, base + D_WORDS)), BITS)


def test_transport_needs_open(rig: Rig) -> None:
    """An exchange before open is a LinkError, and wait and close do no harm."""
    rig.transport.close()
    rig.transport.wait(0)
    with pytest.raises(LinkError, match="call open first"):
        rig.transport.exchange(image(0))


def test_transport_brings_the_image_whole(rig: Rig) -> None:
    """Whatever changed from one exchange to the next, the PLC has all 96 words."""
    rig.transport.open()
    for base in (100, 200):
        rig.transport.exchange(image(base))
        assert rig.words() == list(image(base).words)


def test_transport_looks_at_what_stands_in_the_plc(rig: Rig) -> None:
    """D0-D31 as written last, whoever did; nothing where they stand in memory of ours."""
    rig.transport.open()
    before = rig.transport.read_back()
    assert before is not None
    rig.transport.exchange(image(100))
    ours = rig.transport.read_back(mark=7)
    if isinstance(rig, ServerRig | RtuServerRig):
        assert (before, ours) == (ALONE, ALONE)
        return
    assert list(before) == [0] * HEADER_WORDS
    expected = list(image(100).words[:HEADER_WORDS])
    expected[OBJECTION_AT] = 7
    assert ours is not None
    assert list(ours) == expected == rig.words()[:HEADER_WORDS]


def test_transport_writes_nothing_when_it_looks(rig: Rig) -> None:
    """Without a mark the PLC has what it had."""
    rig.transport.open()
    rig.transport.exchange(image(100))
    rig.transport.read_back()
    assert rig.words() == list(image(100).words)


def test_transport_fetches_what_the_plc_says(rig: Rig) -> None:
    """P100-P119 arrive as the PLC wrote them, between since and at."""
    rig.transport.open()
    rig.transport.exchange(image(0))
    rig.say(list(range(500, 500 + P_WORDS)))
    inputs = rig.transport.exchange(image(0))
    assert list(inputs.words) == list(range(500, 500 + P_WORDS))
    assert inputs.since_ns < inputs.at_ns


def test_transport_times_never_leave_a_gap(rig: Rig) -> None:
    """Each exchange reaches back to before the one before had its answer."""
    rig.transport.open()
    last = rig.transport.exchange(image(0))
    for _ in range(5):
        rig.transport.wait(0.001)
        inputs = rig.transport.exchange(image(0))
        assert last.since_ns <= inputs.since_ns <= last.at_ns < inputs.at_ns
        last = inputs


def test_transport_wait_ends_when_woken(rig: Rig) -> None:
    """A verdict does not wait for the poll; the descriptor is left to the link to read."""
    rig.transport.open()
    os.eventfd_write(rig.wake_fd, 1)
    rig.transport.wait(600)  # a wait that does not end fails the test by its time
    assert os.eventfd_read(rig.wake_fd) == 1


def test_transport_wait_ends_by_itself(rig: Rig) -> None:
    """Without a wake the time given is enough."""
    rig.transport.open()
    rig.transport.wait(0.001)
    with pytest.raises(BlockingIOError):
        os.eventfd_read(rig.wake_fd)


def test_transport_opens_again_after_close(rig: Rig) -> None:
    """Close is idempotent, and a new connection starts from nothing."""
    for base in (1, 2):
        rig.transport.open()
        rig.transport.exchange(image(base))
        assert rig.words() == list(image(base).words)
        rig.transport.close()
        rig.transport.close()


def test_unknown_driver_names_the_known_ones() -> None:
    """A driver that no table holds is an error that lists what there is."""
    section = ModbusServerSection.model_construct(driver="profinet")  # type: ignore[arg-type]
    with pytest.raises(UnknownDriver, match="'profinet'; known: modbus-client, modbus-server, "):
        make_transport(section, 0)
