"""When a module is asked about its output: often, at once after a write, never before an edge."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from pymodbus.pdu.bit_message import ReadCoilsResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse

from gonogo.base.errors import LinkError
from gonogo.base.words import NS_PER_MS
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.modbus_reply import ReplyGuard
from gonogo.plc.transports.senses import ArmSection, ModuleWatchdogSection
from gonogo.plc.transports.sensing import Sensing, grouped, plan_of, spots_of

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.senses import Sensed

REPLY_S = 0.03
FAR_NS = 3_600_000 * NS_PER_MS
KEYS = {"driver": "modbus-io", "host": "10.0.0.5", "readback_address": 5}
FEEDBACK, CONFIRM = {"address": 8}, {"address": 9, "inverted": True}


def section(**keys: object) -> ModbusIoSection:
    """A module whose output is read as coil 5."""
    return ModbusIoSection.model_validate(KEYS | keys)


class Wire:
    """Answers every read with the bits that are on, after a time."""

    def __init__(self, *on: tuple[int, int], reply_s: float = 0.0) -> None:
        self.on = set(on)  # function code and address
        self.reply_s = reply_s
        self.asked: list[tuple[int, int, int]] = []
        self.written: list[tuple[int, int]] = []

    def __call__(self, request: ModbusPDU, what: str) -> ModbusPDU:
        """As a transport's `ask`."""
        del what
        time.sleep(self.reply_s)
        code, at = request.function_code, request.address
        if code in (5, 6):
            self.written.append((code, at))
            return request
        self.asked.append((code, at, request.count))
        values = [(code, at + k) in self.on for k in range(request.count)]
        if code in (3, 4):
            return ReadHoldingRegistersResponse(registers=[int(value) for value in values])
        return ReadCoilsResponse(bits=values)


def sensing(section: ModbusIoSection, wire: Wire, poll_ms: float | None = None) -> Sensing:
    """One on that wire."""
    made = plan_of(section, 1, section.watchdog)
    return Sensing(made if poll_ms is None else made._replace(poll_ms=poll_ms), wire)


UNHURRIED_MS = 3_600_000.0  # a poll in which all is asked, on a busy machine, too


def later(ms: float) -> int:
    """An edge in so many ms."""
    return time.monotonic_ns() + round(ms * NS_PER_MS)


def values(sensed: Sensed) -> tuple[bool | None, ...]:
    """What was found."""
    return sensed.output, sensed.feedback, sensed.covered, sensed.tripped


def test_neighbours_are_asked_in_one_request() -> None:
    """Inputs that lie close together; an output by another function code, or far away, alone."""
    keys = {"feedback": FEEDBACK, "confirm": CONFIRM}
    watchdog = ModuleWatchdogSection(state=9, state_fc=2, tripped=1)
    groups = grouped(spots_of(section(**keys), watchdog))
    assert [[spot.name for spot in group.spots] for group in groups] == [
        ["output"],
        ["feedback", "covered"],
        ["tripped"],
    ]
    inputs = grouped(spots_of(section(readback_fc=2, **keys), None))
    assert [(group.first, group.size) for group in inputs] == [(5, 5)]
    far = grouped(spots_of(section(feedback={"address": 8}, confirm={"address": 24}), None))
    assert [(group.first, group.size) for group in far] == [(5, 1), (8, 1), (24, 1)]


def test_values_go_where_they_belong() -> None:
    """Inverted inputs, too."""
    keys = {"feedback": FEEDBACK, "confirm": CONFIRM}
    wire = Wire((1, 5), (2, 9))
    assert values(sensing(section(**keys), wire, UNHURRIED_MS).sense(0, told=True)) == (
        True, False, False, None
    )  # fmt: skip
    wire.on = {(2, 8)}
    assert values(sensing(section(**keys), wire, UNHURRIED_MS).sense(0, told=True)) == (
        False, True, True, None
    )  # fmt: skip


def test_state_of_the_module_is_asked_rarely() -> None:
    """It is no part of a cycle."""
    wire = Wire((3, 77))
    made = sensing(section(watchdog={"state": 77, "tripped": 1}), wire, UNHURRIED_MS)
    found = [made.sense(0, told=False).tripped for _ in range(5)]
    assert found == [True] + [None] * 4


def test_nothing_is_asked_when_an_edge_is_near() -> None:
    """Nearer than a reply takes: the edge comes first; afterwards the read-back does."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(readback_ms=5000), wire)
    made.sense(0, told=False)
    assert made.reply_ns >= REPLY_S * 1e9
    assert values(made.sense(later(REPLY_S * 500), told=False)) == (None,) * 4
    assert made.sense(later(FAR_NS / NS_PER_MS), told=False).output is False
    assert len(wire.asked) == 2


def test_output_is_asked_before_an_edge_if_nothing_was_read_for_too_long() -> None:
    """A line so dense that there is always an edge near: now and then one waits for a reply."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(readback_ms=50), wire)
    end_s = time.monotonic() + 1.0
    sensed = 0
    while time.monotonic() < end_s:
        made.sense(later(1), told=False)
        sensed += 1
        time.sleep(0.001)
    assert 2 <= len(wire.asked) < sensed / 4


def test_slow_module_is_asked_one_thing_at_a_time_and_its_output_first_after_a_write() -> None:
    """No verdict waits for more than a write and a reply."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(feedback=FEEDBACK), wire)
    for _ in range(3):
        made.sense(0, told=False)
    assert [code for code, _, _ in wire.asked] == [1, 2, 1]
    made.sense(0, told=True)
    assert wire.asked[-1][0] == 1


def test_slow_module_is_not_read_in_the_exchange_that_wrote_it() -> None:
    """Unless its output has to be read before it changes again."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(), wire)
    made.sense(0, told=False)
    assert made.sense(0, told=True, wrote=True).output is None
    assert made.sense(0, told=True).output is False
    assert made.sense(-1, told=False, wrote=True).output is False


def test_fast_module_is_asked_everything_each_time() -> None:
    """All of it fits into a poll."""
    wire = Wire()
    made = sensing(section(feedback=FEEDBACK, poll_ms=100), wire)
    made.sense(0, told=False)
    made.sense(0, told=False)
    assert [code for code, _, _ in wire.asked] == [1, 2, 1, 2]


def test_what_was_told_keeps_its_time_until_it_changes_or_the_connection_does() -> None:
    """From the first look after it on."""
    made = sensing(section(), Wire())
    first, again = made.sense(0, told=True), made.sense(0, told=True)
    other = made.sense(0, told=False)
    assert first.told_ns == again.told_ns < other.told_ns
    made.connected()
    anew = made.sense(0, told=False)
    assert anew.told_ns > other.told_ns
    assert anew.connection == other.connection + 1


def test_arming_writes_registers_and_coils_in_their_order() -> None:
    """As the module's manual wants it."""
    arm = ({"register_address": 4385, "value": 48847}, {"coil_address": 4144, "value": 1})
    wire = Wire()
    sensing(section(watchdog={"arm": arm}), wire).arm()
    assert wire.written == [(6, 4385), (5, 4144)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"value": 1}, "expected either register_address"),
        ({"value": 1, "register_address": 1, "coil_address": 1}, "expected either"),
        ({"value": 2, "coil_address": 1}, "expected 0 or 1 for a coil, got 2"),
    ],
)
def test_arming_write_that_is_no_write_is_refused(keys: dict[str, int], expected: str) -> None:
    """Neither, both, or a coil with a number."""
    with pytest.raises(ValidationError, match=expected):
        ArmSection.model_validate(keys)


def test_state_without_what_it_reads_is_refused() -> None:
    """Half of it says nothing."""
    with pytest.raises(ValidationError, match="expected both state and tripped"):
        ModuleWatchdogSection(state=5)


def test_senses_of_an_ejector_that_is_not_there_are_refused() -> None:
    """A station whose PLC ejects."""
    plain = ModbusClientSection(driver="modbus-client", host="10.0.0.5")
    assert not plain.senseless(None)
    keys = {"feedback": FEEDBACK}
    with_feedback = ModbusClientSection.model_validate(plain.model_dump() | keys)
    assert "expected an [eject]" in with_feedback.senseless(None)


@pytest.mark.parametrize(
    ("request_pdu", "reply_pdu"),
    [
        ("0100050001", "010101"),
        ("0200050009", "02020101"),
        ("0400050002", "040400010002"),
        ("0300050001", "03020001"),
        ("0500050000", "0500050000"),
        ("0610070001", "0610070001"),
    ],
)
def test_guard_knows_the_reply_to_every_request(request_pdu: str, reply_pdu: str) -> None:
    """Whole at its very end; a reply of another function, or one byte more, is none."""
    guard = ReplyGuard("module")
    head = bytes.fromhex("000700000006") + b"\x01"
    guard.expect(head + bytes.fromhex(request_pdu))
    pdu = bytes.fromhex(reply_pdu)
    reply = b"\x00\x07\x00\x00" + (len(pdu) + 1).to_bytes(2, "big") + b"\x01" + pdu
    assert not guard.whole(reply[:-1])
    assert guard.whole(reply)
    other = bytes([pdu[0] ^ 7]) + pdu[1:]
    for wrong in (reply + b"\x00", reply[:7] + other):
        with pytest.raises(LinkError, match="does not follow Modbus"):
            guard.whole(wrong)
