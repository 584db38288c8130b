"""The S7 client role against python-snap7's server, native libsnap7, and peers that misbehave."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError, LinkSilent
from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import (
    PlcWords,
    State,
    StatusBit,
    pack_plc,
    record_at,
    unpack_header,
    unpack_record,
)
from gonogo.plc.transports.s7_section import S7Section
from gonogo.tests.plc.s7_bench import (
    QUICK_MS,
    between,
    client_of,
    hang_up,
    header_error,
    image,
    until,
)
from gonogo.tests.plc.s7_peers import DB, S7Plc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.plc.handshake.state import Delivery


LATE_S = 1.0  # far behind the timeout, and well before the library's own 5 s


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
