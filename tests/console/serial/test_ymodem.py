"""The sending end of YMODEM: by the letter of the protocol, and received by rb of lrzsz."""

from __future__ import annotations

import random
import time
from binascii import crc_hqx
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.serial.ymodem import (
    ABORT,
    ACK,
    AGAIN_S,
    ANEW_S,
    CAN,
    EOT,
    LEAVE_S,
    MOST_TRIES,
    NAK,
    NOBODY_S,
    PAUSE_S,
    SOH,
    STX,
    YmodemSender,
)
from gonogo.tests.console.serial.receiving import receiver

if TYPE_CHECKING:
    from pathlib import Path

NAME = "top-1003.png"


def sender(size: int = 1500) -> YmodemSender:
    """With a file of so many bytes."""
    return YmodemSender(NAME, bytes(k % 251 for k in range(size)), 0.0)


def sent(wire: YmodemSender) -> bytes:
    """What it sends now."""
    out = bytes(wire.out)
    wire.out.clear()
    return out


def says(wire: YmodemSender, *data: int | str) -> bytes:
    """The receiver says that, one byte after the other."""
    found = b""
    for each in data:
        wire.receive(each.encode() if isinstance(each, str) else bytes([each]), 0.0)
        found += sent(wire)
    return found


def again(wire: YmodemSender, byte: int | str) -> bytes:
    """The receiver refuses what it has, or asks for the last; what is sent after the pause."""
    assert says(wire, byte) == b""
    wire.tick(PAUSE_S - 0.01, 0)
    assert sent(wire) == b""
    wire.tick(PAUSE_S, 0)
    return sent(wire)


def block(number: int, data: bytes) -> bytes:
    """As the protocol has it."""
    kind = {128: SOH, 1024: STX}[len(data)]
    return bytes([kind, number, 255 - number]) + data + crc_hqx(data, 0).to_bytes(2, "big")


LAST_BLOCK = block(0, bytes(128))


def test_ymodem_sends_name_data_and_end_in_their_order() -> None:
    """Each once the one before is acknowledged: 1500 bytes are a long block and a short one."""
    wire, data = sender(1024 + 100), bytes(k % 251 for k in range(1124))
    assert sent(wire) == b""
    assert says(wire, "C") == block(0, f"{NAME}\0".encode() + b"1124".ljust(128 - 13, b"\0"))
    assert says(wire, ACK) == b""
    assert says(wire, "C") == block(1, data[:1024])
    assert says(wire, ACK) == block(2, data[1024:].ljust(128, b"\x1a"))
    assert says(wire, ACK) == bytes([EOT])
    assert again(wire, NAK) == bytes([EOT]), "some want it twice"
    assert says(wire, ACK) == b""
    assert again(wire, "C") == block(0, bytes(128)), "a receiver drops what comes as it asks"
    assert not wire.over
    assert says(wire, ACK) == b""
    assert (wire.over, wire.problem, wire.sent_bytes) == (True, "", 1124)


def test_ymodem_sends_again_what_is_refused_or_not_answered() -> None:
    """The same bytes; time does not count while they are on their way."""
    wire = sender()
    first = says(wire, "C")
    assert again(wire, NAK) == first
    wire.tick(AGAIN_S + 1, waiting=500)
    wire.tick(2 * AGAIN_S + 1, waiting=0)
    assert sent(wire) == b""
    wire.tick(2 * AGAIN_S + 1.1, waiting=0)
    assert sent(wire) == first
    wire.tick(3 * AGAIN_S + 1, waiting=0)
    assert sent(wire) == b""


def test_ymodem_sends_the_first_blocks_again_to_who_asks_anew() -> None:
    """A C that comes at once is an older one; later ones refuse no block."""
    wire = sender()
    name = says(wire, "C")
    assert says(wire, "C") == b""
    wire.receive(b"C", ANEW_S + 0.1)
    wire.tick(ANEW_S + 0.1 + PAUSE_S, 0)
    assert sent(wire) == name
    first = says(wire, ACK, "C")
    wire.receive(b"C", ANEW_S + 0.1)
    wire.tick(ANEW_S + 0.1 + PAUSE_S, 0)
    assert sent(wire) == first
    says(wire, ACK)
    wire.receive(b"C", 2 * ANEW_S)
    wire.tick(3 * ANEW_S, 0)
    assert sent(wire) == b""


def test_ymodem_gives_up_what_is_refused_again_and_again() -> None:
    """And tells the other end so, which would wait else."""
    wire = sender()
    first = says(wire, "C")
    for _ in range(MOST_TRIES):
        assert again(wire, NAK) == first
    assert again(wire, NAK) == ABORT
    assert wire.over
    assert "10 times" in wire.problem


def test_ymodem_waits_for_a_receiver_and_not_for_ever() -> None:
    """Nothing is sent before it asks; keys of a person are no receiver."""
    wire = sender()
    assert says(wire, "h", "e", "l", "p", 0x0D, NAK, ACK) == b""
    wire.tick(NOBODY_S, 0)
    assert not wire.over
    wire.tick(NOBODY_S + 0.1, 0)
    assert (sent(wire), wire.over) == (ABORT, True)
    assert "nobody" in wire.problem


def test_ymodem_ends_at_one_ctrl_x_before_it_begins_and_at_two_after() -> None:
    """A bit that falls over on the cable ends no transfer."""
    waiting = sender()
    says(waiting, CAN)
    assert waiting.over
    busy = sender()
    says(busy, "C", CAN, ACK, CAN)
    assert not busy.over
    says(busy, CAN)
    assert busy.problem == "cancelled by the other end"
    assert says(busy, "C", ACK, NAK) == b""


def test_ymodem_cancel_tells_the_other_end_once() -> None:
    """After the end nothing more is said."""
    wire = sender()
    says(wire, "C")
    wire.cancel("the console was left")
    wire.cancel("again")
    assert (sent(wire), wire.problem) == (ABORT, "the console was left")


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_ymodem_is_never_confused_by_noise(heard: list[bytes]) -> None:
    """Whatever comes: blocks of ours, EOT or the end, and none beyond the file."""
    wire, now_s = sender(300), 0.0
    for data in heard:
        now_s += 1.0
        wire.receive(data, now_s)
        wire.tick(now_s, 0)
        out = sent(wire)
        assert not out or out[0] in (SOH, STX, EOT, CAN)
    assert wire.sent_bytes <= 300


def taken(wire: YmodemSender) -> bytes:
    """What a receiver that never refuses has of the file, padding and all."""
    found = b""
    assert says(wire, "C")
    out = says(wire, ACK, "C")
    while out != bytes([EOT]):
        size = {SOH: 128, STX: 1024}[out[0]]
        assert out == block(out[1], out[3 : 3 + size])
        found += out[3 : 3 + size]
        out = says(wire, ACK)
    says(wire, ACK)
    assert again(wire, "C")
    says(wire, ACK)
    assert wire.over
    return found


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 1023, 1024, 1025, 300_000])
def test_ymodem_sends_the_whole_file(size: int) -> None:
    """Of every length; block numbers begin anew after 255."""
    wire = sender(size)
    found = taken(wire)
    assert found.startswith(bytes(k % 251 for k in range(size)))
    assert set(found[size:]) <= {0x1A}
    assert len(found) - size < 1024
    assert wire.problem == ""


def test_ymodem_that_was_received_needs_no_last_word() -> None:
    """Receivers end as soon as they have the file."""
    for asks in (False, True):
        wire = closing()
        since_s = PAUSE_S if asks and again(wire, "C") else 0.0
        wire.tick(since_s + LEAVE_S, 0)
        assert not wire.over
        wire.tick(since_s + LEAVE_S + 0.1, 0)
        assert (wire.over, wire.problem, sent(wire)) == (True, "", b"")


def closing() -> YmodemSender:
    """The receiver has the file and its end."""
    wire = sender(10)
    says(wire, "C", ACK, "C", ACK, ACK)
    return wire


def test_ymodem_sends_the_last_block_again_to_who_lost_it() -> None:
    """It asks once more, and would call the transfer broken that ended without it."""
    wire = closing()
    last = again(wire, "C")
    assert says(wire, "C") == b"", "one of those that it asked before"
    late_s = PAUSE_S + 11.0
    wire.tick(late_s, 0)
    wire.receive(b"C", late_s)
    assert not wire.over
    wire.tick(late_s + PAUSE_S, 0)
    assert sent(wire) == last
    says(wire, ACK)
    assert (wire.over, wire.problem) == (True, "")


@pytest.mark.parametrize("key", ["\r", "s", CAN])
def test_ymodem_that_was_received_ends_at_a_key(key: str | int) -> None:
    """A person types: the receiver has gone without a word."""
    wire = closing()
    assert again(wire, "C")
    says(wire, key)
    assert (wire.over, wire.problem) == (True, "")


def test_ymodem_is_received_by_rb_though_blocks_are_spoilt_and_lost(tmp_path: Path) -> None:
    """A bit falls over in the first block, the last block goes astray: each comes again."""
    data = random.Random(9).randbytes(5001)  # noqa: S311 - bytes of a test
    wire, seen = YmodemSender(NAME, data, 0.0), set[str]()

    began_s = time.monotonic()

    def turn(heard: bytes) -> bytes:
        wire.receive(heard, time.monotonic() - began_s)
        wire.tick(time.monotonic() - began_s, 0)
        out = sent(wire)
        if len(out) > 1000 and "block" not in seen:
            seen.add("block")
            return out[:50] + bytes([out[50] ^ 4]) + out[51:]
        if out == LAST_BLOCK and "last" not in seen:
            seen.add("last")
            return b""
        return out

    with receiver(tmp_path) as rb:
        rb.until(turn, lambda: rb.process.poll() is not None)
        assert rb.ended() == 0
    assert (tmp_path / NAME).read_bytes() == data
    assert seen == {"block", "last"}
    assert wire.problem == ""


def test_ymodem_that_is_given_up_leaves_rb_no_whole_file(tmp_path: Path) -> None:
    """Whatever it keeps of it."""
    wire = YmodemSender(NAME, bytes(20_000), 0.0)

    began_s = time.monotonic()

    def turn(heard: bytes) -> bytes:
        wire.receive(heard, time.monotonic() - began_s)
        wire.tick(time.monotonic() - began_s, 0)
        if wire.sent_bytes > 5000:
            wire.cancel("given up")
        return sent(wire)

    with receiver(tmp_path) as rb:
        rb.until(turn, lambda: wire.over)
    left = tmp_path / NAME
    assert not left.exists() or left.stat().st_size < 20_000
