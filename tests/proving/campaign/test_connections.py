"""The parts of a bad wire: bytes that wait, a door that shuts, a crowd that leaves."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gonogo.proving.campaign.connections import HALF_A_REQUEST, HOST, Crowd, Door, Pair
from gonogo.proving.campaign.ground import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG_S = 1e6
PATIENCE_S = 10.0


class Ends:
    """A pair, and who sits at its two ends."""

    def __init__(self, stack: ExitStack) -> None:
        door, plc = (stack.enter_context(socket.create_server((HOST, 0))) for _ in range(2))
        self.station = stack.enter_context(socket.create_connection(door.getsockname()))
        near, _ = door.accept()
        self.pair = Pair(near, plc.getsockname()[1])
        stack.callback(self.pair.close)
        self.plc, _ = plc.accept()
        stack.enter_context(self.plc)
        for end in (self.station, self.plc):
            end.settimeout(PATIENCE_S)


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A pair with both ends."""
    with ExitStack() as stack:
        yield Ends(stack)


def test_pair_sends_replies_to_the_station_and_all_else_to_the_plc(ends: Ends) -> None:
    """What is due goes at once, and nothing waits afterwards."""
    ends.pair.send([b"question"], reply=False, due_s=0.0, pause_s=0.0)
    ends.pair.send([b"ans", b"wer"], reply=True, due_s=0.0, pause_s=0.0)
    assert ends.pair.due_s == 0.0
    assert ends.pair.deliver()
    assert (ends.plc.recv(100), ends.station.recv(6, socket.MSG_WAITALL)) == (
        b"question",
        b"answer",
    )
    assert ends.pair.due_s is None


def test_pair_keeps_what_is_not_due_and_what_is_behind_it(ends: Ends) -> None:
    """Each segment a pause after the one before."""
    late_s = time.monotonic() + LONG_S
    ends.pair.send([b"one", b"two"], reply=True, due_s=late_s, pause_s=5.0)
    ends.pair.send([b"three"], reply=False, due_s=0.0, pause_s=0.0)
    assert ends.pair.deliver()
    assert ends.pair.due_s == late_s
    for end in (ends.station, ends.plc):
        end.settimeout(0.05)
        with pytest.raises(TimeoutError):
            end.recv(100)


def test_pair_says_that_an_end_is_gone(ends: Ends) -> None:
    """By a reset: what is sent then goes nowhere."""
    ends.station.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    ends.station.close()
    ends.pair.ends[0].settimeout(PATIENCE_S)
    with pytest.raises(ConnectionResetError):
        ends.pair.ends[0].recv(1)
    ends.pair.send([b"answer"], reply=True, due_s=0.0, pause_s=0.0)
    assert not ends.pair.deliver()


@pytest.mark.parametrize("reset", [False, True])
def test_pair_ends_both_sides_in_order_or_not(ends: Ends, reset: bool) -> None:  # noqa: FBT001
    """FIN is the end of the stream, RST an error."""
    ends.pair.close(reset=reset)
    for end in (ends.station, ends.plc):
        if reset:
            with pytest.raises(ConnectionResetError):
                end.recv(1)
        else:
            assert end.recv(1) == b""


def test_pair_is_none_where_the_plc_takes_nobody() -> None:
    """The wire hears it as an error."""
    near, far = socket.socketpair()
    with near, far, pytest.raises(OSError, match="refused"):
        Pair(near, free_port())


def test_door_opens_again_where_it_was() -> None:
    """Shut it refuses; shutting and opening twice is doing it once."""
    door = Door(0)
    port = door.port
    for _ in range(2):
        door.shut()
    assert (door.is_open, door.fds(), door.accept()) == (False, [], None)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port))
    for _ in range(2):
        door.open()
    assert door.port == port
    with socket.create_connection((HOST, port)):
        taken = door.accept()
        assert taken is not None
        taken.close()
    door.shut()


def test_crowd_says_half_a_request_and_leaves() -> None:
    """Each of them; a PLC that takes nobody is no error."""
    with socket.create_server((HOST, 0)) as plc:
        crowd = Crowd(plc.getsockname()[1])
        crowd.gather(2)
        others = [plc.accept()[0] for _ in range(2)]
        crowd.leave()
        for one in others:
            with one:
                one.settimeout(PATIENCE_S)
                assert one.recv(100) == HALF_A_REQUEST
                assert one.recv(100) == b""
    Crowd(free_port()).gather(2)
