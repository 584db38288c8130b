"""When a link looks at what stands where it writes, and what it does with a PLC that says no."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.words import NS_PER_MS, FaultBit, Reason, VerdictKind
from gonogo.plc.handshake.state import Pending, Strangers, first_state
from gonogo.plc.link.lookout import DEAR_NS, LOOK_NS, PATIENCE_NS, SHARE, Lookout
from gonogo.plc.register_map import HEADER_WORDS
from gonogo.plc.transports.modbus_client import ModbusClient, ModbusClientSection

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.server import DataHandler, ModbusServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.plc.transports.transport import Inputs, ProcessImage

STATE = first_state(500, box=1111)
WAITING = Pending(1, 1, VerdictKind.ACCEPT, Reason.OK, 1, 1)


class Wire:
    """A transport that takes its time to look, by a clock of its own; nothing else is simulated."""

    def __init__(self, takes_ms: int = 0) -> None:
        self.takes_ms = takes_ms
        self.marks: list[int] = []
        self.now_ns = 10**12

    def clock_ns(self) -> int:
        """Stands still but for looks."""
        return self.now_ns

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """Nothing stands there."""
        self.marks.append(mark)
        self.now_ns += self.takes_ms * NS_PER_MS
        return (0,) * HEADER_WORDS

    def open(self) -> None:
        """Nothing to open."""

    def exchange(self, image: ProcessImage) -> Inputs:
        """Not in these tests."""
        raise NotImplementedError

    def wait(self, timeout_s: float) -> None:
        """Not in these tests."""

    def close(self) -> None:
        """Nothing to close."""


def looked(takes_ms: int = 0) -> tuple[Lookout, int]:
    """A lookout that has just looked, and when."""
    wire = Wire(takes_ms)
    lookout = Lookout(wire, wire.clock_ns)
    return lookout, lookout.read_back(STATE).now_ns


def test_look_comes_ten_times_a_second() -> None:
    """Not sooner, while nothing is in doubt."""
    lookout, at_ns = looked()
    assert not lookout.due(STATE, at_ns + LOOK_NS - 1)
    assert lookout.due(STATE, at_ns + LOOK_NS)


def test_look_waits_for_the_part_in_hand_and_for_its_acknowledgement() -> None:
    """Nothing of it lies between a trigger and the verdict at the PLC, unless there is no end."""
    lookout, at_ns = looked()
    later_ns = at_ns + LOOK_NS + NS_PER_MS
    lookout.part()
    assert not lookout.due(STATE, later_ns)
    lookout.verdict()
    assert lookout.due(STATE, later_ns)
    unacknowledged = STATE._replace(outbox=STATE.outbox._replace(pending=(WAITING,)))
    assert not lookout.due(unacknowledged, later_ns)
    lookout.part()
    assert not lookout.due(STATE, at_ns + LOOK_NS + PATIENCE_NS - 1)
    assert lookout.due(STATE, at_ns + LOOK_NS + PATIENCE_NS)


def test_part_without_a_verdict_does_not_count_for_ever() -> None:
    """After the look that came in spite of it, the next ones come in time again."""
    wire = Wire()
    lookout = Lookout(wire, wire.clock_ns)
    lookout.part()
    at_ns = lookout.read_back(STATE).now_ns  # the first one is long overdue
    assert lookout.due(STATE, at_ns + LOOK_NS + NS_PER_MS)
    lookout.verdict()
    lookout.verdict()
    lookout.part()
    assert not lookout.due(STATE, at_ns + LOOK_NS + NS_PER_MS)


@pytest.mark.parametrize("doubt", [Strangers(held_ns=1), Strangers(lives=True)])
def test_look_comes_in_every_turn_while_in_doubt(doubt: Strangers) -> None:
    """There is no permit then, and no verdict that counts."""
    lookout, at_ns = looked()
    lookout.part()
    assert lookout.due(STATE._replace(strangers=doubt), at_ns)


def test_slow_wire_is_looked_at_less_often_and_a_very_slow_one_not_at_all() -> None:
    """A tenth of the time at most; beyond a limit PLC_HEART would be missed."""
    lookout, at_ns = looked(30)
    assert not lookout.due(STATE, at_ns + SHARE * 30 * NS_PER_MS - 1)
    assert lookout.due(STATE, at_ns + SHARE * 30 * NS_PER_MS)
    lookout, at_ns = looked(DEAR_NS // NS_PER_MS + 1)
    assert not lookout.due(STATE._replace(strangers=STATE.strangers._replace(held_ns=1)), at_ns)
    assert not lookout.due(STATE, at_ns + 10**12)


def test_objection_is_written_by_one_that_waits_and_by_nobody_else() -> None:
    """Our BOX_ID, once the fault is latched and as long as we have not written."""
    wire = Wire()
    lookout = Lookout(wire)
    latched = STATE._replace(latched=int(FaultBit.STRANGER))
    there = latched._replace(strangers=latched.strangers._replace(arrived=True))
    for state in (STATE, latched, there):
        lookout.read_back(state)
    assert wire.marks == [0, 1111, 0]


# -- a PLC that does not let us look -----------------------------------------------------


class Refusing(DataHandler):  # type: ignore[misc]  # the library is not typed
    """Answers every read of the registers below 100 with an exception; says how often."""

    def __init__(self, exception: int) -> None:
        super().__init__()
        self.exception = exception
        self.asked = 0

    def read_h_regs(self, address: int, count: int, srv_info: object) -> object:
        """Called by the server for FC3."""
        if address < 100:
            self.asked += 1
            return DataHandler.Return(exp_code=self.exception)
        return super().read_h_regs(address, count, srv_info)


@contextlib.contextmanager
def plc_of(handler: DataHandler) -> Iterator[ModbusClient]:
    """A client of such a PLC, connected."""
    server = ModbusServer("127.0.0.1", 0, no_block=True, data_hdl=handler)
    server.start()
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    section = ModbusClientSection(
        driver="modbus-client",
        host="127.0.0.1",
        port=server._service.server_address[1],
        timeout_ms=1000,
    )
    client = ModbusClient(section, fd)
    client.open()
    try:
        yield client
    finally:
        client.close()
        server.stop()
        os.close(fd)


@pytest.mark.parametrize("exception", [1, 2, 3])
def test_plc_that_does_not_let_d_be_read_is_asked_once(
    exception: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The connection is there afterwards, over and over, and the log says what that means."""
    handler = Refusing(exception)
    with plc_of(handler) as client:
        for _ in range(3):
            assert client.read_back() is None
        assert client.read_back(mark=7) is None
        client.close()
        client.open()
        assert client.read_back() is None
        assert handler.data_bank.get_holding_registers(29, 1) == [7]
    assert handler.asked == 1
    assert "another device that writes there is found by its session only" in caplog.text


@pytest.mark.parametrize("exception", [4, 6])
def test_plc_that_is_busy_is_no_reason_to_look_no_more(exception: int) -> None:
    """It says no to everything now, and the link connects again."""
    handler = Refusing(exception)
    with plc_of(handler) as client:
        for _ in range(2):
            with pytest.raises(LinkRefused):
                client.read_back()
            client.open()
    assert handler.asked == 2


class Silent(Refusing):
    """Never answers them."""

    def read_h_regs(self, address: int, count: int, srv_info: object) -> object:
        """Called by the server for FC3."""
        if address < 100:
            time.sleep(1.5)
        return super().read_h_regs(address, count, srv_info)


def test_plc_that_never_answers_a_look_is_asked_twice() -> None:
    """Some drop what they do not know; the station works with them as it always did."""
    handler = Silent(2)
    with plc_of(handler) as client:
        for _ in range(2):
            with pytest.raises(LinkSilent):
                client.read_back()
            client.open()
        assert client.read_back() is None


def test_look_needs_a_connection() -> None:
    """Before open it is an error like any other."""
    handler = Refusing(2)
    with plc_of(handler) as client:
        client.close()
        with pytest.raises(LinkError, match="call open first"):
            client.read_back()
