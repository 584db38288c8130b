"""The simulator's Modbus TCP client against its own server, and against replies that do not fit."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.client import Client
from gonogo.proving.plcsim.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 30.0


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port: D at 0, P at 100, coils at 16."""
    made = Server(Bank(0, 100, 16), "127.0.0.1", 0, lambda *_, **__: None)
    yield made
    made.close()


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
