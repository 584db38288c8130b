"""What lies where in the data block of an S7 PLC, and what is written when."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING, Any

from gonogo.plc.register_map import D_WORDS, OBJECTION_AT
from gonogo.plc.transports.s7_block import S7Block
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.s7_wire import PAYLOAD_BYTES, PDU_BYTES
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.plc.s7_bench import (
    BITS,
    FUNCTION,
    TPKT_COTP,
    WRITE,
    between,
    client_of,
    image,
)
from gonogo.tests.plc.s7_peers import S7Plc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def test_exchange_puts_every_word_at_its_byte_high_byte_first(plc: S7Plc) -> None:
    """D word n stands at byte 2 n, P word 100 + n is read from byte 192 + 2 n."""
    said = bytes(range(100, 140))
    plc.put(192, said)
    words = tuple(0x0100 * n + 0xFF - n for n in range(D_WORDS))
    with client_of(plc.port) as client:
        client.open()
        inputs = client.exchange(ProcessImage(words, BITS))
    expected = b"".join(bytes([n, 0xFF - n]) for n in range(D_WORDS))
    assert plc.block() == expected + said
    assert list(inputs.words) == [0x0100 * at + at + 1 for at in range(100, 140, 2)]


def test_exchange_uses_the_offsets_of_the_section() -> None:
    """d_offset and p_offset move the two areas; nothing else in the block is touched."""
    with contextlib.closing(S7Plc(size=400)) as plc:
        plc.put(0, b"\xaa" * 400)
        plc.say(20, [77] * 20)
        with client_of(plc.port, d_offset=100, p_offset=20) as client:
            client.open()
            inputs = client.exchange(image(5))
        assert list(inputs.words) == [77] * 20
        assert plc.words(100, D_WORDS) == list(image(5).words)
        block = plc.block()
        assert set(block[:20] + block[60:100] + block[292:]) == {0xAA}


def test_exchange_writes_records_before_res_seq_and_only_what_changed(plc: S7Plc) -> None:
    """A record is in the PLC before the header that counts it; what is unchanged is not sent."""
    with client_of(plc.port) as client:
        client.open()
        for step in (image(1), image(1), image(2, r3=7), image(3, r3=7), image(3, r3=7, r5=1)):
            client.exchange(step)
    assert plc.writes() == [(64, 128), (0, 64), (112, 16), (0, 64), (0, 64), (144, 16)]


def test_exchange_after_reopening_writes_everything_again(plc: S7Plc) -> None:
    """A PLC that came back has forgotten; what it holds is unknown until written."""
    with client_of(plc.port) as client:
        client.open()
        client.exchange(image(5))
        plc.put(0, bytes(192))
        client.open()
        client.exchange(image(5))
    assert plc.words(0, 32) == [5] * 32


def test_every_request_fits_into_the_smallest_pdu(plc: S7Plc) -> None:
    """240 bytes are asked for, and no request is longer or carries more than 200 bytes."""
    with between(plc.port) as middle, client_of(middle.port) as client:
        client.open()
        for step in (image(1), image(2, r3=7), image(3, r3=8, r5=1)):
            client.exchange(step)
    assert middle.heard[1][-2:] == struct.pack(">H", PDU_BYTES)
    assert max(map(len, middle.heard)) <= TPKT_COTP + PDU_BYTES
    payloads = [int.from_bytes(f[15:17], "big") - 4 for f in middle.heard if f[FUNCTION] == WRITE]
    assert len(payloads) == 6
    assert max(payloads) <= PAYLOAD_BYTES


class NotedWire:
    """What would be asked of a wire: the first byte and the number of words of each request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def read(self, _db: int, start: int, count: int) -> tuple[int, ...]:
        """Nothing but zeros."""
        self.asked.append(("read", start, count))
        return (0,) * count

    def write(self, _db: int, start: int, words: Sequence[int]) -> None:
        """All of it."""
        self.asked.append(("write", start, len(words)))


def test_block_that_was_forgotten_is_written_whole() -> None:
    """And what stands is read back; a mark goes before the reading."""
    wire: Any = NotedWire()

    def ask(_what: str, request: Callable[[Any], Any], /) -> Any:  # noqa: ANN401 - what is found
        return request(wire)

    block = S7Block(S7Section(driver="s7", host="plc", db=1), ask)
    words = image(5, r3=1).words
    block.write(words)
    block.write(words)
    block.forget()
    block.write(words)
    assert wire.asked == 2 * [("write", 64, 64), ("write", 0, 32)]
    wire.asked.clear()
    block.read_back(7)
    assert wire.asked == [("write", 2 * OBJECTION_AT, 1), ("read", 0, 32)]
