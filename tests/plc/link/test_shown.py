"""What the link thread shows people of itself, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.link_table import CTRL_BITS, SINCES, LinkFlag
from gonogo.plc.handshake.state import first_state
from gonogo.plc.link.handover import Handover
from gonogo.plc.link.shown import EVERY_NS, Shown
from gonogo.plc.register_map import (
    D_WORDS,
    Header,
    PlcWords,
    State,
    StatusBit,
    pack_header,
    pack_plc,
    unpack_header,
    unpack_plc,
    unpack_record,
)
from gonogo.plc.transports.transport import Inputs, ProcessImage
from gonogo.tests.plc.link.test_link_thread import StepPlc, report, run

if TYPE_CHECKING:
    from gonogo.ipc.link_table import LinkFacts

S = 10**9
IDLE = first_state(500)


def image(status: int = 0, *bits: bool) -> ProcessImage:
    """With that STATUS, and no result."""
    return ProcessImage((*pack_header(Header(status=status)), *(0,) * (D_WORDS - 32)), bits)


def inputs(ctrl: int, at_ns: int = S) -> Inputs:
    """The PLC's words of that moment."""
    return Inputs(pack_plc(PlcWords(ctrl=ctrl)), at_ns - 1, at_ns)


def told(station: str, *steps: tuple[int, int, int]) -> LinkFacts:
    """After exchanges with these (CTRL, STATUS, when in ns)."""
    heart = Heartbeat.create(station)
    shown = Shown(heart.link)
    for ctrl, status, at_ns in steps:
        shown.exchanged(image(status, True, False), inputs(ctrl, at_ns))  # noqa: FBT003 - bits
        shown.tell(IDLE, "", at_ns)
    found = heart.link.look()
    assert found is not None
    return found


def test_shown_is_due_ten_times_a_second(station: str) -> None:
    """At once, then not before; without a table never."""
    heart, handover = Heartbeat.create(station), Handover(IDLE)
    shown, told_ns = Shown(heart.link), []
    assert EVERY_NS == 100 * NS_PER_MS
    for now_ns in (S, S + EVERY_NS - 1, S + EVERY_NS):
        shown.turn(handover, "", now_ns)
        found = heart.link.look()
        assert found is not None
        told_ns.append(found.told_ns)
    assert told_ns == [S, S, S + EVERY_NS]
    Shown(None).turn(handover, "", S)
    handover.close()


def test_shown_tells_since_when_each_bit_is_as_it_is(station: str) -> None:
    """Nothing of bits that were so at the first look; of the others the last change."""
    busy = int(StatusBit.BUSY)
    found = told(station, (1, 0, S), (3, busy, 2 * S), (3, busy, 3 * S), (3, 0, 4 * S))
    since = dict(enumerate(found.since_ns))
    assert {k: at_ns for k, at_ns in since.items() if at_ns} == {1: 2 * S, CTRL_BITS + 2: 4 * S}
    assert len(found.since_ns) == SINCES
    assert (unpack_plc(found.inputs).ctrl, found.bits, found.heard_ns) == (3, 1, 4 * S)


@pytest.mark.parametrize("bit", [StatusBit.TEST_MODE, StatusBit.BUSY])
def test_shown_tells_of_test_mode_whoever_asked_for_it(station: str, bit: StatusBit) -> None:
    """As STATUS has it."""
    flags = told(station, (1, int(bit), S)).flags
    assert (LinkFlag.TEST in flags) == (bit is StatusBit.TEST_MODE)


def test_shown_tells_of_a_link_that_never_was(station: str) -> None:
    """Zeros, and why."""
    heart = Heartbeat.create(station)
    Shown(heart.link).tell(IDLE, "GN401: no route", S)
    found = heart.link.look()
    assert found is not None
    assert (found.reason, found.state, found.heard_ns) == ("GN401: no route", State.BOOT, 0)
    assert LinkFlag.CONNECTED not in found.flags


def test_link_thread_shows_what_the_plc_was_shown(station: str) -> None:
    """The session, the newest record whole, and that the PLC follows."""
    heart = Heartbeat.create(station)
    plc = StepPlc(12)
    plc.script = {6: lambda: report(plc, serial=42)}
    bench = run(plc, table=heart.link)
    found = heart.link.look()
    assert found is not None, "told as it began"
    bench.thread._shown._told_ns = -EVERY_NS
    bench.thread._shown.turn(bench.handover, "", S)
    found = heart.link.look()
    assert found is not None
    record, header = unpack_record(found.record), unpack_header(found.header)
    assert record is not None
    assert (record.part_id, record.sequence) == (42, header.res_seq)
    # another one than at first where the box was busy: the same on both sides
    assert unpack_plc(found.inputs).session_echo == header.session_id != 0
    assert found.session == bench.state.outbox.session


def test_link_thread_shows_nothing_while_a_verdict_waits(station: str) -> None:
    """It goes first: people wait a tenth of a second more."""
    heart = Heartbeat.create(station)
    plc = StepPlc(2)
    bench = run(plc, table=heart.link)
    before = heart.link.look()
    report(plc)
    bench.thread._shown._told_ns = -EVERY_NS
    bench.thread._shown.turn(bench.handover, "", S)
    assert heart.link.look() == before
    bench.handover.next_verdict()
    bench.thread._shown.turn(bench.handover, "", S)
    assert heart.link.look() != before
