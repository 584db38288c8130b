"""The simulator's Modbus TCP server against raw frames."""

from __future__ import annotations

import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import PortInUse
from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 30.0
ASK = struct.pack(">HHHBBHH", 7, 0, 6, 1, 3, 100, 1)  # FC3, one register at 100
REPLY = bytes.fromhex("0007 0000 0005 01 03 02 0000")


class Notes:
    """What the server says happened, and a way to wait for it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._new = threading.Condition()

    def __call__(self, what: str, **_: object) -> None:
        """The server's note."""
        with self._new:
            self.said.append(what)
            self._new.notify_all()

    def wait_for(self, what: str) -> None:
        """Until that has been said."""
        with self._new:
            assert self._new.wait_for(lambda: what in self.said, WAIT_S)


@pytest.fixture
def notes() -> Notes:
    """What the server of this test says."""
    return Notes()


@pytest.fixture
def server(notes: Notes) -> Iterator[Server]:
    """A server on a free port: D at 0, P at 100, coils at 16."""
    made = Server(Bank(0, 100, 16), "127.0.0.1", 0, notes)
    yield made
    made.close()


def dial(port: int) -> socket.socket:
    """A raw connection."""
    return socket.create_connection(("127.0.0.1", port), WAIT_S)


def test_server_answers_split_and_joined_frames(server: Server) -> None:
    """A request in two segments gets one reply, three in one segment get three."""
    with dial(server.port) as wire, wire.makefile("rb") as stream:
        wire.sendall(ASK[:5])
        wire.sendall(ASK[5:])
        wire.sendall(ASK * 3)
        assert stream.read(4 * len(REPLY)) == REPLY * 4


@pytest.mark.parametrize(
    "frame", ["0001 0001 0006 01 03 0064 0001", "0001 0000 0001 01", "0001 0000 00ff 01"]
)
def test_server_hangs_up_on_what_is_no_modbus(server: Server, frame: str) -> None:
    """A wrong protocol id or length closes that connection, and the next one is served."""
    with dial(server.port) as wire:
        wire.sendall(bytes.fromhex(frame))
        assert wire.recv(100) == b""
    with dial(server.port) as wire:
        wire.sendall(ASK)
        assert wire.recv(100) == REPLY


def test_server_refuses_while_dropped_and_comes_back(server: Server, notes: Notes) -> None:
    """The old connection ends, new ones are refused, and the same port is served again."""
    with dial(server.port) as wire:
        wire.sendall(ASK)
        assert wire.recv(100) == REPLY
        server.drop(200_000_000)
        assert wire.recv(100) == b""
    assert notes.said == ["connected", "disconnected", "refusing"]
    notes.wait_for("listening")
    with dial(server.port) as wire:
        wire.sendall(ASK)
        assert wire.recv(100) == REPLY


def test_server_is_refusing_once_dropped(server: Server) -> None:
    """Refused, not ignored: a client hears it at once."""
    server.drop(60_000_000_000)
    with pytest.raises(ConnectionRefusedError):
        dial(server.port)


def test_server_names_a_port_in_use(server: Server, notes: Notes) -> None:
    """GN410 with host and port."""
    with pytest.raises(PortInUse, match=f"127.0.0.1:{server.port}"):
        Server(Bank(0, 100, None), "127.0.0.1", server.port, notes)


@pytest.mark.parametrize("act", ["close", "drop"])
def test_server_close_is_idempotent(act: str, notes: Notes) -> None:
    """Closing twice is closing once, also while dropped."""
    made = Server(Bank(0, 100, None), "127.0.0.1", 0, notes)
    if act == "drop":
        made.drop(60_000_000_000)
    made.close()
    made.close()
