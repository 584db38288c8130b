"""The Modbus RTU client role against a PLC in bare bytes, and against pymodbus' server."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import D_WORDS, PlcWords, pack_plc, record_at, unpack_record
from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClientSection
from gonogo.plc.transports.rtu_frame import pack_frame
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.plc.scripted_rtu import UNIT, Bench, ScriptedPlc
from gonogo.tests.serial_lines import PATIENCE_S, Cable, SerialPlc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.plc.handshake.state import Delivery

BITS = (True, False, True, False, True, False, False)
IMAGE = ProcessImage(tuple(range(D_WORDS)), BITS)
SILENT = b""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A client role, not open yet."""
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def codes(asked: list[bytes]) -> list[int]:
    """Function codes."""
    return [pdu[0] for pdu in asked]


# -- requests --------------------------------------------------------------------------


def test_exchange_writes_records_then_the_header_then_reads(bench: Bench) -> None:
    """Records first, the header that counts them after, and P last; then only what changed."""
    bench.client.open()
    inputs = bench.client.exchange(IMAGE)
    assert list(inputs.words) == bench.plc.p
    assert [pdu[:5] for pdu in bench.plc.asked[1:]] == [
        struct.pack(">BHH", 16, 32, 64),
        struct.pack(">BHH", 16, 0, 32),
        struct.pack(">BHH", 3, 100, 20),
    ]
    bench.client.exchange(IMAGE)
    assert codes(bench.plc.asked[4:]) == [3]


def test_refusal_says_what_to_map(bench: Bench) -> None:
    """An exception of the PLC is a LinkRefused that an engineer can act on."""
    bench.client.open()
    bench.plc.script = [pack_frame(UNIT, b"\x90\2")]
    with pytest.raises(LinkRefused, match=r"exception 2 .*map 96 holding registers from 0"):
        bench.client.exchange(IMAGE)
    with pytest.raises(LinkError, match="call open first"):
        bench.client.exchange(IMAGE)


# -- what comes too late, or wrong -----------------------------------------------------


def test_silent_plc_is_asked_once(bench: Bench) -> None:
    """No retry: an event is never said twice."""
    bench.client.open()
    bench.plc.script = [SILENT]
    with pytest.raises(LinkSilent, match=r"within 300 ms to the write of words D32-D95.*; check"):
        bench.client.exchange(IMAGE)
    assert codes(bench.plc.asked) == [3, 16]


def test_late_reply_is_never_taken_for_the_next_one(bench: Bench) -> None:
    """The answer to a read comes after its time, even after the port was opened again."""
    bench.client.open()
    late = bench.plc.answer(struct.pack(">BHH", 3, 100, 20))
    bench.plc.script = [None, None, SILENT]
    with pytest.raises(LinkSilent, match="read of words P100-P119"):
        bench.client.exchange(IMAGE)
    bench.line.say(late)  # while the port is closed: dropped with the opening
    bench.plc.p = list(range(700, 720))
    probe = bench.plc.answer(struct.pack(">BHH", 3, 100, 2))
    bench.plc.script = [late + probe]  # and once more when the first question is out already
    bench.client.open()
    assert list(bench.client.exchange(IMAGE).words) == bench.plc.p


def test_what_came_between_two_requests_is_dropped(bench: Bench) -> None:
    """A reply said twice by a repeater on the line is gone before the next question."""
    bench.client.open()
    bench.client.exchange(IMAGE)
    bench.line.say(bench.plc.answer(struct.pack(">BHH", 3, 100, 20)))
    assert bench.line.arrived()
    bench.plc.p = list(range(700, 720))
    assert list(bench.client.exchange(IMAGE).words) == bench.plc.p


def test_late_reply_in_place_of_the_first_one_does_not_open_the_link(bench: Bench) -> None:
    """Each opening asks for another number of words: an older answer never fits."""
    bench.client.open()
    old = bench.plc.answer(bench.plc.asked[0])
    bench.client.close()
    bench.plc.script = [old]
    with pytest.raises(LinkSilent):
        bench.client.open()
    counts = {int.from_bytes(pdu[3:5], "big") for pdu in bench.plc.asked}
    assert len(counts) == 2
    assert 20 not in counts


def test_reply_to_another_question_begins_anew(bench: Bench) -> None:
    """A good frame that does not fit is not skipped: what follows it could be late, too."""
    bench.client.open()
    bench.plc.script = [bench.plc.answer(struct.pack(">BHH", 3, 100, 20))]
    with pytest.raises(LinkError, match=r"a reply of function 3 came to the write .*late"):
        bench.client.exchange(IMAGE)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame[:-1] + bytes((frame[-1] ^ 0x10,)),
        lambda frame: frame[:-3],
        lambda frame: bytes((UNIT + 1,)) + frame[1:],
        lambda _frame: bytes(range(256)) * 8,
    ],
    ids=["crc", "short", "unit", "noise"],
)
def test_reply_that_is_no_frame_is_no_reply(bench: Bench, spoil: Callable[[bytes], bytes]) -> None:
    """A spoilt answer ends in the timeout, and the message says that something was there."""
    bench.client.open()
    bench.plc.script = [spoil(bench.plc.answer(struct.pack(">BHH", 16, 32, 64)))]
    with pytest.raises(LinkSilent, match=r"\d+ bytes that are no frame"):
        bench.client.exchange(IMAGE)


def test_glitch_before_a_reply_costs_nothing(bench: Bench) -> None:
    """The byte that a line makes when its driver is switched on."""
    bench.client.open()
    first = bench.plc.answer(struct.pack(">BHH", 16, 32, 64))
    bench.plc.script = [b"\0" + first]
    assert list(bench.client.exchange(IMAGE).words) == bench.plc.p


@pytest.mark.parametrize("echo", [True, False])
def test_line_that_hears_itself_is_no_matter(tmp_path: Path, *, echo: bool) -> None:
    """Our requests come back before the answers, whether that was announced or not."""
    bench = Bench(tmp_path, echo=echo)
    bench.plc.hears = True
    try:
        bench.client.open()
        assert list(bench.client.exchange(IMAGE).words) == bench.plc.p
    finally:
        bench.close()


# -- the device ------------------------------------------------------------------------


def test_device_that_disappears_is_a_link_error_until_it_is_back(bench: Bench) -> None:
    """Pulled out between two exchanges, and put back."""
    bench.client.open()
    bench.client.exchange(IMAGE)
    bench.plc.close()
    bench.line.unplug()
    with pytest.raises(LinkError, match="the device is gone"):
        bench.client.exchange(IMAGE)
    with pytest.raises(LinkError, match="no such device"):
        bench.client.open()
    bench.line.plug()
    bench.plc = ScriptedPlc(bench.line)
    bench.client.open()
    assert list(bench.client.exchange(IMAGE).words) == bench.plc.p


# -- the section -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"baud": 9600}, r"timeout_ms: expected at least 272 ms at 9600 baud"),
        ({"d_base": 50}, "overlap"),
        ({"unit": 0}, "unit"),
        ({"unit": 248}, "unit"),
        ({"baud": 11520}, "baud"),
        ({"parity": "mark"}, "parity"),
        ({"device": "ttyUSB0"}, "device"),
    ],
)
def test_section_refuses_what_cannot_work(fields: dict[str, object], message: str) -> None:
    """Bounds stand in the type; a timeout that the baud rate cannot keep is told with figures."""
    plain = {"driver": "modbus-rtu-client", "device": "/dev/ttyUSB0"}
    ModbusRtuClientSection.model_validate(plain)
    with pytest.raises(ValidationError, match=message):
        ModbusRtuClientSection.model_validate(plain | fields)


# -- a third-party PLC -----------------------------------------------------------------


def test_link_delivers_to_a_third_party_plc(tmp_path: Path) -> None:
    """Pymodbus' serial server as PLC: handshake, a verdict, its acknowledgement, the bits."""
    cable = Cable(tmp_path)
    plc = SerialPlc(cable.plc, UNIT)
    plc.set_words(100, list(pack_plc(PlcWords(map_version=1, ctrl=3))))
    section = ModbusRtuClientSection(
        driver="modbus-rtu-client",
        device=str(cable.station),
        unit=UNIT,
        parity="none",
        timeout_ms=2000,
        coil_base=16,
    )
    link = PlcLink(section, LinkedStation(10**10))
    link.condition = Condition(tested=True, camera_ok=True, engine_ok=True)
    deliveries: list[Delivery] = []

    def scan() -> list[Delivery]:
        link.alive(time.monotonic_ns())
        plc.set_words(101, [plc.words(101, 1)[0] + 1 & 0xFFFF])
        plc.set_words(104, plc.words(12, 1))
        plc.set_words(115, plc.words(13, 1))
        deliveries.extend(link.deliveries())
        return deliveries

    link.start()
    until(lambda: scan() == [] and link.permit)
    now_ns = time.monotonic_ns()
    link.report(
        Part(1, 42, now_ns, now_ns, now_ns, now_ns + 10**10),
        Verdict(
            VerdictKind.ACCEPT, Reason.OK, 5, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
        ),
    )
    until(lambda: bool(scan()))
    assert (deliveries[0].part_id, deliveries[0].delivered) == (42, True)
    record = unpack_record(plc.words(record_at(deliveries[0].sequence), 8))
    assert record is not None
    assert record.part_id == 42
    assert plc.coils(16, 7)[2:4] == [True, False]
    link.close()
    plc.close()
    cable.close()


def until(done: Callable[[], bool]) -> None:
    """Call until true."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s
