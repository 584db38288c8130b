"""What the simulator owes the station: measured from arrivals, on real sockets."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

from gonogo.base.errors import LinkSilent
from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.client import Client
from gonogo.proving.plcsim.lateness import Owed
from gonogo.proving.plcsim.server import Server

WAIT_S = 30.0
HELD_S = 0.1
ASK = struct.pack(">HHHBBHH", 7, 0, 6, 1, 3, 100, 1)  # FC3, one register at 100
REPLY = bytes.fromhex("0007 0000 0005 01 03 02 0000")


def unheard(*_: object, **__: object) -> None:
    """Nobody listens to what comes and goes."""


def dial(port: int) -> socket.socket:
    """A raw connection."""
    return socket.create_connection(("127.0.0.1", port), WAIT_S)


class SlowBank(Bank):
    """Takes its time over every request."""

    def reply(self, pdu: bytes) -> bytes:
        """As ever, but late."""
        time.sleep(HELD_S)
        return super().reply(pdu)


class Told:
    """What was told of lateness: what, and for how many seconds."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, float]] = []
        self._new = threading.Condition()

    def __call__(self, _event: str, t_ns: int, *, what: str, since_ns: int) -> None:
        """The diary's side."""
        with self._new:
            self.spans.append((what, (t_ns - since_ns) / 1e9))
            self._new.notify_all()

    def wait_for(self, count: int) -> list[tuple[str, float]]:
        """So many, once they are there."""
        with self._new:
            assert self._new.wait_for(lambda: len(self.spans) >= count, WAIT_S)
            return self.spans[:]


def test_server_tells_of_a_request_that_waited_for_its_reply() -> None:
    """From its arrival on: the second lay there while the first was served."""
    told = Told()
    server = Server(SlowBank(0, 100, None), "127.0.0.1", 0, unheard, Owed(told, 5.0))
    first, second = dial(server.port), dial(server.port)
    first.sendall(ASK)
    second.sendall(ASK)
    spans = told.wait_for(2)
    for each in (first, second):
        each.close()
    server.close()
    assert [what for what, _ in spans] == ["reply", "reply"]
    assert spans[0][1] >= HELD_S
    assert spans[1][1] >= 1.5 * HELD_S


def test_server_that_answers_at_once_owes_nothing() -> None:
    """A silence between two requests is the station's."""
    told = Told()
    server = Server(Bank(0, 100, None), "127.0.0.1", 0, unheard, Owed(told, 1000.0))
    with dial(server.port) as station:
        for _ in range(3):
            station.sendall(ASK)
            assert station.recv(64) == REPLY
            time.sleep(HELD_S)
    server.close()
    assert [what for what, for_s in told.spans if for_s >= HELD_S] == []


def test_server_tells_what_it_owed_to_a_station_that_hung_up() -> None:
    """Told before the end of the connection is."""
    order = []
    gone = threading.Event()

    def note(what: str, **_: object) -> None:
        order.append(what)
        if what == "disconnected":
            gone.set()

    def tell(event: str, _t_ns: int, **_: object) -> None:
        order.append(event)

    server = Server(SlowBank(0, 100, None), "127.0.0.1", 0, note, Owed(tell, 5.0))
    station = dial(server.port)
    station.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    station.sendall(ASK)
    time.sleep(HELD_S / 4)
    station.close()
    assert gone.wait(WAIT_S)
    server.close()
    assert order == ["connected", "behind", "disconnected"]


def test_client_owes_nothing_while_the_station_takes_its_time() -> None:
    """It asked, and waits: that is the other side's."""
    told = Told()
    server = Server(SlowBank(0, 100, None), "127.0.0.1", 0, unheard)
    owed = Owed(told, 1000.0)
    client = Client("127.0.0.1", server.port, 1, WAIT_S, owed)
    owed.since(time.monotonic_ns(), "scan")
    assert client.read_words(0, 1) == [0]
    owed.until(time.monotonic_ns())
    client.close()
    server.close()
    assert [what for what, for_s in told.spans if for_s >= HELD_S] == []


def test_client_owes_nothing_for_a_station_that_never_answers() -> None:
    """Nor for half an answer; from the failure on it is the client's turn again."""
    told = Told()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        owed = Owed(told, 5.0)
        client = Client("127.0.0.1", deaf.getsockname()[1], 1, 0.1, owed)
        far, _ = deaf.accept()
        far.sendall(REPLY[:9])
        with far, pytest.raises(LinkSilent):
            client.read_words(0, 1)
        owed.until(time.monotonic_ns())
        assert [what for what, for_s in told.spans if for_s >= 0.05] == []
        time.sleep(HELD_S)
        client.close()


def test_bank_tells_once_when_the_station_has_read_a_part_id() -> None:
    """With the reply that carries it on its way, and only for a read that covers it."""
    heard: list[tuple[int, int]] = []
    bank = Bank(0, 100, None, lambda part_id, t_ns: heard.append((part_id, t_ns)))
    bank.speak([0, 0, 0, 7, *[0] * 16])
    whole, beside = bytes.fromhex("03 0064 0014"), bytes.fromhex("03 0068 0004")
    bank.reply(beside)
    bank.answered(1)
    assert heard == []
    bank.reply(whole)
    assert heard == []
    bank.answered(2)
    bank.reply(whole)
    bank.answered(3)
    assert heard == [(7, 2)]
    bank.speak([0, 0, 0, 8, *[0] * 16])
    bank.reply(whole)
    bank.answered(4)
    assert heard == [(7, 2), (8, 4)]
