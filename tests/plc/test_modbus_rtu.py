"""The Modbus RTU server role, polled in bare bytes on a pseudo terminal."""

from __future__ import annotations

import random
import struct
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError
from gonogo.plc.register_map import Header, pack_header
from gonogo.plc.transports.rtu_frame import pack_frame
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.peers.cells import BITS_SHOWN, CELLS, P_HELD, Cell
from gonogo.tests.plc.raw_rtu import UNIT, Station
from gonogo.tests.serial_lines import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ERROR = 0x80
REQUESTS = set(range(ERROR)) - {11}
READ = struct.pack(">BHH", 3, 0, 32)


def write(address: int, *words: int) -> bytes:
    """FC16."""
    head = struct.pack(">BHHB", 16, address, len(words), 2 * len(words))
    return head + struct.pack(f">{len(words)}H", *words)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A server role as unit 5."""
    station = Station(tmp_path)
    yield station
    station.close()


@pytest.fixture
def hearing(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Station]:
    """The same on a line that hears itself, with `echo` as the test says."""
    station = Station(tmp_path, echo=request.param)
    yield station
    station.close()


# -- requests --------------------------------------------------------------------------


def test_plc_reads_d_and_writes_p(station: Station) -> None:
    """The same map as over TCP, in frames of RTU."""
    assert station.ask(READ) == struct.pack(">BB32H", 3, 64, *range(1000, 1032))
    assert station.ask(write(100, 1, 2, 3)) == struct.pack(">BHH", 16, 100, 3)
    assert station.plc()[:4] == (1, 2, 3, 0)
    assert station.ask(b"\2\0\0\0\7") == b"\2\1\x19"  # 1 0 0 1 1 0 0


@pytest.mark.parametrize(
    "cell", [cell for cell in CELLS if cell.request[0] in REQUESTS], ids=lambda cell: cell.name
)
def test_cell_of_the_conformance_table(station: Station, cell: Cell) -> None:
    """The replies of the TCP server, whether the frame's length follows from its function or not.

    Functions from 128 on are replies here, and so is one of FC11 with data.
    """
    station.ask(write(100, *P_HELD))
    refusal = bytes([cell.request[0] | ERROR])
    reply = cell.reply if isinstance(cell.reply, bytes) else refusal + bytes([cell.reply])
    assert station.ask(cell.request) == reply
    assert station.plc() == tuple(cell.writes.get(k, held) for k, held in enumerate(P_HELD))


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        (struct.pack(">BHHB", 16, 100, 0, 0), 3),
        (struct.pack(">BHHBH", 16, 100, 2, 2, 1), 3),  # byte count says one word
        (struct.pack(">BHHBI", 16, 100, 2, 2, 1), 3),  # byte count lies: the silence ends it
        (b"\x63\0", 1),
        (b"\x0b", 1),
        (struct.pack(">BHH", 8, 4, 0), 1),
        (b"\x2b\x0d\1\0", 1),
    ],
)
def test_request_that_cannot_be_served_is_answered_as_over_tcp(
    station: Station, pdu: bytes, code: int
) -> None:
    """The same exceptions for what no table of requests has."""
    before = station.plc()
    assert station.ask(pdu) == bytes((pdu[0] | ERROR, code))
    assert station.plc() == before


def test_station_says_who_it_is(station: Station) -> None:
    """FC43, as over TCP."""
    assert b"\x06gonogo\x01\x06gonogo\x02\x011" in station.ask(b"\x2b\x0e\1\0")


def test_image_from_before_the_line_was_lost_is_not_shown_again(station: Station) -> None:
    """A result of then is no result of now: zero until the link has said something."""
    assert station.ask(READ)[2:] != bytes(64)
    station.server.open()
    station.line.request(UNIT, READ)
    while not (heard := station.line.heard(0)):
        station.server.wait(PATIENCE_S)
    assert heard[3:-2] == bytes(64)


def test_plc_of_bits_alone_is_translated(station: Station) -> None:
    """Coil 1 enables, a change of coil 0 acknowledges, polling is life: as over TCP."""
    station.image = ProcessImage(
        pack_header(Header(res_seq=12, session_id=345)) + (0,) * 64, BITS_SHOWN
    )
    station.ask(struct.pack(">BHH", 5, 1, 0xFF00))
    heart, ctrl, ack, session = (station.plc()[k] for k in (1, 2, 4, 15))
    assert (ctrl, ack, session) == (3, 0, 345)
    station.ask(b"\2\0\0\0\7")
    assert station.plc()[1] == heart + 1
    station.ask(struct.pack(">BHH", 5, 0, 0xFF00))
    assert station.plc()[4] == 12


def test_broadcast_write_is_obeyed_and_not_answered(station: Station) -> None:
    """Unit 0: everybody obeys, nobody answers; a read to all is nothing."""
    station.line.request(0, write(102, 3))
    assert station.serve() == b""
    assert station.plc()[2] == 3
    station.line.request(0, READ)
    assert station.serve() == b""
    assert station.ask(READ)[:2] == b"\3\x40"


def test_other_units_talk_in_peace(station: Station) -> None:
    """Requests to another unit and its replies are heard and left alone."""
    for pdu in (READ, b"\3\4\0\1\0\2", write(100, 9), struct.pack(">BHH", 16, 100, 1)):
        station.line.request(9, pdu)
        assert station.serve() == b""
    assert station.plc() == (0,) * 20
    assert station.ask(READ)[:2] == b"\3\x40"


# -- what lines do to frames -----------------------------------------------------------


def test_request_with_a_wrong_crc_is_not_there(station: Station) -> None:
    """No answer, no effect; the PLC asks again and is served."""
    frame = pack_frame(UNIT, write(100, 7))
    station.line.say(frame[:-1] + bytes((frame[-1] ^ 1,)))
    assert station.serve() == b""
    assert station.plc()[0] == 0
    assert station.ask(write(100, 7))[0] == 16


def test_request_cut_short_is_forgotten_with_the_silence(station: Station) -> None:
    """Half a request and, after a pause, a whole one: the whole one alone counts."""
    station.line.say(pack_frame(UNIT, write(100, 7, 8))[:-4])
    assert station.serve() == b""
    assert station.ask(write(100, 5))[0] == 16
    assert station.plc()[:2] == (5, 0)


def test_glitch_before_a_request_costs_nothing(station: Station) -> None:
    """The byte that a line makes when its driver is switched on."""
    for glitch in (b"\0", b"\xff", b"\5"):
        station.line.say(glitch + pack_frame(UNIT, READ))
        assert station.serve(PATIENCE_S)[1:3] == b"\3\x40"


def test_request_in_pieces_is_answered(station: Station) -> None:
    """An adapter hands a frame over as it likes."""
    for byte in pack_frame(UNIT, READ):
        station.line.say(bytes((byte,)))
        station.server.wait(0)
    assert station.serve(PATIENCE_S)[1:3] == b"\3\x40"


def test_a_megabyte_of_noise_neither_answers_nor_writes(station: Station) -> None:
    """Whatever a line without its other end makes; then the PLC is there and is served."""
    noise = random.Random(7).randbytes(1_000_000)  # noqa: S311 - a seed makes it repeatable
    for at in range(0, len(noise), 1024):
        station.line.say(noise[at : at + 1024])
        station.server.wait(0)
    assert station.serve() == b""
    assert station.plc() == (0,) * 20
    assert station.ask(READ)[:2] == b"\3\x40"


def test_frames_with_a_good_crc_never_write_what_is_ours(station: Station) -> None:
    """Random PDUs behind a good CRC are answered or not; D stays, and the station serves on."""
    rng = random.Random(4)  # noqa: S311 - a seed makes it repeatable
    codes = (1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43, 99)
    for _ in range(300):
        pdu = bytes((rng.choice(codes),)) + rng.randbytes(rng.randrange(40))
        station.line.request(UNIT, pdu)
        station.server.wait(0.001)
    station.serve()
    station.line.heard(0)
    assert station.ask(READ) == struct.pack(">BB32H", 3, 64, *range(1000, 1032))


@pytest.mark.parametrize("hearing", [True], indirect=True)
def test_echo_is_dropped(hearing: Station) -> None:
    """A line that hears itself: our reply comes back and is no request, even one of FC6."""
    pdu = struct.pack(">BHH", 6, 104, 17)
    for _ in range(3):
        assert hearing.ask(pdu) == pdu
        time.sleep(0.02)  # an adapter may bring it late: then nothing else tells it
        hearing.line.request(UNIT, pdu)  # what the station hears of itself
        assert hearing.serve() == b""


@pytest.mark.parametrize("hearing", [False], indirect=True)
def test_echo_that_nobody_announced_is_named_and_not_answered(
    hearing: Station, caplog: pytest.LogCaptureFixture
) -> None:
    """Without echo = true a reply that comes back is told from a request, and said so."""
    reply = hearing.ask(READ)
    hearing.line.request(UNIT, reply)
    assert hearing.serve() == b""
    assert "hears itself: set echo = true" in caplog.text


# -- times -----------------------------------------------------------------------------


def test_reply_keeps_the_silence(tmp_path: Path) -> None:
    """At 1200 baud 3.5 characters are 29 ms: the answer comes no sooner."""
    station = Station(tmp_path, baud=1200)
    try:
        for _ in range(3):
            start_s = time.monotonic()
            station.ask(READ)
            assert time.monotonic() - start_s >= station.section.silence_ms / 1000
    finally:
        station.close()


def test_request_that_another_followed_is_obeyed_and_not_answered(station: Station) -> None:
    """Its master has given up waiting: an answer would meet the next request on the line."""
    station.line.say(pack_frame(UNIT, write(100, 1, 2)) + pack_frame(UNIT, READ))
    reply = station.serve(PATIENCE_S)
    assert reply[1:3] == b"\3\x40"
    assert station.serve() == b""
    assert station.plc()[:2] == (1, 2)


def test_request_that_another_units_followed_is_not_answered(station: Station) -> None:
    """The master speaks to somebody else by now."""
    station.line.say(pack_frame(UNIT, READ) + pack_frame(9, READ))
    assert station.serve() == b""


def test_write_of_the_plc_ends_the_wait(station: Station) -> None:
    """A part id is looked at when it arrives; its answer goes out in the wait after."""
    station.line.request(UNIT, struct.pack(">BHH", 6, 103, 5))
    turns = 0
    while station.plc()[3] != 5:
        station.server.wait(600)  # a wait that is not ended fails the test by its time
        turns += 1
        assert turns < 50
    assert station.serve(PATIENCE_S) == pack_frame(UNIT, struct.pack(">BHH", 6, 103, 5))


def test_write_reaches_back_to_before_it_was_on_the_wire(tmp_path: Path) -> None:
    """At 1200 baud an FC6 is 67 ms on its way: the part passed the photo-eye before that."""
    station = Station(tmp_path, baud=1200)
    try:
        station.server.wait(0)
        station.server.exchange(station.image)
        before_ns = time.monotonic_ns()
        station.line.request(UNIT, struct.pack(">BHH", 6, 103, 5))
        station.server.wait(PATIENCE_S)
        inputs = station.server.exchange(station.image)
        assert inputs.words[3] == 5
        assert inputs.since_ns < before_ns - station.section.wire_ms(8) * 1e6
    finally:
        station.close()


def test_first_write_after_a_disturbance_reaches_back(station: Station) -> None:
    """What was lost may have been this part, named the first time."""
    station.ask(write(103, 5))
    spoken_ns = station.server.exchange(station.image).at_ns
    for _ in range(3):
        station.server.wait(0.001)
        quiet = station.server.exchange(station.image)
    station.line.say(pack_frame(UNIT, write(103, 6))[:-1] + b"\0")
    station.serve()
    station.line.request(UNIT, write(103, 6))
    while (back := station.server.exchange(station.image)).words[3] != 6:
        station.server.wait(PATIENCE_S)
    assert back.since_ns < spoken_ns < quiet.since_ns


# -- the device ------------------------------------------------------------------------


def test_device_that_disappears_is_a_link_error_until_it_is_back(station: Station) -> None:
    """The adapter is pulled out while the station serves, and put back."""
    station.ask(READ)
    station.line.unplug()
    with pytest.raises(LinkError, match=r"ttyTEST0 \(115200 baud 8N1\): the device is gone"):
        station.server.wait(PATIENCE_S)
    with pytest.raises(LinkError, match="no such device; is the adapter plugged in"):
        station.server.open()
    with pytest.raises(LinkError, match="call open first"):
        station.server.exchange(station.image)
    station.line.plug()
    station.server.open()
    assert station.ask(READ)[:2] == b"\3\x40"
