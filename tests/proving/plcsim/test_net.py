"""The simulator's Modbus TCP server and client against each other and against raw frames."""

from __future__ import annotations

import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent, PortInUse
from gonogo.proving.plcsim.net import Client, Server
from gonogo.proving.plcsim.wire import Bank

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


def test_client_reads_back_what_it_wrote(server: Server) -> None:
    """FC16, FC3 and FC2 over a real connection."""
    client = Client("127.0.0.1", server.port, 1, WAIT_S)
    client.write_words(5, [1, 65_535])
    assert client.read_words(4, 4) == [0, 1, 65_535, 0]
    assert client.read_bits(16, 7) == [False] * 7
    client.close()


def test_client_names_a_refusal(server: Server) -> None:
    """An exception reply is LinkRefused with function and address, and the connection goes on."""
    client = Client("127.0.0.1", server.port, 1, WAIT_S)
    with pytest.raises(LinkRefused, match="exception 02 to function 16 at 100"):
        client.write_words(100, [1])
    assert client.read_words(0, 1) == [0]
    client.close()


def test_client_names_a_station_that_is_not_there(server: Server) -> None:
    """LinkError with host and port."""
    port = server.port
    server.close()
    with pytest.raises(LinkError, match=f"no station at 127.0.0.1:{port}"):
        Client("127.0.0.1", port, 1, WAIT_S)


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (None, LinkSilent, "did not answer"),
        (b"", LinkError, "hung up"),
        (bytes.fromhex("0002 0000 0005 01 03 02 0000"), LinkError, "another frame"),
        (bytes.fromhex("0001 0000 0005 01 04 02 0000"), LinkError, "another frame"),
        (bytes.fromhex("0001 0000 0007 01 03 04 0000 0000"), LinkError, "another frame"),
    ],
)
def test_client_takes_no_other_reply(
    reply: bytes | None, error: type[LinkError], words: str
) -> None:
    """Silence, the end of the stream, and the reply to another request are errors."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client("127.0.0.1", listener.getsockname()[1], 1, 0.05)
        peer, _ = listener.accept()
        with peer:
            if reply is not None:
                peer.sendall(reply)
                peer.shutdown(socket.SHUT_WR)
            with pytest.raises(error, match=words):
                client.read_words(0, 1)
        client.close()


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
