"""Connections to the Modbus server role: how many, from where, for how long, under what load."""

from __future__ import annotations

import contextlib
import socket
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.plc.transports.modbus_listener import BURST
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.proving.peers.cells import P_HELD, pdu
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


@pytest.fixture
def station() -> Iterator[Station]:
    """A station as the cells expect it."""
    with open_station() as station:
        yield station


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
