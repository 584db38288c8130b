"""An S7 PLC that is not set up: each way is named, with what to do."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest
from snap7.error import S7ConnectionError, S7TimeoutError

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.plc.transports.s7_refusals import S7Refusals
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.s7_wire import Declined
from gonogo.tests.plc.s7_bench import (
    FUNCTION,
    READ,
    WRITE,
    between,
    client_of,
    hang_up,
    header_error,
    image,
)
from gonogo.tests.plc.s7_peers import S7Plc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


def test_what_a_failure_comes_to_follows_from_its_kind() -> None:
    """Time, a no, and a broken connection are three errors, each with the request in it."""
    refusals = S7Refusals(S7Section(driver="s7", host="plc", db=7), "PLC x")
    found = [
        refusals.of("read of words", error)
        for error in (S7TimeoutError("t"), Declined(0x0A), S7ConnectionError("torn"))
    ]
    assert [type(error) for error in found] == [LinkSilent, LinkRefused, LinkError]
    assert str(found[0]) == (
        "GN402: PLC x: no whole reply within 80 ms to the read of words; "
        "if the PLC's scan is slow, raise timeout_ms (50..1000)"
    )
    assert str(found[1]) == (
        "GN401: PLC x: 0x0a to the read of words: the PLC has no DB 7; download the block, or "
        "correct db in [plc]"
    )
    assert "failed during the read of words: torn" in str(found[2])
