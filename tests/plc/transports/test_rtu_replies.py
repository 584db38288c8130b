"""What is answered on a serial line, and when: in simulated time, no port."""

from __future__ import annotations

import math

import pytest

from gonogo.plc.register_map import D_WORDS
from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServerSection
from gonogo.plc.transports.modbus_served import ServedMap
from gonogo.plc.transports.rtu_frame import BROADCAST, Frame, pack_frame
from gonogo.plc.transports.rtu_replies import RtuReplies
from gonogo.plc.transports.transport import ProcessImage

UNIT, OTHER = 1, 9
READ_P = b"\x03\0\x64\0\x01"
WRITE_P = b"\x06\0\x64\0\x07"
CUT_OFF_S = 0.5
SILENCE_S = 0.00175
START_S = 1000.0


class Line:
    """A line on which frames are heard, and what comes of it."""

    def __init__(self) -> None:
        section = ModbusRtuServerSection(driver="modbus-rtu-server", device="/dev/null", unit=UNIT)
        self.writes = 0
        self.map = ServedMap(self._wrote, "serial line /dev/null")
        self.map.exchange(ProcessImage((0,) * D_WORDS, (False,) * 7))
        self.replies = RtuReplies(section, self.map, CUT_OFF_S)
        self.replies.start(1.0, START_S)
        self.now_s = START_S

    def _wrote(self) -> None:
        self.writes += 1

    def hear(self, *pdus: bytes, unit: int = UNIT, request: bool = True) -> None:
        """Frames come, all at once."""
        self.replies.hear([Frame(unit, pdu, request) for pdu in pdus], self.now_s)

    def send(self) -> bytes:
        """What is due goes out."""
        self.now_s = self.replies.due_s
        reply = self.replies.take()
        self.replies.sent(reply, self.now_s)
        return reply


@pytest.fixture
def line() -> Line:
    """Silent so far."""
    return Line()


def test_reply_is_due_after_the_silence(line: Line) -> None:
    """3.5 characters, fixed above 19200 baud; it goes out once."""
    assert line.replies.due_s == math.inf
    line.hear(READ_P)
    assert line.replies.due_s == pytest.approx(START_S + SILENCE_S)
    assert line.send() == pack_frame(UNIT, b"\x03\x02\0\0")
    assert line.replies.due_s == math.inf
    assert line.replies.take() == b""


def test_request_that_another_followed_is_obeyed_and_not_answered(line: Line) -> None:
    """Its master waits no more."""
    line.hear(WRITE_P, READ_P)
    assert line.writes == 1
    assert line.send() == pack_frame(UNIT, b"\x03\x02\0\x07")


def test_frame_of_another_unit_makes_a_reply_void(line: Line) -> None:
    """Somebody else is asked by now, and answers."""
    line.hear(READ_P)
    line.hear(READ_P, unit=OTHER)
    assert line.replies.due_s == math.inf


@pytest.mark.parametrize(("pdu", "writes"), [(WRITE_P, 1), (READ_P, 0)])
def test_broadcast_is_obeyed_where_it_writes_and_never_answered(
    line: Line, pdu: bytes, writes: int
) -> None:
    """All units would speak at once."""
    line.hear(pdu, unit=BROADCAST)
    assert line.writes == writes
    assert line.replies.due_s == math.inf


def test_own_reply_that_is_heard_is_no_request(line: Line) -> None:
    """The reply to FC6 looks like its request; too soon after it, it is our own."""
    line.hear(WRITE_P)
    line.send()
    line.hear(WRITE_P)
    assert line.writes == 1
    assert line.replies.due_s == math.inf
    line.hear(WRITE_P)  # it was heard once: the next one is the PLC's again
    assert line.writes == 2


def test_same_request_after_a_while_is_a_request(line: Line) -> None:
    """A PLC that has had the reply may well say the same again."""
    line.hear(WRITE_P)
    line.send()
    line.now_s += 0.1
    line.hear(WRITE_P)
    assert line.writes == 2


def test_plc_that_was_silent_for_long_comes_anew(line: Line) -> None:
    """What it says then may be as old as its last words before."""
    line.hear(READ_P)
    came = line.map.callers.came
    line.now_s += CUT_OFF_S * 0.9
    line.hear(READ_P)
    assert line.map.callers.came == came
    line.now_s += CUT_OFF_S * 1.1
    line.hear(READ_P)
    assert line.map.callers.came == came + 1
