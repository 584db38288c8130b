"""The server conformance table of the PLC interface, cell by cell, over bare sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from pymodbus.simulator import DataType, SimData, SimDevice

from gonogo.plc.map import P_FIRST
from gonogo.plc.modbus_listener import BURST, Limits, Listener
from gonogo.plc.modbus_server import ModbusServerSection
from gonogo.plc.transport import Image
from gonogo.tests.plc.cells import BITS_SHOWN, CELLS, D_SHOWN, P_HELD, Cell, pdu, words, write
from gonogo.tests.plc.raw import Station, ask, connect, frame, read_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = Image(D_SHOWN, BITS_SHOWN)
HOLD = write(16, P_FIRST, 20, 40, words(*P_HELD))
READ = pdu(3, 0, 2)
READ_REPLY = b"\x03\x04" + words(*D_SHOWN[:2])
ANSWERED = [cell for cell in CELLS if isinstance(cell.reply, bytes)]


def open_station(**fields: object) -> contextlib.closing[Station]:
    """A station that shows D_SHOWN and BITS_SHOWN and holds P_HELD."""
    station = Station(**fields)
    station.image = SHOWN
    assert station.serve(lambda: ask(station.port, frame(1, HOLD, unit=0)))
    return contextlib.closing(station)


@pytest.fixture
def station() -> Iterator[Station]:
    """A station as the cells expect it."""
    with open_station() as station:
        yield station


def reply_of(cell: Cell) -> bytes:
    """The reply PDU that a cell expects."""
    exception = bytes([cell.request[0] | 0x80])
    return cell.reply if isinstance(cell.reply, bytes) else exception + bytes([cell.reply])


# -- requests --------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_cell(station: Station, cell: Cell) -> None:
    """Each request brings its reply, and P changes by a valid write alone."""
    (reply,) = station.serve(lambda: ask(station.port, frame(0x1234, cell.request)))
    assert reply == frame(0x1234, reply_of(cell))
    held = [cell.writes.get(k, value) for k, value in enumerate(P_HELD)]
    assert list(station.plc()) == held
    (kept,) = station.serve(lambda: ask(station.port, frame(1, pdu(3, 100, 20))))
    assert kept[9:] == words(*held)


@pytest.mark.parametrize("cell", ANSWERED, ids=lambda cell: cell.name)
def test_request_cut_short_or_too_long_is_exception_3(station: Station, cell: Cell) -> None:
    """A length that the request does not imply is refused, and nothing is written."""
    cuts = [cell.request[:end] for end in range(1, len(cell.request))]
    for wrong in (*cuts, cell.request + b"\0"):
        (reply,) = station.serve(lambda wrong=wrong: ask(station.port, frame(1, wrong)))  # type: ignore[misc]
        assert reply[7:] == bytes([cell.request[0] | 0x80, 3])
    assert station.plc() == P_HELD


def test_station_says_who_it_is(station: Station) -> None:
    """FC43 names the maker and the map's version; other encapsulated requests are exception 1."""
    (reply,) = station.serve(lambda: ask(station.port, frame(1, b"\x2b\x0e\x01\x00")))
    assert reply[7:] == b"\x2b\x0e\x01\x83\0\0\x03\0\x06gonogo\x01\x06gonogo\x02\x011"
    (reply,) = station.serve(lambda: ask(station.port, frame(1, b"\x2b\x0d\x01\x00")))
    assert reply[7:] == b"\xab\x01"


def test_request_that_fails_inside_is_exception_4() -> None:
    """A fault of the program is an answer to that request, and the connection stays."""

    async def fail(*_request: object) -> None:
        raise ZeroDivisionError

    async def talk() -> list[bytes]:
        registers = [SimData(0, count=4, datatype=DataType.REGISTERS)]
        device = SimDevice(id=0, simdata=registers, action=fail)
        listener = Listener(device, ("127.0.0.1", 0), lambda: None, Limits())
        await listener.serve_forever(background=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        replies = []
        for n in (1, 2):
            writer.write(frame(n, READ))
            replies.append(await reader.readexactly(9))
        writer.close()
        await writer.wait_closed()
        await listener.shutdown()
        return replies

    assert asyncio.run(talk()) == [frame(1, b"\x83\x04"), frame(2, b"\x83\x04")]


@pytest.mark.parametrize(
    ("served", "asked", "answered"),
    [
        (0, 0, True), (0, 1, True), (0, 255, True), (5, 5, True), (5, 0, True), (5, 255, True),
        (5, 1, False), (5, 6, False), (255, 1, False),
    ],
)  # fmt: skip
def test_unit(served: int, asked: int, *, answered: bool) -> None:
    """Units 0 and 255 mean the device itself; another unit's requests are exception 11."""
    with open_station(unit=served) as station:
        (reply,) = station.serve(lambda: ask(station.port, frame(1, READ, unit=asked)))
        assert reply == frame(1, READ_REPLY if answered else b"\x83\x0b", unit=asked)
        if not answered:
            station.serve(lambda: ask(station.port, frame(1, pdu(6, 103, 9), unit=asked)))
            assert station.plc() == P_HELD


# -- frames ----------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ANSWERED, ids=lambda cell: cell.name)
def test_frame_split_at_every_byte(station: Station, cell: Cell) -> None:
    """However a request is cut into segments, it is one request."""
    request = frame(7, cell.request)
    with connect(station.port) as sock:
        for at in range(1, len(request)):
            sock.sendall(request[:at])
            station.server.wait(0.001)  # it reads what there is, and waits for the rest
            sock.sendall(request[at:])
            assert station.serve(lambda: read_frame(sock)) == frame(7, reply_of(cell))


def test_three_requests_in_one_segment(station: Station) -> None:
    """Three replies in order, whatever each of them is."""
    request = frame(1, READ) + frame(2, pdu(3, 0, 0)) + frame(3, pdu(6, 100, 4))
    replies = station.serve(lambda: ask(station.port, request, 3))
    assert replies == [frame(1, READ_REPLY), frame(2, b"\x83\x03"), frame(3, pdu(6, 100, 4))]


def test_segments_that_cut_through_requests(station: Station) -> None:
    """One and a half requests, then the rest: two replies."""
    request = frame(1, READ) + frame(2, READ)

    def talk() -> list[bytes]:
        with connect(station.port) as sock:
            sock.sendall(request[:19])
            first = read_frame(sock)
            sock.sendall(request[19:])
            return [first, read_frame(sock)]

    assert station.serve(talk) == [frame(1, READ_REPLY), frame(2, READ_REPLY)]


@pytest.mark.parametrize(
    "head",
    [
        b"\0\1\0\1\0\6",  # protocol ids
        b"\0\1\xff\xff\0\6",
        b"\0\1\1\0\0\6",
        b"\0\1\0\0\0\0",  # lengths
        b"\0\1\0\0\0\1",
        b"\0\1\0\0\0\xff",
        b"\0\1\0\0\xff\xff",
    ],
)
def test_header_that_is_not_modbus_ends_the_connection(station: Station, head: bytes) -> None:
    """What was asked before it is answered; nothing after it is carried out."""
    after = b"\1" + pdu(6, 103, 9)
    request = frame(1, READ) + head + after + frame(3, pdu(6, 103, 9))
    assert station.serve(lambda: ask(station.port, request, 3)) == [frame(1, READ_REPLY)]
    assert station.plc() == P_HELD
    assert station.serve(lambda: ask(station.port, frame(1, READ)))


@pytest.mark.parametrize("length", [4, 5, 7, 9])
def test_length_field_that_does_not_fit_is_not_carried_out(station: Station, length: int) -> None:
    """The header says where the frame ends: the write in it is refused, the next request served."""
    body = (b"\1" + pdu(6, 103, 9) + bytes(3))[:length]
    request = b"\0\1\0\0" + length.to_bytes(2, "big") + body + frame(2, READ)
    replies = station.serve(lambda: ask(station.port, request, 2))
    assert replies == [frame(1, b"\x86\x03"), frame(2, READ_REPLY)]
    assert station.plc() == P_HELD


# -- connections -----------------------------------------------------------------------


def alive(sock: socket.socket) -> bool:
    """Whether the station still answers on a connection."""
    try:
        sock.sendall(frame(9, READ))
    except (BrokenPipeError, ConnectionResetError):
        return False
    return read_frame(sock) == frame(9, READ_REPLY)


def test_newest_connection_of_one_address_wins() -> None:
    """A PLC that rebooted gets in, and its zombies go, the most silent one first."""

    def reboot(port: int) -> tuple[list[bool], bool]:
        with contextlib.ExitStack() as stack:
            old = [stack.enter_context(connect(port)) for _ in range(3)]
            assert [alive(old[k]) for k in (1, 2, 0)]
            new = stack.enter_context(connect(port))
            assert alive(new)
            return [alive(sock) for sock in old], alive(new)

    with open_station(connections=3) as station:
        old, new = station.serve(lambda: reboot(station.port))
    assert (old, new) == ([True, False, True], True)


def test_crowd_from_one_address_does_not_push_out_the_plc() -> None:
    """A scanner ends its own connections, and of others only who is more silent than all."""

    def crowd(port: int) -> list[bool]:
        with contextlib.ExitStack() as stack:
            plc = stack.enter_context(connect(port, "127.0.0.2"))
            mute = stack.enter_context(connect(port, "127.0.0.3"))
            assert alive(mute)
            assert alive(plc)
            scanners = [stack.enter_context(connect(port, "127.0.0.4")) for _ in range(10)]
            assert alive(scanners[-1])
            return [alive(plc), alive(mute), *(alive(sock) for sock in scanners)]

    with open_station(connections=2) as station:
        assert station.serve(lambda: crowd(station.port)) == [True, False, *[False] * 9, True]


def test_idle_connection_is_ended_and_half_a_request_is_idle() -> None:
    """Only whole requests count as life; who asks goes on."""

    def idle(port: int) -> tuple[bytes, bool]:
        with connect(port) as half, connect(port) as busy:
            half.settimeout(0)
            half.sendall(frame(1, READ)[:8])
            while alive(busy):
                with contextlib.suppress(BlockingIOError):
                    return half.recv(1), alive(busy)
            pytest.fail("the busy connection was ended")

    with open_station(idle_s=1) as station:
        assert station.serve(lambda: idle(station.port)) == (b"", True)


def test_only_allowed_addresses_are_served(caplog: pytest.LogCaptureFixture) -> None:
    """Addresses and networks of the list get in; another is hung up on, and named once."""
    with open_station(allow=["127.0.0.1", "127.0.1.0/24", "127.0.0.2/32"]) as station:
        for source, served in (
            ("127.0.0.1", True), ("127.0.0.2", True), ("127.0.1.77", True),
            ("127.0.0.3", False), ("127.0.0.3", False), ("127.0.2.1", False),
        ):  # fmt: skip

            def talk(source: str = source) -> bool:
                with connect(station.port, source) as sock:
                    return alive(sock)

            assert station.serve(talk) is served
    named = [record.getMessage() for record in caplog.records if record.name == "gonogo.plc"]
    assert [text.split()[2] for text in named] == ["127.0.0.3", "127.0.2.1"]


def test_address_turned_away_costs_nobody_a_connection() -> None:
    """The only place is not given up for a stranger."""

    def intrude(port: int) -> list[bool]:
        with connect(port) as plc, connect(port, "127.0.0.3") as stranger:
            return [alive(plc), alive(stranger), alive(plc)]

    with open_station(connections=1, allow=["127.0.0.1"]) as station:
        assert station.serve(lambda: intrude(station.port)) == [True, False, True]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"allow": ["192.168.0.10/24"]}, r"expected an address such as .*got '192\.168\.0\.10/24'"),
        ({"allow": ["plc1"]}, r"or a network such as .*got 'plc1'"),
        ({"connections": 0}, "greater than or equal to 1"),
        ({"connections": 33}, "less than or equal to 32"),
        ({"idle_s": 0.5}, "greater than or equal to 1"),
    ],
)
def test_section_bounds_who_may_connect(fields: dict[str, object], message: str) -> None:
    """Limits that would lock the PLC out, or mean nothing, are refused."""
    with pytest.raises(ValidationError, match=message):
        ModbusServerSection.model_validate({"driver": "modbus-server", **fields})


# -- load ------------------------------------------------------------------------------


def test_flood_is_answered_in_small_bites(station: Station) -> None:
    """Between a few requests of one segment the link has its turn; all are answered in the end."""
    count = 10 * BURST
    flood = b"".join(frame(n, pdu(6, 101, n)) for n in range(1, count + 1))
    with connect(station.port) as sock:
        sock.sendall(flood)
        seen = [0]
        while seen[-1] < count:
            station.server.wait(1)
            seen.append(station.plc()[1] if station.plc() != P_HELD else 0)
        replies = [read_frame(sock)[:2] for _ in range(count)]
    assert max(late - early for early, late in pairwise(seen)) <= BURST
    assert replies == [n.to_bytes(2, "big") for n in range(1, count + 1)]


def test_peer_that_never_reads_is_ended(station: Station) -> None:
    """Replies that nobody fetches do not pile up, and others are served meanwhile."""
    request = b"".join(frame(n, pdu(3, 0, 96)) for n in range(100))

    def stuff() -> bool:
        with connect(station.port) as sock, connect(station.port) as other:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            try:
                while alive(other):
                    sock.sendall(request)
            except (BrokenPipeError, ConnectionResetError):
                return alive(other)
            return False

    assert station.serve(stuff)


def test_reopened_server_shows_nothing_until_the_link_does(station: Station) -> None:
    """What was shown before the link was lost cannot be read again: no magic, no verdict."""
    station.server.close()
    station.server.open()
    job = station.pool.submit(lambda: ask(station.server.port, frame(1, pdu(3, 0, 96))))
    while not job.done():
        station.server.wait(0.01)
    assert job.result() == [frame(1, b"\x03\xc0" + bytes(192))]
