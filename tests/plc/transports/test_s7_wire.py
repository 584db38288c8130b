"""Replies of an S7 PLC as bytes: whatever comes, it is a reply or a named error."""

from __future__ import annotations

import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snap7.datatypes import S7Area, S7WordLen
from snap7.error import S7ConnectionError, S7Error, S7TimeoutError
from snap7.s7protocol import S7Protocol

from gonogo.plc.transports.s7_wire import PAYLOAD_BYTES, Declined, S7Wire, parse_reply
from gonogo.tests.plc.s7_peers import DB, S7Plc

READ_2_BYTES = "32030000 0001 0002 0006 0000 0401 ff040010 1234"


def asked() -> S7Protocol:
    """A protocol that has sent one read of two bytes under reference 1."""
    protocol = S7Protocol()
    protocol.build_read_request(S7Area.DB, 1, 0, S7WordLen.BYTE, 2)
    return protocol


def test_reply_brings_the_bytes_that_were_read() -> None:
    """A whole reply under the reference of the request."""
    protocol = asked()
    reply = parse_reply(protocol, bytes.fromhex(READ_2_BYTES))
    assert protocol.extract_read_data(reply, S7WordLen.BYTE, 2) == [0x12, 0x34]


def test_refused_read_keeps_its_return_code() -> None:
    """With a length and no data, as native libsnap7 sends it; the library would say torn."""
    with pytest.raises(Declined) as found:
        parse_reply(asked(), bytes.fromhex("32030000 0001 0002 0004 0000 0401 05000004"))
    assert found.value.code == 0x05


def test_refused_service_keeps_its_error_word() -> None:
    """Error class 0x81, code 0x04 in the header: what a CPU without PUT/GET says."""
    with pytest.raises(Declined) as found:
        parse_reply(asked(), bytes.fromhex("32030000 0001 0000 0000 8104"))
    assert found.value.code == 0x8104


@pytest.mark.parametrize("reference", [0, 2, 0xFFFF])
def test_reply_to_another_request_is_none(reference: int) -> None:
    """Older or newer: it is not the answer."""
    pdu = bytearray.fromhex(READ_2_BYTES)
    pdu[4:6] = reference.to_bytes(2, "big")
    with pytest.raises(S7ConnectionError, match="another request"):
        parse_reply(asked(), bytes(pdu))


HEADS = st.sampled_from([b"", b"2\x03\0\0\0\1", b"2\x02\0\0\0\1", b"2\x07\0\0\0\1"])


@given(st.builds(bytes.__add__, HEADS, st.binary(max_size=60)))
def test_any_bytes_are_a_reply_or_a_named_error(pdu: bytes) -> None:
    """Nothing that a PLC can send gets past the errors that the link understands."""
    with contextlib.suppress(S7Error):
        assert "sequence" in parse_reply(asked(), pdu)


@given(st.integers(0, 19))
def test_torn_reply_is_no_reply(end: int) -> None:
    """A frame that ends early is never taken for data."""
    with pytest.raises(S7Error):
        parse_reply(asked(), bytes.fromhex(READ_2_BYTES)[:end])


@pytest.mark.parametrize("count", [0, PAYLOAD_BYTES // 2 + 1])
def test_request_beyond_one_pdu_is_never_sent(count: int) -> None:
    """A request that a small PDU could tear is a mistake of ours."""
    with contextlib.closing(S7Plc()) as plc:
        sock = socket.create_connection(("127.0.0.1", plc.port))
        with contextlib.closing(S7Wire(sock, 0, 1, 1.0)) as wire:
            with pytest.raises(ValueError, match=f"expected 2 to 200 bytes .* got {2 * count}"):
                wire.read(DB, 0, count)
            with pytest.raises(ValueError, match=f"got {2 * count}"):
                wire.write(DB, 0, [0] * count)
            assert wire.read(DB, 0, PAYLOAD_BYTES // 2) == (0,) * (PAYLOAD_BYTES // 2)


def test_failed_handshake_leaves_no_socket_open() -> None:
    """A peer that says nothing costs one timeout and no file descriptor."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sock = socket.create_connection(listener.getsockname())
        with pytest.raises(S7TimeoutError):
            S7Wire(sock, 0, 1, 0.05)
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(20)
            assert peer.recv(4096)
            with contextlib.suppress(ConnectionResetError):
                assert peer.recv(4096) == b""
