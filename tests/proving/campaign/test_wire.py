"""The bad cable: bytes pass, late or not at all, and both sides hear of it when it is back."""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING

import pytest

from gonogo.proving.campaign.connections import HALF_A_REQUEST, HOST
from gonogo.proving.campaign.ground import free_port
from gonogo.proving.campaign.wire import Wire, bad_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 10.0


def joined(server: socket.socket, port: int) -> tuple[socket.socket, socket.socket]:
    """A connection through the wire: the station's end and the PLC's."""
    station = socket.create_connection((HOST, port), timeout=PATIENCE_S)
    plc, _ = server.accept()
    plc.settimeout(PATIENCE_S)
    return station, plc


def test_wire_passes_bytes_both_ways_and_the_end_of_a_connection() -> None:
    """As a good cable does."""
    port = free_port()
    with socket.create_server((HOST, 0)) as server, bad_wire(port, server.getsockname()[1]):
        station, plc = joined(server, port)
        with closing(station), closing(plc):
            station.sendall(b"question")
            assert plc.recv(100) == b"question"
            plc.sendall(b"answer")
            assert station.recv(100) == b"answer"
            plc.close()
            assert station.recv(100) == b""


def test_wire_that_is_silent_tells_nobody_until_it_comes_back() -> None:
    """What was sent meanwhile is lost; then both connections end, and a new one works."""
    port = free_port()
    with socket.create_server((HOST, 0)) as server, bad_wire(port, server.getsockname()[1]) as wire:
        station, plc = joined(server, port)
        assert wire.stdin is not None
        with closing(station), closing(plc):
            wire.stdin.write("silent 0.5\n")
            time.sleep(0.1)
            station.sendall(b"lost")
            assert plc.recv(100) == b"", "the end of the connection is all that comes"
            assert station.recv(100) == b""
        station, plc = joined(server, port)
        with closing(station), closing(plc):
            station.sendall(b"again")
            assert plc.recv(100) == b"again"


def test_wire_that_is_slow_keeps_the_order_and_loses_nothing() -> None:
    """Late, and all of it."""
    port = free_port()
    with socket.create_server((HOST, 0)) as server, bad_wire(port, server.getsockname()[1]) as wire:
        station, plc = joined(server, port)
        assert wire.stdin is not None
        with closing(station), closing(plc):
            wire.stdin.write("slow 30 200\n")
            time.sleep(0.1)
            sent_s = time.monotonic()
            for word in (b"one ", b"two ", b"three"):
                station.sendall(word)
                time.sleep(0.01)
            heard = b""
            while len(heard) < 13:
                heard += plc.recv(100)
            assert heard == b"one two three"
            assert time.monotonic() - sent_s >= 0.2


def test_wire_to_a_plc_that_takes_nobody_ends_the_call() -> None:
    """The station hears it at once, and the wire goes on."""
    port = free_port()
    with bad_wire(port, free_port()):
        for _ in range(2):
            with socket.create_connection((HOST, port), timeout=PATIENCE_S) as station:
                assert station.recv(100) == b""


# -- step by step, in the test's own thread ------------------------------------------------


class Bench:
    """A wire that passes on when a test says so, and a connection through it."""

    def __init__(self, stack: ExitStack) -> None:
        reader, writer = os.pipe()
        orders = stack.enter_context(os.fdopen(reader))
        stack.enter_context(os.fdopen(writer, "w"))
        self.server = stack.enter_context(socket.create_server((HOST, 0)))
        self.wire = Wire(orders, 0, self.server.getsockname()[1])
        stack.callback(self.wire.close)
        self.station = stack.enter_context(self.call())
        self.plc = stack.enter_context(self.taken())

    def call(self) -> socket.socket:
        """A connection to the wire."""
        station = socket.create_connection((HOST, self.wire.door.port), timeout=PATIENCE_S)
        station.settimeout(0.0)
        return station

    def taken(self) -> socket.socket:
        """The wire's connection to the PLC."""
        self.until(lambda: select.select([self.server], [], [], 0)[0])
        plc, _ = self.server.accept()
        plc.settimeout(0.0)
        return plc

    def until(self, met: Callable[[], object]) -> None:
        """Pass on until something is so; the bound only ends a test that fails."""
        end_s = time.monotonic() + PATIENCE_S
        while not met():
            assert time.monotonic() < end_s
            self.wire.pass_on()

    def heard(self, end: socket.socket, wanted: bytes | None = None) -> list[bytes]:
        """What arrives, read by read, until it is what is wanted, or the connection ends."""
        heard: list[bytes] = []

        def over() -> bool:
            with suppress(BlockingIOError):
                part = end.recv(100)
                heard.append(part)
                return not part or b"".join(heard) == wanted
            return False

        self.until(over)
        return heard


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A wire with one connection."""
    with ExitStack() as stack:
        yield Bench(stack)


@pytest.mark.parametrize(
    ("order", "heard"),
    [("hang-up 30 0", b""), ("hang-up 30 3", b"ans"), ("each 30", b"answer")],
)
def test_wire_ends_a_connection_with_a_reply(bench: Bench, order: str, heard: bytes) -> None:
    """After none, a part, or all of it."""
    bench.wire.obey(order)
    bench.plc.sendall(b"answer")
    assert b"".join(bench.heard(bench.station)) == heard
    assert bench.heard(bench.plc) == [b""]


def test_wire_resets_a_connection(bench: Bench) -> None:
    """Not an orderly end."""
    bench.wire.obey("reset 30 0")
    bench.plc.sendall(b"answer")
    with pytest.raises(ConnectionResetError):
        bench.heard(bench.station)


def test_wire_brings_a_reply_in_pieces_and_all_of_it(bench: Bench) -> None:
    """Two bytes at a time, with a pause."""
    bench.wire.obey("pieces 30 2 150")
    bench.plc.sendall(b"answer")
    assert bench.heard(bench.station, b"answer") == [b"an", b"sw", b"er"]
    bench.station.sendall(b"question")
    assert b"".join(bench.heard(bench.plc, b"question")) == b"question"


@pytest.mark.parametrize(("order", "lost"), [("deaf 30", b"answer"), ("mute 30", b"question")])
def test_wire_loses_one_way_alone(bench: Bench, order: str, lost: bytes) -> None:
    """The other is heard as ever; when it is over both connections end."""
    bench.wire.obey(order)
    ways = {b"answer": (bench.plc, bench.station), b"question": (bench.station, bench.plc)}
    ways.pop(lost)[0].sendall(lost)  # first, so that the wire has it when the other arrives
    for said, (source, sink) in ways.items():
        source.sendall(said)
        assert b"".join(bench.heard(sink, said)) == said
    bench.wire.obey("slow 0 0")
    assert bench.heard(bench.station) == bench.heard(bench.plc) == [b""]


def test_wire_is_away_and_comes_back(bench: Bench) -> None:
    """The connection ends at once, nobody is taken for a while, then somebody is."""
    bench.wire.obey("away 30")
    assert bench.heard(bench.station) == bench.heard(bench.plc) == [b""]
    with pytest.raises(ConnectionRefusedError):
        bench.call()
    bench.wire.obey("slow 0 0")
    with bench.call() as station, bench.taken() as plc:
        plc.sendall(b"again")
        assert bench.heard(station, b"again") == [b"again"]


def test_misfortune_ends_by_itself(bench: Bench) -> None:
    """When its time is over, bytes pass again."""
    bench.wire.obey("away 0.01")
    with suppress(ConnectionRefusedError):
        bench.call().close()
    bench.until(lambda: bench.wire.door.is_open)
    bench.call().close()


def test_wire_brings_a_crowd_that_says_half_a_request_and_leaves(bench: Bench) -> None:
    """The PLC hears of each, and of its end."""
    bench.wire.obey("crowd 30 3")
    others = [bench.taken() for _ in range(3)]
    assert [bench.heard(one, HALF_A_REQUEST) for one in others] == [[HALF_A_REQUEST]] * 3
    bench.wire.obey("slow 0 0")
    for one in others:
        with one:
            assert bench.heard(one) == [b""]
