"""The bad cable: bytes pass, late or not at all, and both sides hear of it when it is back."""

from __future__ import annotations

import socket
import time
from contextlib import closing

from gonogo.watchdog.campaign.ground import free_port
from gonogo.watchdog.campaign.wire import HOST, bad_wire

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
