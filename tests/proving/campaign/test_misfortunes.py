"""What each misfortune does to the bytes of a request and its reply."""

from __future__ import annotations

import struct

import pytest

from gonogo.proving.campaign.misfortunes import MISFORTUNES, Misfortune, arriving

REPLY = struct.pack(">HHHBBB", 0x1234, 0, 43, 1, 3, 40) + bytes(range(40))  # 20 words read
REQUEST = struct.pack(">HHHBBHHB", 0x1234, 0, 199, 1, 16, 0, 96, 192) + bytes(192)  # 96 written
LAST = b"the reply before"
UNTOUCHED = {"slow", "each", "away", "crowd"}  # what they do is not done to bytes


def replied(now: Misfortune | None) -> list[bytes]:
    """What arrives at the station."""
    return arriving(now, REPLY, LAST, reply=True)


def requested(now: Misfortune | None) -> list[bytes]:
    """What arrives at the PLC."""
    return arriving(now, REQUEST, LAST, reply=False)


def test_misfortunes_are_a_hundred_different_ones() -> None:
    """Each is ordered as a line, and read as what it was."""
    assert len(set(MISFORTUNES)) == 100
    assert tuple(Misfortune.read(each.order) for each in MISFORTUNES) == MISFORTUNES
    assert Misfortune.read("silent 0.5") == Misfortune("silent", 0.5)


def test_every_misfortune_changes_something() -> None:
    """One that passes all bytes as they are would show nothing."""
    for each in MISFORTUNES:
        untouched = (replied(each), requested(each)) == ([REPLY], [REQUEST])
        assert untouched == (each.kind in UNTOUCHED), each


def test_nothing_happens_to_bytes_while_all_is_well() -> None:
    """Both ways."""
    assert (replied(None), requested(None)) == ([REPLY], [REQUEST])


@pytest.mark.parametrize("add", [1, 256, 32768, 65535])
def test_transaction_id_alone_is_another(add: int) -> None:
    """In a circle of 16 bits; a piece that is too short for one is left."""
    now = Misfortune("transaction", 1.0, add)
    (reply,) = replied(now)
    assert reply[:2] == struct.pack(">H", (0x1234 + add) & 0xFFFF)
    assert reply[2:] == REPLY[2:]
    assert requested(now) == [REQUEST]
    assert arriving(now, REPLY[:6], b"", reply=True) == [REPLY[:6]]


@pytest.mark.parametrize(
    ("now", "reply", "asked"),
    [
        (Misfortune("twice", 1.0, 3), [REPLY] * 3, [REQUEST]),
        (Misfortune("again", 1.0, 2), [REPLY], [REQUEST] * 2),
        (Misfortune("stale", 1.0), [LAST, REPLY], [REQUEST]),
        (Misfortune("cut", 1.0, 7), [REPLY[:7]], [REQUEST]),
        (Misfortune("reset", 1.0, 0), [b""], [REQUEST]),
        (Misfortune("hang-up", 1.0, 8), [REPLY[:8]], [REQUEST]),
        (Misfortune("silent", 1.0), [], []),
        (Misfortune("deaf", 1.0), [], [REQUEST]),
        (Misfortune("mute", 1.0), [REPLY], []),
    ],
    ids=lambda value: value.kind if isinstance(value, Misfortune) else "",
)
def test_misfortune_does_what_its_name_says(
    now: Misfortune, reply: list[bytes], asked: list[bytes]
) -> None:
    """To replies, to requests, or to both."""
    assert replied(now) == reply
    assert requested(now) == asked


def test_stale_reply_needs_one_before_it() -> None:
    """The first reply of a connection comes alone."""
    assert arriving(Misfortune("stale", 1.0), REPLY, b"", reply=True) == [REPLY]


@pytest.mark.parametrize("size", [1, 3, 7, 8, 12])
def test_pieces_are_all_of_it_in_order(size: int) -> None:
    """No byte more or less, none longer than said."""
    now = Misfortune("pieces", 1.0, size)
    assert len(replied(now)) > 1
    for sent, came in ((REPLY, replied(now)), (REQUEST, requested(now))):
        assert b"".join(came) == sent
        assert {len(each) for each in came[:-1]} <= {size}
        assert 0 < len(came[-1]) <= size
