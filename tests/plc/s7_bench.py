"""An S7 client and who is at its other end, for tests. Import as `gonogo.tests.plc.s7_bench`."""

from __future__ import annotations

import contextlib
import os
import struct
import time
from typing import TYPE_CHECKING

from gonogo.plc.transports.s7 import S7Client
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.plc.s7_peers import DB, Between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


BITS = (True, False, True, False, True, False, False)
WAIT_S = 20
QUICK_MS = 200  # where a test waits for the timeout; elsewhere a slow machine must not meet one
TPKT_COTP = 7  # bytes before the S7 part of a frame
FUNCTION = 17  # of a request in a whole frame
READ, WRITE = 4, 5


@contextlib.contextmanager
def client_of(port: int, **fields: object) -> Iterator[S7Client]:
    """A client role, not open yet."""
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    place = {"driver": "s7", "host": "127.0.0.1", "port": port, "db": DB, "timeout_ms": 1000}
    client = S7Client(S7Section.model_validate(place | fields), fd)
    try:
        yield client
    finally:
        client.close()
        os.close(fd)


@contextlib.contextmanager
def between(plc_port: int) -> Iterator[Between]:
    """A man in the middle who spoils nothing yet."""
    middle = Between(plc_port)
    try:
        yield middle
    finally:
        middle.close()


def image(header: int = 1, **records: int) -> ProcessImage:
    """An image whose header words are all `header`; r3=7 fills record 3 with 7."""
    words = [header] * 32 + [0] * 64
    for name, value in records.items():
        at = 32 + 8 * int(name[1:])
        words[at : at + 8] = [value] * 8
    return ProcessImage(tuple(words), BITS)


def until(met: Callable[[], object]) -> None:
    """Await a condition; the bound is only there to end a test that fails."""
    end = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end, "condition not met"
        time.sleep(0.001)


def header_error(request: bytes, code: int) -> bytes:
    """What a CPU answers that refuses the service as such."""
    return b"\x03\0\0\x13\x02\xf0\x80\x32\x03\0\0" + request[11:13] + struct.pack(">IH", 0, code)


def hang_up(_request: bytes, _reply: bytes) -> Iterable[bytes]:
    """The peer ends the connection instead of answering."""
    return (b"",)
