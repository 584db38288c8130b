"""Which requests are well formed: by their length and what they ask for, whatever the map holds."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.constants import ExcCodes

from gonogo.plc.transports.modbus_pdu import flaw

FORMED = [
    b"\x01\0\0\x07\xd0",  # 2000 bits
    b"\x03\0\0\0\x7d",  # 125 words
    b"\x05\0\0\xff\0",
    b"\x05\0\0\0\0",
    b"\x06\0\0\x12\x34",
    b"\x0f\0\0\0\x09\x02\0\0",
    b"\x10\0\0\0\x02\x04\0\0\0\0",
    b"\x16\0\0\0\0\0\0",
    b"\x17\0\0\0\x7d\0\0\0\x01\x02\0\0",
    b"\x2b\x0e\x01\0",
]


@pytest.mark.parametrize("pdu", FORMED)
def test_well_formed_request_has_no_flaw(pdu: bytes) -> None:
    """Each function code at an edge of what the standard allows."""
    assert flaw(pdu) is None


@pytest.mark.parametrize("pdu", FORMED[:-1])
def test_request_of_another_length_is_a_wrong_value(pdu: bytes) -> None:
    """Cut anywhere, or with a byte too many."""
    for wrong in (*(pdu[:end] for end in range(1, len(pdu))), pdu + b"\0"):
        assert flaw(wrong) is ExcCodes.ILLEGAL_VALUE


@pytest.mark.parametrize(
    "pdu",
    [
        b"\x01\0\0\x07\xd1",  # 2001 bits
        b"\x03\0\0\0\x7e",  # 126 words
        b"\x03\0\0\0\0",  # none
        b"\x05\0\0\x01\0",  # neither on nor off
        b"\x0f\0\0\0\x09\x01\0",  # 9 bits in a byte
        b"\x10\0\0\0\x7c\xf8" + bytes(248),  # 124 words
        b"\x17\0\0\0\0\0\0\0\x01\x02\0\0",  # reads nothing
    ],
)
def test_request_out_of_range_is_a_wrong_value(pdu: bytes) -> None:
    """One more, or one less, than the standard allows."""
    assert flaw(pdu) is ExcCodes.ILLEGAL_VALUE


@given(st.sampled_from([0, 7, 8, 11, 17, 20, 21, 24, 100, 129, 255]), st.binary(max_size=20))
def test_function_that_is_not_served_is_said_before_its_length(code: int, rest: bytes) -> None:
    """A PLC that tries whether we know it learns that we do not."""
    assert flaw(bytes([code]) + rest) is ExcCodes.ILLEGAL_FUNCTION


@given(st.integers(1, 123), st.integers(0, 65535))
def test_any_number_of_words_that_fits_can_be_written(count: int, address: int) -> None:
    """1 to 123; where they may lie is for the map."""
    pdu = struct.pack(">BHHB", 16, address, count, 2 * count) + bytes(2 * count)
    assert flaw(pdu) is None
