"""Requests of one TCP connection: found whatever the segments are, or the connection is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.plc.transports.mbap_frame import NotModbus, Requests

PDUS = st.lists(st.binary(min_size=1, max_size=253), min_size=1, max_size=5)


def frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    """As a PLC sends it."""
    head = transaction.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big")
    return head + bytes([unit]) + pdu


@given(PDUS, st.integers(1, 400))
def test_requests_are_found_in_any_segments(pdus: list[bytes], step: int) -> None:
    """Many in one, or one in many: each once, in order, and nothing is left."""
    stream = b"".join(frame(n, n + 1, pdu) for n, pdu in enumerate(pdus))
    requests, found = Requests(), []
    for at in range(0, len(stream), step):
        requests.feed(stream[at : at + step])
        while requests.begun():
            request = requests.take()
            if request is None:
                break
            found.append((request.unit, request.pdu))
    assert found == [(n + 1, pdu) for n, pdu in enumerate(pdus)]
    assert not requests.halfway


def test_reply_has_the_transaction_of_its_request() -> None:
    """And its unit; the length is that of the reply."""
    requests = Requests()
    requests.feed(frame(0xABCD, 7, b"\x03\0\0\0\x01"))
    assert requests.begun()
    request = requests.take()
    assert request is not None
    assert request.reply(b"\x03\x02\0\x05") == frame(0xABCD, 7, b"\x03\x02\0\x05")


@pytest.mark.parametrize(
    "head",
    [
        b"\0\1\0\1\0\6",  # another protocol
        b"\0\1\0\0\0\0",  # nothing follows
        b"\0\1\0\0\0\1",  # a unit, and no function
        b"\0\1\0\0\0\xff",  # longer than any PDU
        b"GET / ",
    ],
)
def test_head_that_cannot_be_modbus_is_named(head: bytes) -> None:
    """As soon as it is here, whatever follows."""
    requests = Requests()
    requests.feed(head[:5])
    assert not requests.begun()
    requests.feed(head[5:] + b"more")
    with pytest.raises(NotModbus, match=head.hex(" ")):
        requests.begun()


def test_half_a_request_is_known_and_can_be_dropped() -> None:
    """Its connection ends, and with it what came."""
    requests = Requests()
    requests.feed(frame(1, 1, b"\x03\0\0\0\x01")[:-1])
    assert requests.begun()
    assert requests.take() is None
    held = [requests.halfway]
    requests.clear()
    held.append(requests.halfway)
    assert held == [True, False]
    assert not requests.begun()
