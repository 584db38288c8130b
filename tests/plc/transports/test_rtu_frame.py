"""Modbus RTU frames: the CRC, where frames end, and what is no frame."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU

from gonogo.plc.transports.rtu_frame import MAX_BYTES, Echo, Splitter, crc16, fits, pack_frame

UNIT = 5
READ = struct.pack(">BHH", 3, 0, 96)
READ_REPLY = bytes((3, 192)) + bytes(range(192))
WRITE = struct.pack(">BHHB", 16, 100, 2, 4) + b"\1\2\3\4"
WRITE_REPLY = WRITE[:5]

# One random frame in 65536 has a good CRC by chance: the same examples in every run.
SAME = settings(derandomize=True)

REQUESTS = st.one_of(
    st.builds(
        lambda code, at, count: struct.pack(">BHH", code, at, count),
        st.sampled_from([1, 2, 3, 4, 5, 6]),
        st.integers(0, 255),
        st.integers(1, 125),
    ),
    st.builds(
        lambda at, data: struct.pack(">BHHB", 16, at, len(data) // 2, len(data)) + data,
        st.integers(0, 255),
        st.binary(min_size=2, max_size=246).map(lambda data: data[: len(data) // 2 * 2]),
    ),
    st.builds(
        lambda data: struct.pack(">BHHHHB", 23, 0, 96, 100, len(data) // 2, len(data)) + data,
        st.binary(min_size=2, max_size=242).map(lambda data: data[: len(data) // 2 * 2]),
    ),
)
REPLIES = st.one_of(
    st.builds(
        lambda code, data: bytes((code, len(data))) + data,
        st.sampled_from([1, 2, 3, 4, 23]),
        st.binary(min_size=1, max_size=250),
    ),
    st.sampled_from([WRITE_REPLY, b"\x83\2", b"\x90\3"]),
)


def server() -> Splitter:
    """What a server on the line as unit 5 hears with."""
    return Splitter(UNIT, serves=True)


@given(st.binary(max_size=300))
def test_crc_is_that_of_another_implementation(data: bytes) -> None:
    """The same CRC as pymodbus', low byte first; over a frame with its CRC it is 0."""
    other = FramerRTU.compute_CRC(data).to_bytes(2, "big")
    assert crc16(data).to_bytes(2, "little") == other
    assert crc16(data + other) == 0


def test_frame_is_the_one_in_the_standard() -> None:
    """Unit 2, function 7: 02 07 41 12 (MODBUS over Serial Line V1.02, appendix B)."""
    assert pack_frame(2, b"\7") == bytes.fromhex("02074112")


@SAME
@given(
    st.lists(st.tuples(st.integers(1, 247), REQUESTS | REPLIES), min_size=1, max_size=8),
    st.data(),
)
def test_frames_are_found_however_they_are_cut(
    sent: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    """Requests and replies of all units in a row, in pieces of any size: each once, in order."""
    line = b"".join(pack_frame(unit, pdu) for unit, pdu in sent)
    splitter, found = server(), []
    while line:
        size = data.draw(st.integers(1, len(line)))
        found += [(frame.unit, frame.pdu) for frame in splitter.feed(line[:size])]
        line = line[size:]
    assert found == sent
    assert (splitter.rest, splitter.junk) == (0, 0)


@SAME
@given(st.binary(max_size=40), REQUESTS)
def test_request_is_found_behind_noise(noise: bytes, pdu: bytes) -> None:
    """Whatever stands before it without a silence, our request is found when the line is silent."""
    splitter = server()
    found = splitter.feed(noise + pack_frame(UNIT, pdu)) + splitter.end()
    assert (UNIT, pdu) in [(frame.unit, frame.pdu) for frame in found]
    assert splitter.rest == 0


@SAME
@given(st.binary(max_size=600), REQUESTS)
def test_request_is_found_after_noise_and_a_silence(noise: bytes, pdu: bytes) -> None:
    """A silence ends whatever was there; the request after it is whole at its last byte."""
    splitter = server()
    splitter.feed(noise)
    splitter.end()
    assert [frame.pdu for frame in splitter.feed(pack_frame(UNIT, pdu))] == [pdu]


@SAME
@given(REQUESTS, st.data())
def test_request_with_a_wrong_bit_is_nothing(pdu: bytes, data: st.DataObject) -> None:
    """A CRC finds every single wrong bit."""
    frame = bytearray(pack_frame(UNIT, pdu))
    bit = data.draw(st.integers(0, 8 * len(frame) - 1))
    frame[bit // 8] ^= 1 << bit % 8
    splitter = server()
    found = splitter.feed(bytes(frame)) + splitter.end()
    assert [frame for frame in found if frame.request] == []
    assert splitter.junk > 0


@SAME
@given(REQUESTS, st.data())
def test_request_cut_short_is_nothing(pdu: bytes, data: st.DataObject) -> None:
    """A frame of which the end never came is forgotten with the silence."""
    frame = pack_frame(UNIT, pdu)
    splitter = server()
    splitter.feed(frame[: data.draw(st.integers(0, len(frame) - 1))])
    assert splitter.end() == []
    assert [found.pdu for found in splitter.feed(frame)] == [pdu]


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_splitter_holds_a_bounded_rest(pieces: list[bytes]) -> None:
    """Bytes that are no frame do not pile up."""
    splitter = server()
    for piece in pieces:
        splitter.feed(piece)
        assert splitter.rest <= 2 * MAX_BYTES


@pytest.mark.parametrize("pattern", [b"\0", b"\xff", b"\5", b"\5\x10", b"\5\3\0", b"\x00\x10"])
def test_a_megabyte_of_one_pattern_holds_no_request(pattern: bytes) -> None:
    """A line that is stuck, in any rhythm, is never taken for a request."""
    noise = pattern * (100_000 // len(pattern))
    splitter, found = server(), []
    for at in range(0, len(noise), 64):
        found += splitter.feed(noise[at : at + 64])
    assert [frame for frame in found + splitter.end() if frame.request] == []
    assert splitter.junk == len(noise)


def test_a_megabyte_of_noise_holds_no_request() -> None:
    """Random bytes of this seed hold no frame for us, and the next one is understood."""
    noise = random.Random(1).randbytes(1_000_000)  # noqa: S311 - a seed makes it repeatable
    splitter, found = server(), []
    for at in range(0, len(noise), 64):
        found += splitter.feed(noise[at : at + 64])
    found += splitter.end()
    assert [frame for frame in found if frame.unit == UNIT and frame.request] == []
    assert [frame.pdu for frame in splitter.feed(pack_frame(UNIT, READ))] == [READ]


def test_traffic_of_other_units_is_told_apart() -> None:
    """A request that lies inside another unit's reply is not ours."""
    inside = pack_frame(UNIT, WRITE)
    reply = bytes((3, len(inside))) + inside
    splitter = server()
    found = splitter.feed(pack_frame(9, READ) + pack_frame(9, reply))
    assert [(frame.unit, frame.request) for frame in found] == [(9, True), (9, False)]


def test_own_reply_is_not_a_request() -> None:
    """What a server hears of itself is a reply, where it can be told."""
    splitter = server()
    line = b"".join(pack_frame(UNIT, pdu) for pdu in (READ_REPLY, WRITE_REPLY, b"\x83\2"))
    assert [frame.request for frame in splitter.feed(line)] == [False] * 3


@pytest.mark.parametrize(("pdu", "heard"), [(WRITE, 1), (READ, 0), (READ_REPLY, 0)])
def test_broadcasts_are_writes(pdu: bytes, heard: int) -> None:
    """To unit 0 only writes make sense."""
    splitter = server()
    frames = splitter.feed(pack_frame(0, pdu)) or []
    assert len([frame for frame in frames if frame.unit == 0]) == heard


@pytest.mark.parametrize("pdu", [b"\x63\1\2", b"\x2b\x0d\1\2\3", b"\x10\0\x64\0\2\2\1\2\3\4"])
def test_silence_ends_a_frame_of_unknown_length(pdu: bytes) -> None:
    """A function that no table knows, or a count that lies: whole once the line is silent."""
    splitter = server()
    assert splitter.feed(pack_frame(UNIT, pdu)) == []
    (frame,) = splitter.end()
    assert (frame.unit, frame.pdu, frame.request) == (UNIT, pdu, True)


def test_client_looks_for_replies_only() -> None:
    """Our own request, heard, is not taken for a reply; the reply behind it is found."""
    splitter = Splitter(UNIT, serves=False)
    found = splitter.feed(pack_frame(UNIT, WRITE) + pack_frame(UNIT, WRITE_REPLY))
    assert [frame.pdu for frame in found + splitter.end()] == [WRITE_REPLY]


@pytest.mark.parametrize(
    ("request_pdu", "reply", "good"),
    [
        (READ, READ_REPLY, True),
        (READ, READ_REPLY[:-2], False),
        (READ, bytes((3, 40)) + bytes(40), False),
        (READ, b"\x83\2", True),
        (READ, b"\x90\2", False),
        (WRITE, WRITE_REPLY, True),
        (WRITE, struct.pack(">BHH", 16, 100, 3), False),
        (WRITE, READ_REPLY, False),
        (struct.pack(">BHHBB", 15, 0, 7, 1, 1), struct.pack(">BHH", 15, 0, 7), True),
    ],
)
def test_reply_fits_its_request_alone(request_pdu: bytes, reply: bytes, *, good: bool) -> None:
    """Function, address and count must be those that were asked for."""
    assert fits(request_pdu, reply) is good


@given(st.binary(min_size=1, max_size=60), st.binary(max_size=60), st.data())
def test_echo_is_taken_out_and_the_rest_passed_on(
    sent: bytes, after: bytes, data: st.DataObject
) -> None:
    """However it is cut, our own frame goes and what follows stays."""
    echo, line, passed = Echo(), sent + after, b""
    echo.expect(sent)
    while line:
        size = data.draw(st.integers(1, len(line)))
        passed += echo.strip(line[:size])
        line = line[size:]
    assert passed == after


def test_what_is_not_our_echo_is_passed_on_whole() -> None:
    """A request that begins like our reply, or an echo that was spoilt, is not swallowed."""
    echo = Echo()
    echo.expect(pack_frame(UNIT, READ_REPLY))
    request = pack_frame(UNIT, READ)
    assert echo.strip(request[:2]) == b""
    assert echo.strip(request[2:]) == request
    assert echo.strip(request) == request
