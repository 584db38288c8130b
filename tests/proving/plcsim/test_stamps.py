"""The kernel's stamps of what lies in a socket."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.proving.plcsim.stamps import receive, stamp_arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator

LAIN_S = 0.05
PATIENCE_S = 60.0


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection over loopback, its listener stamped: whoever connects, and whoever accepts."""
    with socket.socket() as listener:
        stamp_arrivals(listener)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as near:
            far, _ = listener.accept()
            with far:
                # the kernel begins to stamp a moment after the first socket of the box asked for it
                until_s = time.monotonic() + PATIENCE_S
                while not receive_one(near, far):
                    assert time.monotonic() < until_s, "this kernel stamps nothing that arrives"
                    time.sleep(0.001)
                yield near, far


def receive_one(near: socket.socket, far: socket.socket) -> int:
    """When a byte that was sent now arrived."""
    near.sendall(b".")
    return receive(far, 1)[1]


def test_receive_tells_since_when_bytes_lay_there(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    """Nobody has looked meanwhile; the stamp lies between before and after the sending."""
    near, far = ends
    before_ns = time.monotonic_ns()
    near.sendall(b"hello")
    after_ns = time.monotonic_ns()
    time.sleep(LAIN_S)
    data, arrived_ns = receive(far, 64)
    slack_ns = 5_000_000  # two clocks are read one after the other
    assert data == b"hello"
    assert before_ns - slack_ns <= arrived_ns <= after_ns + slack_ns
    assert time.monotonic_ns() - arrived_ns >= LAIN_S * 1e9 - slack_ns


def test_receive_finds_what_a_peer_sent_before_it_reset_the_connection(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    """The request of a station that lost its patience meanwhile is still there, with its time."""
    near, far = ends
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    near.sendall(b"ask")
    near.close()
    data, arrived_ns = receive(far, 64)
    assert data == b"ask"
    assert 0 < arrived_ns <= time.monotonic_ns()


def test_receive_without_stamps_tells_no_time() -> None:
    """Where none were asked for: 0, and never a guess."""
    near, far = socket.socketpair()
    with near, far:
        near.sendall(b"hello")
        assert receive(far, 64) == (b"hello", 0)


def test_receive_tells_the_end_of_a_stream(ends: tuple[socket.socket, socket.socket]) -> None:
    """Nothing, and no time."""
    near, far = ends
    near.close()
    assert receive(far, 64) == (b"", 0)
