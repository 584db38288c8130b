"""Broken requests against the server role, and broken replies against the client role."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from gonogo.base.errors import LinkError
from gonogo.plc.register_map import D_WORDS, P_WORDS
from gonogo.plc.transports.modbus_client import ModbusClient, ModbusClientSection
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.bench.fuzz import Asker, Served, fuzz
from gonogo.proving.bench.mutations import mutated, request
from gonogo.proving.peers.raw import read_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Frames that have hurt servers: each with what is wrong in it.
CORPUS = [
    "",  # nothing
    "00",  # not even a transaction id
    "000100000006010300000060" * 40,  # a flood
    "0001000000060103000000600001",  # two bytes of the next one
    "000100000000",  # length 0
    "0001000000fe01" + "10" * 253,  # the longest frame there can be
    "0001000000ff01" + "10" * 254,  # one more
    "00010000000901100064000102",  # a write without its word
    "0001000000080110006400010263",  # half a word
    "000100000006010600630001",  # the word before P
    "00010000000601050000ff01",  # a coil neither on nor off
    "0001000000090117000000010064",  # FC23 that ends in the middle
    "00010000000d0117ffff00010064000102ffff",  # reads past the end, writes P
    "00010000000201ab",  # a reply as a request
    "0001000000040108000400",  # listen only
    "000100000005012b0e0480",  # an identity object that does not exist
    "0001000100060106006400010001000000060106006400ff",  # a wrong protocol before a good write
    "474554202f20485454502f312e310d0a0d0a",  # a browser
    "0300001611e00000000100c1020100c2020102c0010a",  # an S7 client on the wrong port
    "16030100c8010000c4",  # TLS
]


@pytest.mark.parametrize("seed", [1, 2])
def test_server_survives_mutated_frames(seed: int) -> None:
    """Each of them is answered as the model says, and P changes by valid writes alone."""
    found = fuzz(1500, seed)
    assert found.first_loss == ""
    assert (found.survived, found.sent) == (1500, 1500)
    assert found.refused > 300
    assert found.ended > 50


def test_server_survives_the_corpus() -> None:
    """Frames that have hurt servers, alone and one after the other."""
    rng = random.Random(3)  # noqa: S311 - a seed makes the test repeatable
    frames = [bytes.fromhex(text) for text in CORPUS]
    with Served() as served, Asker(served.port, rng) as tester:
        assert tester.some(frames) == (len(frames), "")
        assert tester.some(frames[::-1]) == (len(frames), "")


def test_server_survives_what_hypothesis_finds() -> None:
    """Arbitrary bytes, and arbitrary PDUs in a good header."""
    pdus = st.binary(min_size=1, max_size=253).map(
        lambda pdu: struct.pack(">HHHB", 1, 0, len(pdu) + 1, 1) + pdu
    )
    codes = st.sampled_from([1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43])
    known = st.tuples(codes, st.lists(st.sampled_from([0, 1, 2, 4, 100, 119, 255]), max_size=9))
    calls = known.map(lambda call: bytes([0, 1, 0, 0, 0, len(call[1]) + 2, 1, call[0], *call[1]]))
    rng = random.Random(5)  # noqa: S311 - a seed makes the test repeatable
    with Served() as served, Asker(served.port, rng) as tester:

        @given(st.lists(st.binary(max_size=300) | pdus | calls, max_size=6))
        def survives(frames: list[bytes]) -> None:
            assert tester.some(frames) == (len(frames), "")

        survives()


def test_fuzz_notices_a_server_that_answers_otherwise() -> None:
    """The oracle is no yes-man: another server, with another map, is found out."""
    server = pytest.importorskip("pyModbusTCP.server", reason="pyModbusTCP is not installed")
    rng = random.Random(6)  # noqa: S311 - a seed makes the test repeatable
    other = server.ModbusServer("127.0.0.1", 0, no_block=True)
    other.start()
    try:
        with Asker(other._service.server_address[1], rng) as tester:
            good, said = tester.some([request(rng) for _ in range(16)])
    finally:
        other.stop()
    assert good == 0
    assert "expected" in said


# -- replies ---------------------------------------------------------------------------

WORDS = tuple(range(700, 700 + P_WORDS))
IMAGE = ProcessImage(tuple(range(D_WORDS)), (False,) * 7)
READ_HEAD = 9  # bytes of a read's reply before its words


class Garbler:
    """A PLC that spoils one of its replies; `sent` holds (right, said) of each.

    `nth` counts replies from 0. It does not simulate time: what it says comes at once.
    """

    def __init__(self, nth: int, spoil: Callable[[bytes], bytes]) -> None:
        self.sent: list[tuple[bytes, bytes]] = []
        self._nth, self._spoil = nth, spoil
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # the listener was shut down
            while True:
                sock, _address = self._listener.accept()
                with sock, contextlib.suppress(ConnectionError):
                    self._talk(sock)

    def _talk(self, sock: socket.socket) -> None:
        while asked := read_frame(sock):
            right = _right(asked)
            said = self._spoil(right) if len(self.sent) == self._nth else right
            self.sent.append((right, said))
            sock.sendall(said)

    def close(self) -> None:
        """Stop, once the client has hung up."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


def _right(asked: bytes) -> bytes:
    """The reply of a PLC that does what it is asked."""
    if asked[7] == 3:
        pdu = bytes([3, 2 * P_WORDS]) + struct.pack(f">{P_WORDS}H", *WORDS)
    else:
        pdu = asked[7:12]
    return asked[:4] + struct.pack(">HB", len(pdu) + 1, asked[6]) + pdu


def _taken_rightly(right: bytes, said: bytes) -> bool:
    """Whether a reply may pass: only the words of a read can differ unseen."""
    if right[7] == 3:
        return len(said) == len(right) and said[:READ_HEAD] == right[:READ_HEAD]
    return said == right


@contextlib.contextmanager
def client_of(port: int) -> Iterator[ModbusClient]:
    """A client role that is connected."""
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    section = ModbusClientSection(
        driver="modbus-client", host="127.0.0.1", port=port, timeout_ms=50
    )
    client = ModbusClient(section, fd)
    try:
        client.open()
        yield client
    finally:
        client.close()
        os.close(fd)


def exchange_with(garbler: Garbler) -> None:
    """One exchange with a PLC that spoils a reply, and one after a new connection."""
    with contextlib.closing(garbler), client_of(garbler.port) as client:
        with contextlib.suppress(LinkError):
            words = client.exchange(IMAGE).words
            assert all(_taken_rightly(*pair) for pair in garbler.sent)
            (_, said) = garbler.sent[2]
            assert struct.pack(f">{P_WORDS}H", *words) == said[READ_HEAD:]
        client.open()
        assert tuple(client.exchange(IMAGE).words) == WORDS


NTH = st.integers(0, 2)  # write of the records, write of the header, read of P


@tuned(max_examples=60)
@given(NTH, st.integers(0, 2**32))
def test_client_takes_no_word_of_a_mutated_reply(nth: int, seed: int) -> None:
    """A LinkError or the words that were said; never a success by another reply."""
    rng = random.Random(seed)  # noqa: S311 - drawn here: the reply is spoilt in another thread
    exchange_with(Garbler(nth, lambda right: mutated(right, rng)))


@tuned(max_examples=40)
@given(NTH, st.binary(max_size=60))
def test_client_takes_no_word_of_garbage(nth: int, garbage: bytes) -> None:
    """Whatever comes instead of a reply is a LinkError."""
    exchange_with(Garbler(nth, lambda _right: garbage))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r[:7] + b"\x04" + r[8:],  # another function of the same shape
        lambda r: r[:4] + b"\0\x2c" + r[6:8] + b"\x29" + r[9:] + b"\0",  # an odd byte count
        lambda r: r + r,  # twice
        lambda r: r + b"\0",  # a byte left over
        lambda r: b"\xff\xff" + r[2:] + r,  # an older reply before it
        lambda r: r[:2] + b"\0\1" + r[4:],  # a wrong protocol id
        lambda r: r[:6] + b"\x02" + r[7:],  # another unit
        lambda r: r[:-1],  # the last byte is missing
    ],
)
def test_client_names_a_reply_that_does_not_fit(spoil: Callable[[bytes], bytes]) -> None:
    """Near misses of a read are refused; what would fit but for a byte is waited for in vain."""
    with (
        contextlib.closing(Garbler(2, spoil)) as garbler,
        client_of(garbler.port) as client,
        pytest.raises(LinkError, match=r"does not follow Modbus|no valid reply within 50 ms"),
    ):
        client.exchange(IMAGE)


@pytest.mark.parametrize("at", [8, 9, 10, 11])
def test_client_checks_what_a_write_has_written(at: int) -> None:
    """A write that another address or quantity is confirmed for has failed."""

    def spoil(right: bytes) -> bytes:
        return right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :]

    garbler = Garbler(0, spoil)
    exchange_with(garbler)
    assert len(garbler.sent) == 1 + 3  # the spoilt one ended its connection
