"""Viewers ask as the page does, and every kind of client that means no good is there."""

from __future__ import annotations

import asyncio
import json
import re

from gonogo.console.screen.pages import FOLDER
from gonogo.proving.bench.visiting import (
    BAD,
    BAD_HOST,
    HALF,
    HEAD,
    LARGEST,
    NEXT_S,
    NOW,
    POLL_S,
    VIEWERS_NET,
    Counts,
    visit,
)

WAIT_S = 30.0
PART = {"run": "r1", "serial": 7, "views": [{"view": 0, "pictured": True}]}
SHOWN = json.dumps({"part": PART}).encode()


class Box:
    """Answers each request by its path, and remembers who asked what."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.begun: dict[str, list[bytes]] = {}

    async def page(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As the screen: what is known is not sent again."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                writer.write(_answer(head))
        except (EOFError, OSError):
            writer.close()

    async def hang_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Look at how they begin, and cut them off."""
        host = writer.get_extra_info("peername")[0]
        try:
            begun = await asyncio.wait_for(reader.read(len(LARGEST)), 0.2)
        except asyncio.TimeoutError:
            begun = b""
        self.begun.setdefault(host, []).append(begun)
        writer.close()


def _answer(head: bytes) -> bytes:
    if b"/picture/" in head:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\njpg"
    if b'"1"' in head:
        return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    size = f"Content-Length: {len(SHOWN)}".encode()
    return b'HTTP/1.1 200 OK\r\nETag: "1"\r\n' + size + b"\r\n\r\n" + SHOWN


def visited(box: Box, *, viewers: int, bad: int) -> Counts:
    """Until the box has seen enough of them."""
    counts = Counts()

    async def run() -> None:
        meets = box.page if viewers else box.hang_up
        server = await asyncio.start_server(meets, "127.0.0.1", 0)
        visits = asyncio.create_task(
            visit(server.sockets[0].getsockname()[1], counts, viewers, bad)
        )
        loop = asyncio.get_running_loop()
        end_s = loop.time() + WAIT_S
        while counts.answers < 3 if viewers else len(box.begun.get(BAD_HOST, ())) < 2 * bad:
            assert loop.time() < end_s
            await asyncio.sleep(0.01)
        visits.cancel()
        await asyncio.gather(visits, return_exceptions=True)
        server.close()

    asyncio.run(run())
    return counts


def test_viewer_asks_as_the_page_does_with_what_it_knows() -> None:
    """What is on the screen, its picture, and then only for something newer."""
    box = Box()
    counts = visited(box, viewers=1, bad=0)
    first, picture, second = box.heads[:3]
    assert first.startswith(b"GET /now?wait HTTP/1.1")
    assert b"If-None-Match" not in first
    assert picture.startswith(b"GET /picture/r1/7/0 ")
    assert second.startswith(b"GET /now?wait ")
    assert b'If-None-Match: "1"' in second
    assert (counts.pictures, counts.cut_off, counts.hostile) == (1, 0, 0)
    assert counts.in_one_word().startswith(f"{counts.answers},1,0,0,")


def test_viewer_asks_as_often_as_the_page() -> None:
    """Its numbers are those of the page, and what it asks for is what the page asks for."""
    code = (FOLDER / "screen.js").read_text("utf-8")
    said = {name: int(ms) for name, ms in re.findall(r"const (\w+_MS) = (\d+);", code)}
    assert (said["POLL_MS"], said["NEXT_MS"]) == (1000 * POLL_S, 1000 * NEXT_S)
    assert '"/now?wait"' in code


def test_every_kind_that_means_no_good_comes_and_comes_back() -> None:
    """From one address, which is none of a viewer's."""
    box = Box()
    counts = visited(box, viewers=0, bad=len(BAD))
    found = set(box.begun[BAD_HOST])
    assert {b"", HALF, HEAD[: len(LARGEST)], LARGEST, NOW[: len(LARGEST)]} <= found
    assert counts.hostile >= 2 * len(BAD)
    assert not BAD_HOST.startswith(VIEWERS_NET)
