"""The Modbus client role against pyModbusTCP's server and against peers that misbehave."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.plc.register_map import D_WORDS, PlcWords, pack_plc
from gonogo.plc.transports.modbus_client import ModbusClient, ModbusClientSection
from gonogo.tests.plc.s7_bench import image

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.server import DataBank, ModbusServer

if TYPE_CHECKING:
    from collections.abc import Iterator

BITS = (True, False, True, False, True, False, False)


class Memory(DataBank):  # type: ignore[misc]
    """A PLC's memory that notes in which order we write: (first address, words)."""

    def __init__(self, **sizes: int) -> None:
        super().__init__(**sizes)
        self.writes: list[tuple[int, int]] = []

    def set_holding_registers(
        self, address: int, word_list: list[int], srv_info: object = None
    ) -> object:
        """Called by the server for FC6 and FC16."""
        if srv_info is not None:
            self.writes.append((address, len(word_list)))
        return super().set_holding_registers(address, word_list, srv_info)


class Plc:
    """A third-party Modbus server on a free port."""

    def __init__(self, **sizes: int) -> None:
        self.memory = Memory(**sizes)
        self.server = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=self.memory)
        self.server.start()
        self.port = int(self.server._service.server_address[1])

    def words(self, address: int, count: int) -> list[int]:
        """Holding registers as the PLC program would see them."""
        words: list[int] = self.memory.get_holding_registers(address, count)
        return words


@pytest.fixture
def plc() -> Iterator[Plc]:
    """A PLC with all the memory there can be."""
    plc = Plc()
    yield plc
    plc.server.stop()


@contextlib.contextmanager
def client_of(port: int, **fields: object) -> Iterator[ModbusClient]:
    """A client role, not open yet, and patient where nothing else is said: the box may be busy."""
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    section = ModbusClientSection.model_validate(
        {"driver": "modbus-client", "host": "127.0.0.1", "port": port, "timeout_ms": 1000, **fields}
    )
    client = ModbusClient(section, fd)
    try:
        yield client
    finally:
        client.close()
        os.close(fd)


def test_exchange_brings_the_whole_image_and_fetches_p(plc: Plc) -> None:
    """After the first exchange the PLC holds all 96 words, and we hold its 20."""
    words = pack_plc(PlcWords(map_version=1, heart=3, part_id=9, encoder=70_000))
    plc.memory.set_holding_registers(100, list(words))
    with client_of(plc.port) as client:
        client.open()
        inputs = client.exchange(image(5, r0=8, r7=9))
    assert plc.words(0, D_WORDS) == list(image(5, r0=8, r7=9).words)
    assert tuple(inputs.words) == words


def test_exchange_writes_records_before_res_seq_and_only_what_changed(plc: Plc) -> None:
    """A record is in the PLC before the header that counts it; what is unchanged is not sent."""
    with client_of(plc.port) as client:
        client.open()
        for step in (image(1), image(1), image(2, r3=7), image(3, r3=7), image(3, r3=7, r5=1)):
            client.exchange(step)
    first, rest = plc.memory.writes[:2], plc.memory.writes[2:]
    assert first == [(32, 64), (0, 32)]
    assert rest == [(56, 8), (0, 32), (0, 32), (72, 8)]


def test_exchange_sends_record_and_header_in_one_request_where_the_plc_takes_it_whole(
    plc: Plc,
) -> None:
    """From D0 to the last changed record; a header alone goes alone."""
    with client_of(plc.port, atomic_writes=True) as client:
        client.open()
        for step in (image(1), image(2, r3=7), image(3, r3=7)):
            client.exchange(step)
    assert plc.memory.writes == [(0, 96), (0, 64), (0, 32)]
    assert plc.words(0, D_WORDS) == list(image(3, r3=7).words)


def test_exchange_uses_the_addresses_of_the_section(plc: Plc) -> None:
    """d_base, p_base and coil_base move the three blocks."""
    plc.memory.set_holding_registers(1000, [77] * 20)
    with client_of(plc.port, d_base=2000, p_base=1000, coil_base=40) as client:
        client.open()
        inputs = client.exchange(image(5))
    assert inputs.words[3] == 77
    assert plc.words(2000, 32) == [5] * 32
    assert plc.memory.get_coils(40, 7) == list(BITS)


def test_exchange_after_reopening_writes_everything_again(plc: Plc) -> None:
    """A PLC that came back has forgotten; what it holds is unknown until written."""
    with client_of(plc.port) as client:
        client.open()
        client.exchange(image(5))
        plc.memory.set_holding_registers(0, [0] * 96)
        client.open()
        client.exchange(image(5))
    assert plc.words(0, 32) == [5] * 32


def test_since_is_the_question_before(plc: Plc) -> None:
    """A change may have happened right after the PLC answered the read before."""
    with client_of(plc.port) as client:
        client.open()
        first = client.exchange(image())
        second = client.exchange(image())
        third = client.exchange(image())
    assert first.since_ns < first.at_ns
    assert first.since_ns < second.since_ns < first.at_ns
    assert second.since_ns < third.since_ns < second.at_ns


def test_illegal_address_says_what_to_map() -> None:
    """A PLC without room for our words gets a message an engineer can act on."""
    plc = Plc(h_regs_size=50)
    try:
        with client_of(plc.port) as client:
            client.open()
            with pytest.raises(LinkRefused, match=r"exception 2 .*map 96 holding registers from 0"):
                client.exchange(image())
    finally:
        plc.server.stop()


def test_refused_connection_is_told_apart() -> None:
    """A PLC that is there but does not serve is not the same as none."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, not listening: the kernel refuses
        with (
            client_of(reserved.getsockname()[1]) as client,
            pytest.raises(LinkRefused, match="connection refused"),
        ):
            client.open()


def test_host_that_cannot_be_reached_is_a_link_error() -> None:
    """An address that no PLC can have is named."""
    with (
        client_of(502, host="255.255.255.255") as client,
        pytest.raises(LinkError, match=r"255\.255\.255\.255:502 .*cannot be reached"),
    ):
        client.open()


class Mute:
    """Accepts connections, keeps what it is told, and answers what it is given."""

    def __init__(self, answers: list[bytes]) -> None:
        self.heard: list[bytes] = []
        self.reset = False
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        try:
            self._talk(connection)
        except ConnectionResetError:
            self.reset = True
        finally:
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        while data := connection.recv(4096):
            self.heard.append(data)
            if self._answers:
                connection.sendall(self._answers.pop(0))
                if not self._answers:
                    return

    def close(self) -> None:
        """Wait for the peer to hang up."""
        self._thread.join()
        self._listener.close()


def test_silent_plc_is_a_silent_link_asked_once() -> None:
    """No reply: LinkSilent, exactly one request on the wire, and the connection is closed."""
    with contextlib.closing(Mute([])) as mute, client_of(mute.port, timeout_ms=50) as client:
        client.open()
        with pytest.raises(LinkSilent, match=r"within 50 ms .* D32-D95"):
            client.exchange(image())
        with pytest.raises(LinkError, match="not connected"):
            client.exchange(image())
    assert len(mute.heard) == 1
    assert mute.heard[0][7] == 16
    assert mute.reset  # aborted: the kernel sends nothing of it later


def test_reply_to_an_older_request_is_not_taken() -> None:
    """A reply with another transaction id does not pass for the answer."""
    stale = bytes.fromhex("00630000000601100020004000630000000601100020004000")[:12]
    with contextlib.closing(Mute([stale])) as mute, client_of(mute.port, timeout_ms=50) as client:
        client.open()
        with pytest.raises(LinkError):
            client.exchange(image())
    assert len(mute.heard) == 1


def test_plc_that_hangs_up_is_a_link_error() -> None:
    """The PLC closing the connection is told apart from silence."""
    with contextlib.closing(Mute([b"\0"])) as mute, client_of(mute.port) as client:
        client.open()
        with pytest.raises(LinkError):
            client.exchange(image())


def test_close_says_goodbye() -> None:
    """The PLC sees an orderly end of the connection, not a reset."""
    with contextlib.closing(Mute([])) as mute, client_of(mute.port) as client:
        client.open()
        client.close()
        client.close()
    assert (mute.heard, mute.reset) == ([], False)


def test_section_refuses_blocks_that_overlap() -> None:
    """What we write must not lie on what the PLC writes; the message proposes a place."""
    with pytest.raises(ValidationError, match=r"overlap; .*p_base = 150"):
        ModbusClientSection(driver="modbus-client", host="plc", d_base=50, p_base=100)


@pytest.mark.parametrize("timeout_ms", [49, 1001])
def test_section_bounds_the_timeout(timeout_ms: int) -> None:
    """A timeout beyond a part's budget, or below a scan, is refused."""
    with pytest.raises(ValidationError, match="timeout_ms"):
        ModbusClientSection(driver="modbus-client", host="plc", timeout_ms=timeout_ms)
