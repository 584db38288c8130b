"""Modbus TCP framing of the simulator: bytes in any pieces, and what is no Modbus."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.proving.plcsim.mbap import Frame, framed, take_frame

ASK = bytes.fromhex("0007 0000 0006 01 03 0064 0001")


def test_frame_is_taken_out_of_the_buffer_once() -> None:
    """Written by hand: transaction 7, unit 1, FC3 of one register at 100."""
    buffer = bytearray(ASK + ASK[:3])
    assert take_frame(buffer) == Frame(7, 1, bytes.fromhex("03 0064 0001"))
    assert buffer == ASK[:3]
    assert take_frame(buffer) is None
    assert buffer == ASK[:3]


@given(st.integers(0, 65_535), st.integers(0, 255), st.binary(min_size=1, max_size=253))
def test_frame_survives_its_own_framing(transaction: int, unit: int, pdu: bytes) -> None:
    """Whole, and from a buffer that lacks its last byte not at all."""
    frame = Frame(transaction, unit, pdu)
    assert take_frame(bytearray(framed(frame))) == frame
    assert take_frame(bytearray(framed(frame)[:-1])) is None


@pytest.mark.parametrize(
    "wrong", ["0001 0001 0006 01 03", "0001 0000 0001 01", "0001 0000 00ff 01", "4745 5420 2f20 48"]
)
def test_frame_that_is_no_modbus_is_an_error(wrong: str) -> None:
    """Another protocol id, a length of 1 or 255, and a browser: known by the header alone."""
    with pytest.raises(ValueError, match="no Modbus frame"):
        take_frame(bytearray(bytes.fromhex(wrong)))
