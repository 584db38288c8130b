"""The server conformance table of the PLC interface, cell by cell, over bare sockets."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from gonogo.plc.transports.modbus_listener import Listener, ListenerLimits
from gonogo.plc.transports.modbus_served import ServedMap
from gonogo.proving.peers.cells import CELLS, P_HELD, Cell, pdu, words
from gonogo.proving.peers.raw import (
    READ,
    READ_REPLY,
    Station,
    ask,
    connect,
    frame,
    open_station,
    read_frame,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERED = [cell for cell in CELLS if isinstance(cell.reply, bytes)]


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

    def fail() -> None:
        raise ZeroDivisionError

    async def talk() -> list[bytes]:
        sock = socket.create_server(("127.0.0.1", 0))
        listener = Listener(ServedMap(fail), sock, ListenerLimits())
        await listener.serve_forever(background=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        replies = []
        for n in (1, 2):
            writer.write(frame(n, pdu(6, 100, n)))  # the map tells the link, which fails
            replies.append(await reader.readexactly(9))
        writer.close()
        await writer.wait_closed()
        await listener.shutdown()
        return replies

    assert asyncio.run(talk()) == [frame(1, b"\x86\x04"), frame(2, b"\x86\x04")]


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
