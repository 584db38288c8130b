"""The Modbus server role, polled by pyModbusTCP, pymodbus and by bare sockets."""

from __future__ import annotations

import os
import random
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from pymodbus.client import ModbusTcpClient

from gonogo.base.errors import LinkError, PortInUse
from gonogo.base.words import VerdictKind
from gonogo.plc.register_map import (
    D_WORDS,
    Header,
    PlcWords,
    Record,
    pack_header,
    pack_plc,
    pack_record,
)
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.peers.raw import BITS, WAIT_S, Station, ask, frame, read_frame

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.client import ModbusClient as ThirdParty

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def station() -> Iterator[Station]:
    """A server role on a free port."""
    station = Station()
    yield station
    station.close()


@pytest.fixture
def plc(station: Station) -> Iterator[ThirdParty]:
    """A third-party client, connected on its first request."""
    client = ThirdParty("127.0.0.1", station.port, timeout=WAIT_S)
    yield client
    client.close()


READ_HEADER = struct.pack(">BHH", 3, 0, 32)


# -- third party -----------------------------------------------------------------------


def test_third_party_reads_a_result_and_the_reject_bits(station: Station, plc: ThirdParty) -> None:
    """A PLC that polls finds header, record and discrete bits as the interface says."""
    header = pack_header(Header(res_seq=3, session_id=9))
    record = pack_record(Record(3, 41, VerdictKind.REJECT, 20, 7000, 0, 120))
    words = (*header, *(0,) * 24, *record, *(0,) * 32)
    station.image = ProcessImage(words, BITS)
    assert station.serve(lambda: plc.read_holding_registers(0, D_WORDS)) == list(words)
    assert station.serve(lambda: plc.read_input_registers(56, 8)) == list(record)
    assert station.serve(lambda: plc.read_discrete_inputs(0, 7)) == list(BITS)
    assert station.serve(lambda: plc.read_coils(16, 7)) == list(BITS)


def test_third_party_writes_p(station: Station, plc: ThirdParty) -> None:
    """FC16 for the block and FC6 for one word arrive, and can be read back."""
    words = pack_plc(PlcWords(map_version=1, heart=2, ctrl=3, part_id=44))
    assert station.serve(lambda: plc.write_multiple_registers(100, list(words)))
    assert station.plc() == words
    assert station.serve(lambda: plc.write_single_register(104, 17))
    assert station.plc()[4] == 17
    assert station.serve(lambda: plc.read_holding_registers(100, 20))[4] == 17


def test_read_and_write_in_one_request(station: Station) -> None:
    """FC23 writes P and reads D in one round trip."""
    station.image = ProcessImage(tuple(range(D_WORDS)), BITS)
    client = ModbusTcpClient("127.0.0.1", port=station.port, timeout=WAIT_S, retries=0)
    reply = station.serve(
        lambda: client.readwrite_registers(
            read_address=10, read_count=5, write_address=101, values=[7, 3], device_id=1
        )
    )
    client.close()  # type: ignore[no-untyped-call]
    assert reply.registers == [10, 11, 12, 13, 14]
    assert station.plc()[1:3] == (7, 3)


@pytest.mark.parametrize(
    "pdu",
    [
        struct.pack(">BHH", 6, 12, 1),  # RES_SEQ is ours
        struct.pack(">BHHBHH", 16, 95, 2, 4, 1, 1),
        struct.pack(">BHHBHH", 16, 119, 2, 4, 1, 1),  # past the end of P
        struct.pack(">BHHHHBH", 23, 0, 1, 0, 1, 2, 5),
        struct.pack(">BHH", 5, 2, 0xFF00),
        struct.pack(">BHH", 5, 16, 0xFF00),  # the mirror is ours
        struct.pack(">BHHBB", 15, 1, 2, 1, 3),
        struct.pack(">BHH", 3, 90, 20),  # over the gap between D and P
        struct.pack(">BHH", 4, 100, 1),
        struct.pack(">BHH", 3, 120, 1),
    ],
)
def test_address_that_is_not_the_plcs_is_exception_2(station: Station, pdu: bytes) -> None:
    """Nothing outside P and coils 0 and 1 can be written, and nothing changes."""
    before = station.plc()
    (reply,) = station.serve(lambda: ask(station.port, frame(1, pdu)))
    assert reply[7:] == bytes([pdu[0] | 0x80, 2])
    assert station.plc() == before
    assert tuple(station.image.words) == (0,) * D_WORDS


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        (struct.pack(">BHH", 3, 0, 0), 3),
        (struct.pack(">BHH", 3, 0, 126), 3),
        (struct.pack(">BHH", 2, 0, 2001), 3),
        (struct.pack(">BHHB", 16, 100, 0, 0), 3),
        (struct.pack(">BHHBH", 16, 100, 2, 2, 1), 3),  # byte count says one word
        (b"\x63\x00", 1),
        (struct.pack(">BHH", 8, 4, 0), 1),  # "listen only" would silence us
    ],
)
def test_request_out_of_range_is_answered_as_such(station: Station, pdu: bytes, code: int) -> None:
    """Quantities beyond Modbus' limits are exception 3, unknown functions exception 1."""
    (reply,) = station.serve(lambda: ask(station.port, frame(1, pdu)))
    assert reply[7:] == bytes([pdu[0] | 0x80, code])


def test_unit_of_another_device_is_refused() -> None:
    """With a unit of our own, another one's requests are answered with exception 11."""
    station = Station(unit=5)
    ours, other = (frame(1, READ_HEADER, unit) for unit in (5, 6))
    try:
        assert len(station.serve(lambda: ask(station.port, ours))[0]) == 9 + 64
        assert station.serve(lambda: ask(station.port, other))[0][7:] == b"\x83\x0b"
    finally:
        station.close()


# -- framing ---------------------------------------------------------------------------


def test_requests_in_one_segment_are_all_answered_in_order(station: Station) -> None:
    """Three requests at once bring three replies."""
    request = b"".join(frame(n, READ_HEADER) for n in (1, 2, 3))
    replies = station.serve(lambda: ask(station.port, request, 3))
    assert [int.from_bytes(r[:2], "big") for r in replies] == [1, 2, 3]


def test_request_in_pieces_is_answered(station: Station) -> None:
    """A frame that arrives byte by byte is put together."""

    def dribble() -> bytes:
        with socket.create_connection(("127.0.0.1", station.port), WAIT_S) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in frame(7, READ_HEADER):
                sock.sendall(bytes([byte]))
            return read_frame(sock)

    assert station.serve(dribble)[:2] == b"\0\7"


@pytest.mark.parametrize(
    "bad",
    [
        b"\0\1\0\1\0\6\1\3\0\0\0\1",
        b"\0\1\0\0\0\1\1",
        b"\0\1\0\0\xff\xff\1\3",
        b"GET / HTTP/1.1\r\n",
    ],
)
def test_frame_that_is_not_modbus_ends_its_connection_alone(station: Station, bad: bytes) -> None:
    """The station hangs up on nonsense and goes on serving others."""
    assert station.serve(lambda: ask(station.port, bad)) == []
    assert len(station.serve(lambda: ask(station.port, frame(1, READ_HEADER)))) == 1


def test_fuzzed_frames_never_write_what_is_ours(station: Station) -> None:
    """Random PDUs are answered or hung up on; D stays, and the station serves on."""
    rng = random.Random(4)  # noqa: S311 - a seed makes the test repeatable
    frames = [frame(n, rng.randbytes(rng.randrange(1, 40))) for n in range(300)]
    for n, blob in enumerate(frames):  # half of them with a function that exists
        if n % 2:
            frames[n] = (
                blob[:7] + bytes([rng.choice((1, 2, 3, 4, 5, 6, 15, 16, 22, 23))]) + blob[8:]
            )

    def throw() -> int:
        return sum(len(ask(station.port, blob)) for blob in frames)

    assert station.serve(throw) > 200
    station.image = ProcessImage((9,) * D_WORDS, BITS)
    reply = station.serve(lambda: ask(station.port, frame(1, READ_HEADER)))[0]
    assert reply[9:] == b"\0\x09" * 32


# -- the link's side -------------------------------------------------------------------


def test_write_of_the_plc_ends_the_wait(station: Station) -> None:
    """A part id is looked at when it arrives, not when the wait is over."""
    station.server.exchange(station.image)
    job = station.pool.submit(lambda: ask(station.port, frame(1, struct.pack(">BHH", 6, 103, 5))))
    turns = 0
    while station.plc()[3] != 5:
        station.server.wait(600)  # a wait that is not ended fails the test by its time
        turns += 1
        assert turns < 50
    inputs = station.server.exchange(station.image)
    assert inputs.since_ns < inputs.at_ns
    station.serve(job.result)


def test_first_write_of_a_new_connection_reaches_back(station: Station) -> None:
    """A part named after a reconnect may have come while the PLC was cut off."""
    write = frame(1, struct.pack(">BHH", 6, 103, 5))

    def cut_off() -> None:
        with socket.create_connection(("127.0.0.1", station.port), WAIT_S) as sock:
            sock.sendall(write + write)
            assert read_frame(sock)
            assert read_frame(sock)

    station.serve(cut_off)
    spoken_ns = station.server.exchange(station.image).at_ns
    for _ in range(3):
        station.server.wait(0.001)
        quiet = station.server.exchange(station.image)
    station.serve(cut_off)
    back = station.server.exchange(station.image)
    assert back.since_ns < spoken_ns < quiet.since_ns


def test_port_in_use_says_so() -> None:
    """A second program on the port is named with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        fd = os.eventfd(0)
        server = ModbusServer(ModbusServerSection(driver="modbus-server", port=port), fd)
        with pytest.raises(PortInUse, match=rf"127\.0\.0\.1:{port}: another program .*ss -ltnp"):
            server.open()
        server.close()
        os.close(fd)


def test_host_of_another_box_says_so() -> None:
    """Only an address of this box can be served."""
    fd = os.eventfd(0)
    section = ModbusServerSection(driver="modbus-server", host="192.0.2.1", port=1502)
    server = ModbusServer(section, fd)
    with pytest.raises(LinkError, match="must be an address of this box"):
        server.open()
    os.close(fd)


def test_plc_of_bits_alone_is_translated(station: Station, plc: ThirdParty) -> None:
    """Coil 1 enables, a change of coil 0 acknowledges the newest result, polling is its life."""
    station.image = ProcessImage(pack_header(Header(res_seq=12, session_id=345)) + (0,) * 64, BITS)
    station.serve(lambda: plc.write_single_coil(1, bit_value=True))
    heart, ctrl, ack, session = (station.plc()[k] for k in (1, 2, 4, 15))
    assert (ctrl, ack, session) == (3, 0, 345)
    station.serve(lambda: plc.read_discrete_inputs(0, 7))
    assert station.plc()[1] == heart + 1
    station.serve(lambda: plc.write_single_coil(0, bit_value=True))
    assert station.plc()[4] == 12
    assert station.serve(lambda: plc.read_coils(0, 2)) == [True, True]
    station.serve(lambda: plc.write_multiple_coils(0, [False, False]))
    assert station.plc()[2] == 0


def test_coils_do_not_speak_for_a_plc_of_words(station: Station, plc: ThirdParty) -> None:
    """Once P words are written, they alone count: a screen that reads bits is no heartbeat."""
    station.serve(lambda: plc.write_multiple_registers(100, [1, 5, 3]))
    station.serve(lambda: plc.write_single_coil(0, bit_value=True))
    station.serve(lambda: plc.read_discrete_inputs(0, 7))
    assert station.plc()[:5] == (1, 5, 3, 0, 0)
