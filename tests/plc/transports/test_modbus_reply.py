"""A reply that is none: what is the matter with it, in words."""

from __future__ import annotations

import struct

import pytest

from gonogo.base.errors import LinkError
from gonogo.plc.transports.modbus_reply import ReplyGuard

READ = struct.pack(">HHHBBHH", 0x1234, 0, 6, 1, 3, 100, 2)
WRITE = struct.pack(">HHHBBHHB", 0x1234, 0, 11, 1, 16, 0, 2, 4) + bytes(4)
WORDS = bytes.fromhex("123400000007 010304 00010002")
WRITTEN = bytes.fromhex("123400000006 0110 00000002")
REFUSED = bytes.fromhex("123400000003 018302")


def refused(request: bytes, reply: bytes) -> str:
    """The guard's words."""
    guard = ReplyGuard("PLC 10.0.0.1")
    guard.expect(request)
    with pytest.raises(LinkError) as raised:
        guard.whole(reply)
    return str(raised.value)


@pytest.mark.parametrize(("request_", "reply"), [(READ, WORDS), (WRITE, WRITTEN), (READ, REFUSED)])
def test_reply_is_taken_whole_and_awaited_in_pieces(request_: bytes, reply: bytes) -> None:
    """Byte by byte."""
    guard = ReplyGuard("PLC 10.0.0.1")
    guard.expect(request_)
    assert [guard.whole(reply[:k]) for k in range(len(reply) + 1)] == [False] * len(reply) + [True]


@pytest.mark.parametrize(("request_", "reply"), [(READ, WORDS), (WRITE, WRITTEN), (READ, REFUSED)])
@pytest.mark.parametrize("unit", [0, 2, 255])
def test_reply_of_another_unit_says_which_to_set(request_: bytes, reply: bytes, unit: int) -> None:
    """Many servers answer as unit 0, or 255, whatever they were asked as."""
    said = refused(request_, reply[:6] + bytes([unit]) + reply[7:])
    assert said.endswith(f"it answers as unit {unit}, asked was unit 1: set unit = {unit}")


@pytest.mark.parametrize("reply", [WORDS, REFUSED])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_reply_with_another_transaction_id_is_called_that(reply: bytes, size: int) -> None:
    """As soon as it can be seen, and whatever else is wrong with it."""
    said = refused(READ, (b"\x92\x35" + reply[2:6] + b"\x07" + reply[7:])[:size])
    assert "transaction id of another request" in said
    assert "set unit" not in said


@pytest.mark.parametrize("extra", [1, 3])
def test_padded_reply_is_called_that(extra: int) -> None:
    """So many bytes too many."""
    assert f": {extra} bytes too many; " in refused(READ, WORDS + bytes(extra))


@pytest.mark.parametrize(
    "reply",
    [
        bytes.fromhex("123400010007 010304 00010002"),  # another protocol
        bytes.fromhex("123400000005 010302 0001"),  # half of what was asked
        bytes.fromhex("123400000007 010404 00010002"),  # another function
        bytes.fromhex("123400000003 018402"),  # refused, but not what was asked
        REFUSED + b"\0",
    ],
)
def test_anything_else_is_not_modbus(reply: bytes) -> None:
    """What came and what was expected is in it."""
    said = refused(READ, reply)
    assert said.endswith("; the server does not follow Modbus")
    assert "expected 12 34 00 00 00 07 01 03 04 and 13 bytes" in said


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
