"""The simulator's own registers, by the requests that reach them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.wire import D_RES_SEQ

D_BASE, P_BASE, COILS = 1000, 2000, 16
P = list(range(500, 520))


def made() -> Bank:
    """A bank that says 500 .. 519."""
    bank = Bank(D_BASE, P_BASE, COILS)
    bank.speak(P)
    return bank


def read(at: int, count: int, function: int = 3) -> bytes:
    """A read request."""
    return struct.pack(">BHH", function, at, count)


def write(at: int, words: list[int]) -> bytes:
    """An FC16 request."""
    return struct.pack(f">BHHB{len(words)}H", 16, at, len(words), 2 * len(words), *words)


@pytest.mark.parametrize("function", [3, 4])
def test_bank_reads_back_what_was_written(function: int) -> None:
    """FC16 then FC3 or FC4, with a hand-written frame as the expected bytes."""
    bank = made()
    assert bank.reply(bytes.fromhex("10 03ea 0002 04 1234 abcd")) == bytes.fromhex("10 03ea 0002")
    assert bank.image().words[2:4] == [0x1234, 0xABCD]
    reply = bank.reply(read(D_BASE + 2, 2, function))
    assert reply == bytes([function, 4]) + bytes.fromhex("1234 abcd")


def test_bank_serves_what_the_plc_says() -> None:
    """All twenty P words in one request."""
    reply = made().reply(read(P_BASE, 20))
    assert list(struct.unpack(">20H", reply[2:])) == P


def test_bank_serves_read_and_write_in_one() -> None:
    """FC23 writes first, then reads."""
    bank = made()
    request = struct.pack(">BHHHHBH", 23, D_BASE, 1, D_BASE, 1, 2, 77)
    assert bank.reply(request) == struct.pack(">BBH", 23, 2, 77)


def test_bank_serves_single_writes() -> None:
    """FC6 and FC5 echo the request."""
    bank = made()
    one = struct.pack(">BHH", 6, D_BASE + 5, 9)
    coil = struct.pack(">BHH", 5, COILS + 2, 0xFF00)
    assert (bank.reply(one), bank.reply(coil)) == (one, coil)
    seen = bank.image()
    assert seen.words[5] == 9
    assert seen.bits == [False, False, True, False, False, False, False]


def test_bank_serves_the_coil_block() -> None:
    """FC15 sets the seven bits, FC1 reads them."""
    bank = made()
    assert bank.reply(bytes.fromhex("0f 0010 0007 01 45")) == bytes.fromhex("0f 0010 0007")
    assert bank.image().bits == [True, False, True, False, False, False, True]
    assert bank.reply(read(COILS, 7, 1)) == bytes([1, 1, 0x45])


@pytest.mark.parametrize(
    ("request_pdu", "code"),
    [
        (read(D_BASE, 2, 99), 1),
        (read(D_BASE + 95, 2), 2),
        (read(0, 1), 2),
        (write(P_BASE, [1]), 2),
        (write(D_BASE + 96, [1]), 2),
        (read(COILS + 6, 2, 1), 2),
        (read(D_BASE, 0), 3),
        (read(D_BASE, 126), 3),
        (write(D_BASE, [1, 2])[:-1], 3),
        (b"\x10", 3),
        (bytes.fromhex("0f 0010 0007 01"), 3),
        (struct.pack(">BHH", 5, COILS, 1), 3),
    ],
)
def test_bank_refuses(request_pdu: bytes, code: int) -> None:
    """Wrong functions, addresses and values get exceptions 1, 2 and 3."""
    assert made().reply(request_pdu) == bytes([request_pdu[0] | 0x80, code])


@given(
    function=st.sampled_from([1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43]),
    rest=st.binary(max_size=40),
    at=st.sampled_from([0, COILS, D_BASE, P_BASE, P_BASE + 19]),
)
def test_bank_survives_any_request(function: int, rest: bytes, at: int) -> None:
    """No request raises, and none changes a word that the PLC writes."""
    bank = made()
    for pdu in (bytes([function]) + rest, struct.pack(">BH", function, at) + rest):
        assert bank.reply(pdu)[0] & 0x7F == function
    assert bank.out == P


def test_bank_is_empty_after_power_up() -> None:
    """Clearing forgets all registers and all arrivals."""
    bank = made()
    bank.reply(write(D_BASE + D_RES_SEQ, [1]))
    assert any(bank.image().arrivals)
    bank.clear()
    assert not any(bank.image().arrivals)
    assert not any(bank.image().words + bank.out)


def test_bank_refuses_blocks_that_overlap() -> None:
    """The message names both bases."""
    with pytest.raises(ValueError, match="got 0 and 95"):
        Bank(0, 95, None)
