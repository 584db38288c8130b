"""The S7 client role against python-snap7's server, native libsnap7, and peers that misbehave."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import (
    D_WORDS,
    PlcWords,
    State,
    StatusBit,
    pack_plc,
    record_at,
    unpack_header,
    unpack_record,
)
from gonogo.plc.transports.s7 import S7Client
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.s7_wire import PAYLOAD_BYTES, PDU_BYTES
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.plc.s7_peers import DB, RUN, STOP, Between, S7Plc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gonogo.plc.handshake.state import Delivery

BITS = (True, False, True, False, True, False, False)
WAIT_S = 20
QUICK_MS = 200  # where a test waits for the timeout; elsewhere a slow machine must not meet one
LATE_S = 1.0  # far behind that, and well before the library's own 5 s
TPKT_COTP = 7  # bytes before the S7 part of a frame
FUNCTION = 17  # of a request in a whole frame
READ, WRITE = 4, 5


@pytest.fixture(params=["python-snap7", "libsnap7"])
def plc(request: pytest.FixtureRequest) -> Iterator[S7Plc]:
    """A PLC with a block of exactly the size it needs."""
    with contextlib.closing(S7Plc(native=request.param == "libsnap7")) as plc:
        yield plc


@contextlib.contextmanager
def client_of(port: int, **fields: object) -> Iterator[S7Client]:
    """A client role, not open yet."""
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    place = {"driver": "s7", "host": "127.0.0.1", "port": port, "db": DB, "timeout_ms": 1000}
    client = S7Client(S7Section.model_validate(place | fields), fd)
    try:
        yield client
    finally:
        client.close()
        os.close(fd)


@contextlib.contextmanager
def between(plc_port: int) -> Iterator[Between]:
    """A man in the middle who spoils nothing yet."""
    middle = Between(plc_port)
    try:
        yield middle
    finally:
        middle.close()


def image(header: int = 1, **records: int) -> ProcessImage:
    """An image whose header words are all `header`; r3=7 fills record 3 with 7."""
    words = [header] * 32 + [0] * 64
    for name, value in records.items():
        at = 32 + 8 * int(name[1:])
        words[at : at + 8] = [value] * 8
    return ProcessImage(tuple(words), BITS)


def until(met: Callable[[], object]) -> None:
    """Await a condition; the bound is only there to end a test that fails."""
    end = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end, "condition not met"
        time.sleep(0.001)


def exchange_until(client: S7Client, met: Callable[[], object]) -> None:
    """Exchange as the link does, until a condition holds."""

    def turn() -> object:
        client.exchange(image())
        return met()

    until(turn)


# -- what lies where -------------------------------------------------------------------


def test_exchange_puts_every_word_at_its_byte_high_byte_first(plc: S7Plc) -> None:
    """D word n stands at byte 2 n, P word 100 + n is read from byte 192 + 2 n."""
    said = bytes(range(100, 140))
    plc.put(192, said)
    words = tuple(0x0100 * n + 0xFF - n for n in range(D_WORDS))
    with client_of(plc.port) as client:
        client.open()
        inputs = client.exchange(ProcessImage(words, BITS))
    expected = b"".join(bytes([n, 0xFF - n]) for n in range(D_WORDS))
    assert plc.block() == expected + said
    assert list(inputs.words) == [0x0100 * at + at + 1 for at in range(100, 140, 2)]


def test_exchange_uses_the_offsets_of_the_section() -> None:
    """d_offset and p_offset move the two areas; nothing else in the block is touched."""
    with contextlib.closing(S7Plc(size=400)) as plc:
        plc.put(0, b"\xaa" * 400)
        plc.say(20, [77] * 20)
        with client_of(plc.port, d_offset=100, p_offset=20) as client:
            client.open()
            inputs = client.exchange(image(5))
        assert list(inputs.words) == [77] * 20
        assert plc.words(100, D_WORDS) == list(image(5).words)
        block = plc.block()
        assert set(block[:20] + block[60:100] + block[292:]) == {0xAA}


def test_exchange_writes_records_before_res_seq_and_only_what_changed(plc: S7Plc) -> None:
    """A record is in the PLC before the header that counts it; what is unchanged is not sent."""
    with client_of(plc.port) as client:
        client.open()
        for step in (image(1), image(1), image(2, r3=7), image(3, r3=7), image(3, r3=7, r5=1)):
            client.exchange(step)
    assert plc.writes() == [(64, 128), (0, 64), (112, 16), (0, 64), (0, 64), (144, 16)]


def test_exchange_after_reopening_writes_everything_again(plc: S7Plc) -> None:
    """A PLC that came back has forgotten; what it holds is unknown until written."""
    with client_of(plc.port) as client:
        client.open()
        client.exchange(image(5))
        plc.put(0, bytes(192))
        client.open()
        client.exchange(image(5))
    assert plc.words(0, 32) == [5] * 32


def test_every_request_fits_into_the_smallest_pdu(plc: S7Plc) -> None:
    """240 bytes are asked for, and no request is longer or carries more than 200 bytes."""
    with between(plc.port) as middle, client_of(middle.port) as client:
        client.open()
        for step in (image(1), image(2, r3=7), image(3, r3=8, r5=1)):
            client.exchange(step)
    assert middle.heard[1][-2:] == struct.pack(">H", PDU_BYTES)
    assert max(map(len, middle.heard)) <= TPKT_COTP + PDU_BYTES
    payloads = [int.from_bytes(f[15:17], "big") - 4 for f in middle.heard if f[FUNCTION] == WRITE]
    assert len(payloads) == 6
    assert max(payloads) <= PAYLOAD_BYTES


# -- a PLC that is not set up ----------------------------------------------------------


def test_missing_block_is_named_when_opening(plc: S7Plc) -> None:
    """The number of a block that is not there is said before parts flow."""
    with (
        client_of(plc.port, db=11) as client,
        pytest.raises(LinkRefused, match=r"0x0a to the read .* has no DB 11; download"),
    ):
        client.open()


@pytest.mark.parametrize("native", [False, True])
def test_short_block_is_told_its_size(native: bool) -> None:  # noqa: FBT001 - a parameter
    """Too short or optimized looks the same from outside: both are said."""
    with (
        contextlib.closing(S7Plc(native=native, size=230)) as plc,
        client_of(plc.port) as client,
        pytest.raises(LinkRefused, match=r"P100-P119 .*232 bytes or longer.*Optimized block"),
    ):
        client.open()


def header_error(request: bytes, code: int) -> bytes:
    """What a CPU answers that refuses the service as such."""
    return b"\x03\0\0\x13\x02\xf0\x80\x32\x03\0\0" + request[11:13] + struct.pack(">IH", 0, code)


def test_put_get_not_permitted_says_where_to_permit_it(plc: S7Plc) -> None:
    """S7-1200 and 1500 connect, and refuse every access with class 0x81, code 0x04."""

    def answer(request: bytes, reply: bytes) -> Iterable[bytes]:
        return (header_error(request, 0x8104) if request[FUNCTION] == READ else reply,)

    with between(plc.port) as middle, client_of(middle.port) as client:
        middle.answer = answer
        with pytest.raises(LinkRefused, match=r"0x8104 to the read .*PUT/GET communication"):
            client.open()


@pytest.mark.parametrize(
    ("code", "message"),
    [(0x03, r"0x03 .*must not be write-protected"), (0x77, r"0x77 .*DB 10 must be there with 232")],
)
def test_refused_write_ends_the_connection(plc: S7Plc, code: int, message: str) -> None:
    """Return codes of a write are read, too; one that nobody knows lists what to check."""

    def answer(request: bytes, reply: bytes) -> Iterable[bytes]:
        return (reply[:-1] + bytes([code]) if request[FUNCTION] == WRITE else reply,)

    with between(plc.port) as middle, client_of(middle.port) as client:
        client.open()
        middle.answer = answer
        with pytest.raises(LinkRefused, match=message):
            client.exchange(image())
        with pytest.raises(LinkError, match="not connected"):
            client.exchange(image())
    assert middle.reset


def hang_up(_request: bytes, _reply: bytes) -> Iterable[bytes]:
    """The peer ends the connection instead of answering."""
    return (b"",)


def disconnect_request(_request: bytes, _reply: bytes) -> Iterable[bytes]:
    """COTP DR: the CPU does not take this connection."""
    return (bytes.fromhex("0300000b06800000000100"),)


@pytest.mark.parametrize("answer", [hang_up, disconnect_request])
def test_wrong_rack_or_slot_is_named(
    answer: Callable[[bytes, bytes], Iterable[bytes]],
) -> None:
    """A CPU that is not where we look for it ends the connection at its first frame."""
    with between(0) as middle, client_of(middle.port, rack=1, slot=9) as client:
        middle.answer = answer
        with pytest.raises(LinkRefused, match=r"rack 1 slot 9 .*S7-300 rack 0 slot 2"):
            client.open()


def test_connection_request_carries_rack_and_slot() -> None:
    """The called TSAP is connection type, rack and slot, as configured."""
    with between(0) as middle, client_of(middle.port, rack=2, slot=3) as client:
        middle.answer = hang_up
        with pytest.raises(LinkRefused):
            client.open()
    assert bytes.fromhex("c2020143") in middle.heard[0]


def test_pdu_that_is_too_small_is_refused(plc: S7Plc) -> None:
    """A gateway with small PDUs would tear requests apart."""

    def answer(_: bytes, reply: bytes) -> Iterable[bytes]:
        small = reply[:-2] + b"\0\x78" if reply[5] == 0xF0 and reply[19] == 0xF0 else reply
        return (small,)

    with between(plc.port) as middle, client_of(middle.port) as client:
        middle.answer = answer
        with pytest.raises(LinkRefused, match="PDUs of 120 bytes, expected 240"):
            client.open()


def test_refused_connection_is_told_apart() -> None:
    """A wrong port on a PLC that is there is not the same as no PLC."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, not listening: the kernel refuses
        with (
            client_of(reserved.getsockname()[1]) as client,
            pytest.raises(LinkRefused, match=r"refused; .* S7 server \(ISO-TCP\) is off"),
        ):
            client.open()


def test_host_that_cannot_be_reached_is_a_link_error() -> None:
    """An address that no PLC can have is named."""
    with (
        client_of(102, host="255.255.255.255") as client,
        pytest.raises(LinkError, match=r"255\.255\.255\.255:102.*cannot be reached"),
    ):
        client.open()


# -- silence ---------------------------------------------------------------------------


class Late:
    """The right reply, long after the timeout; `sent` once it is on its way."""

    sent = False

    def __call__(self, _: bytes, reply: bytes) -> Iterable[bytes]:
        """Answer when nobody listens any more."""
        time.sleep(LATE_S)
        self.sent = True
        return (reply,)


def test_peer_that_accepts_and_says_nothing_is_silent() -> None:
    """Another service on the port, or a CPU without a free connection."""
    with between(0) as middle, client_of(middle.port, timeout_ms=QUICK_MS) as client:
        middle.answer = lambda *_: ()
        with pytest.raises(LinkSilent, match="200 ms to the S7 connection request"):
            client.open()
    assert len(middle.heard) == 1


def test_late_connection_is_not_waited_for(plc: S7Plc) -> None:
    """The library's own 5 s would take it."""
    with between(plc.port) as middle, client_of(middle.port, timeout_ms=QUICK_MS) as client:
        middle.answer = late = Late()
        with pytest.raises(LinkSilent, match="S7 connection request"):
            client.open()
        assert not late.sent


def test_late_reply_ends_the_connection_after_one_request(plc: S7Plc) -> None:
    """The library's own 5 s would take it; nothing is sent twice."""
    with between(plc.port) as middle, client_of(middle.port, timeout_ms=QUICK_MS) as client:
        client.open()
        before = len(middle.heard)
        middle.answer = late = Late()
        with pytest.raises(LinkSilent, match=r"200 ms to the write of words D32-D95 to DB 10"):
            client.exchange(image())
        assert not late.sent
        with pytest.raises(LinkError, match="not connected"):
            client.exchange(image())
    assert len(middle.heard) == before + 1
    assert middle.reset  # aborted: the kernel sends nothing of it later


def test_dripping_reply_is_not_waited_for_byte_by_byte(plc: S7Plc) -> None:
    """The timeout is for the whole reply; each byte alone would be in time."""
    sent = []

    def drip(_: bytes, reply: bytes) -> Iterator[bytes]:
        for at in range(len(reply)):
            time.sleep(0.05)
            sent.append(at)
            yield reply[at : at + 1]

    with between(plc.port) as middle, client_of(middle.port, timeout_ms=QUICK_MS) as client:
        client.open()
        middle.answer = drip
        with pytest.raises(LinkSilent):
            client.exchange(image())
    assert len(sent) < len(header_error(bytes(20), 0))  # a reply to a write is longer than this


def test_frozen_plc_is_silent_and_comes_back(plc: S7Plc) -> None:
    """A process that stands still keeps its connections; afterwards a new one works."""
    with client_of(plc.port, timeout_ms=QUICK_MS) as client:
        client.open()
        client.exchange(image(1))
        plc.freeze()
        with pytest.raises(LinkSilent):
            client.exchange(image(2))
        with pytest.raises(LinkSilent):
            client.open()  # the kernel still accepts for it
        plc.thaw()
        client.open()
        client.exchange(image(3))
    assert plc.words(0, 32) == [3] * 32


def test_plc_that_hangs_up_is_a_link_error(plc: S7Plc) -> None:
    """The PLC closing the connection is told apart from silence."""
    with between(plc.port) as middle, client_of(middle.port) as client:
        client.open()
        middle.answer = hang_up
        with pytest.raises(LinkError, match="connection failed during the write") as found:
            client.exchange(image())
    assert not isinstance(found.value, LinkSilent)


def test_reply_to_an_older_request_is_not_taken(plc: S7Plc) -> None:
    """Reads shifted by one would give every part its neighbour's words."""
    replies = [b""]

    def answer(_: bytes, reply: bytes) -> Iterable[bytes]:
        replies.append(reply)
        return (replies[-2] or reply,)

    with between(plc.port) as middle, client_of(middle.port) as client:
        client.open()
        client.exchange(image(1))
        middle.answer = answer
        client.exchange(image(1))  # one read: its reply is kept for the next one
        with pytest.raises(LinkError, match="a reply to another request"):
            client.exchange(image(1))
    assert middle.reset


def test_close_says_goodbye(plc: S7Plc) -> None:
    """The PLC sees an orderly end of the connection, not a reset."""
    with between(plc.port) as middle, client_of(middle.port) as client:
        client.open()
        client.close()
        client.close()
    assert not middle.reset


# -- the CPU's state -------------------------------------------------------------------


def test_cpu_state_is_asked_while_connected_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """STOP is no error: it goes on answering, and each change is one line in the log."""
    with (
        caplog.at_level(logging.INFO, logger="gonogo.plc"),
        contextlib.closing(S7Plc(native=True)) as plc,
        client_of(plc.port) as client,
    ):
        client.open()
        for status, lines in ((STOP, 2), (RUN, 3)):
            plc.cpu(status)
            exchange_until(client, lambda lines=lines: len(caplog.records) == lines)  # type: ignore[misc]
        client.open()  # asked again, and nothing new
        client.exchange(image())
    said = [record.getMessage().partition("DB 10: ")[2] for record in caplog.records]
    assert [line[:22] for line in said] == [
        "the CPU is in RUN",
        "the CPU is in STOP, no",
        "the CPU is in RUN",
    ]
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "INFO"]


def test_plc_that_does_not_tell_its_state_is_asked_once(caplog: pytest.LogCaptureFixture) -> None:
    """python-snap7's server refuses the question; the link works, and says so once."""
    with (
        caplog.at_level(logging.INFO, logger="gonogo.plc"),
        contextlib.closing(S7Plc()) as plc,
        between(plc.port) as middle,
        client_of(plc.port) as other,
    ):
        with client_of(middle.port) as client:
            client.open()
            end = time.monotonic() + 1.2  # the question would come again after 1 s
            exchange_until(client, lambda: time.monotonic() > end)
        other.open()
    assert [frame[8] for frame in middle.heard].count(7) == 1
    assert len([r for r in caplog.records if "does not tell" in r.getMessage()]) == 2


# -- the section and the whole link ----------------------------------------------------


def test_section_refuses_areas_that_overlap() -> None:
    """What we write must not lie on what the PLC writes; the message proposes a place."""
    with pytest.raises(ValidationError, match=r"overlap; .*p_offset = 242"):
        S7Section(driver="s7", host="plc", db=1, d_offset=50, p_offset=200)


@pytest.mark.parametrize(
    "wrong", [{"timeout_ms": 49}, {"timeout_ms": 1001}, {"d_offset": 3}, {"db": 0}, {"rack": 8}]
)
def test_section_bounds(wrong: dict[str, int]) -> None:
    """A timeout beyond a part's budget, half a word, or a place that no rack has."""
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        S7Section.model_validate({"driver": "s7", "host": "plc", "db": 1} | wrong)


def test_section_says_how_long_the_block_must_be() -> None:
    """232 bytes where the two areas touch."""
    assert S7Section(driver="s7", host="plc", db=1).block_bytes == 232
    assert S7Section(driver="s7", host="plc", db=1, d_offset=40, p_offset=0).block_bytes == 232


def test_stations_without_s7_do_not_load_its_library() -> None:
    """Every process of a station reads the station file; the library costs each of them."""
    code = "import sys, gonogo.config.station; sys.exit('snap7' in sys.modules)"
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


def accept(part_id: int) -> tuple[Part, Verdict]:
    """An ACCEPT with plenty of time."""
    now_ns = time.monotonic_ns()
    part = Part(part_id, part_id, now_ns, now_ns, now_ns, now_ns + 10**10)
    return part, Verdict(
        VerdictKind.ACCEPT, Reason.OK, 5, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
    )


def test_link_delivers_to_an_s7_plc(plc: S7Plc) -> None:
    """A PLC handshakes through its block, gets a verdict, loses the link, sees the goodbye."""
    plc.say(192, pack_plc(PlcWords(map_version=1, ctrl=3)))
    section = S7Section(driver="s7", host="127.0.0.1", port=plc.port, db=DB, timeout_ms=1000)
    link = PlcLink(section, LinkedStation(10**9))
    link.condition = Condition(tested=True, camera_ok=True, engine_ok=True)
    deliveries: list[Delivery] = []

    def scan() -> list[Delivery]:
        link.alive(time.monotonic_ns())
        heart, header = plc.words(194, 1)[0] + 1, unpack_header(plc.words(0, 32))
        plc.say(194, [heart & 0xFFFF])
        plc.say(200, [header.res_seq])
        plc.say(222, [header.session_id])
        deliveries.extend(link.deliveries())
        return deliveries

    link.start()
    try:
        until(lambda: plc.words(0, 1) == [0x474E])
        until(lambda: scan() == [] and link.permit)
        link.report(*accept(42))
        until(scan)
        link.break_off()
        until(lambda: scan() and not link.permit)
        until(lambda: scan() and link.permit)
        link.report(*accept(43))
        until(lambda: len(scan()) == 2)
    finally:
        link.close()
    assert [(delivery.part_id, delivery.delivered) for delivery in deliveries] == [
        (42, True),
        (43, True),
    ]
    at = 2 * record_at(deliveries[1].sequence)
    record = unpack_record(plc.words(at, 8))
    assert record is not None
    assert (record.part_id, record.verdict) == (43, VerdictKind.ACCEPT)
    header = unpack_header(plc.words(0, 32))
    assert header.state == State.STOPPED
    assert not header.status & StatusBit.PERMIT
