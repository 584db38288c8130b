"""Browsers that show the operator's screen, and two hundred clients that mean no good.

A program of its own beside a station that is measured (gonogo.proving.bench.people). A viewer asks
as the page does: for what is on the screen, held until that is another, and for the picture of each
part that is shown. Each is at an address of its own, as on a network; who means no good is all at
one, and comes back as soon as it is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import time
from typing import NamedTuple

VIEWERS, HOSTILE = 20, 200
POLL_S, NEXT_S = 0.2, 0.1  # as the page has them
AGAIN_S = 0.2
SLOW_S = 12.0  # longer than the server lets an answer take
TOLD_S = 0.2
HOST = "127.0.0.1"
VIEWERS_NET = "127.0.9."
BAD_HOST = "127.0.8.1"
LARGEST = b"GET /screen.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
NOW = b"GET /now HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = b"GET /now HTTP/1.1\r\nHost: local"
HEAD = b"GET / HTTP/1.1\r\nX: " + b"x" * 65_536


class Line(NamedTuple):
    """A connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Answer(NamedTuple):
    """What came."""

    status: int
    tag: str
    body: bytes


class Counts:
    """Answers and pictures that viewers got, viewers cut off, and connections of the others.

    `longest_s`: without an answer, of the viewer that waited for the longest.
    """

    def __init__(self) -> None:
        self.answers = self.pictures = self.cut_off = self.hostile = 0
        self.longest_s = 0.0

    def answered(self, after_s: float) -> None:
        """A viewer had an answer, so long after its last one."""
        self.answers += 1
        self.longest_s = max(self.longest_s, after_s)

    def in_one_word(self) -> str:
        """For whoever reads what this program said last."""
        counts = self.answers, self.pictures, self.cut_off, self.hostile
        return f"{','.join(map(str, counts))},{self.longest_s:.2f}"


async def ask(line: Line, path: str, tag: str = "") -> Answer:
    """A request and all of its answer; EOFError, OSError where there is none."""
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    line.writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{known}\r\n".encode())
    first, *rest = (await line.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    head = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rest)}
    body = await line.reader.readexactly(int(head.get("content-length", "0")))
    return Answer(int(first.split()[1]), head.get("etag", ""), body)


async def look(line: Line, counts: Counts, last_s: list[float]) -> None:
    """For ever, as the page does; `last_s` has when it was last answered."""
    tag = ""
    while True:
        asked_s = time.monotonic()
        answer = await ask(line, "/now?wait", tag)
        counts.answered(time.monotonic() - last_s[0])
        last_s[0] = time.monotonic()
        if answer.status == 200:
            tag = answer.tag
            await show(line, json.loads(answer.body)["part"], counts)
        between_s = NEXT_S if answer.status == 200 else POLL_S
        await asyncio.sleep(max(0.0, between_s - (time.monotonic() - asked_s)))


async def show(line: Line, part: dict[str, object] | None, counts: Counts) -> None:
    """The pictures of a part."""
    views = part["views"] if part else []
    assert isinstance(views, list)
    for each in views:
        if part and each["pictured"]:
            answer = await ask(line, f"/picture/{part['run']}/{part['serial']}/{each['view']}")
            counts.pictures += answer.status == 200


async def viewer(port: int, number: int, counts: Counts) -> None:
    """A page that is never closed."""
    last_s = [time.monotonic()]
    while True:
        # cut off or refused, a page tries it again
        with contextlib.suppress(OSError, EOFError, ValueError):
            line = await reach(port, f"{VIEWERS_NET}{number + 1}")
            with contextlib.closing(line.writer):
                await look(line, counts, last_s)
        counts.cut_off += 1
        await asyncio.sleep(AGAIN_S)


async def reach(port: int, own: str) -> Line:
    """From that address."""
    return Line(*await asyncio.open_connection(HOST, port, local_addr=(own, 0)))


async def silent(line: Line) -> None:
    """Connect, and say nothing."""
    await line.reader.read()


async def half(line: Line) -> None:
    """Half a request, and no more."""
    line.writer.write(HALF)
    await line.reader.read()


async def huge_head(line: Line) -> None:
    """A header without an end."""
    while not line.writer.is_closing():
        line.writer.write(HEAD)
        await line.writer.drain()


async def slow(line: Line) -> None:
    """Ask for a lot, and read nothing of it."""
    line.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a stream's transport
    line.writer.write(LARGEST * 200)
    await asyncio.sleep(SLOW_S)


async def flood(line: Line) -> None:
    """The next request as soon as there is an answer."""
    while True:
        line.writer.write(NOW)
        head = await line.reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        await line.reader.readexactly(int(length or b"0"))


BAD = (silent, half, huge_head, slow, flood)


async def hostile(port: int, number: int, counts: Counts) -> None:
    """One of them; it comes back."""
    while True:
        with contextlib.suppress(OSError, EOFError, ValueError):
            line = await reach(port, BAD_HOST)
            counts.hostile += 1
            with contextlib.closing(line.writer):
                await BAD[number % len(BAD)](line)
        await asyncio.sleep(AGAIN_S)


async def visit(port: int, counts: Counts, viewers: int = VIEWERS, bad: int = HOSTILE) -> None:
    """All of them, until it is cancelled."""
    await asyncio.gather(
        *(viewer(port, number, counts) for number in range(viewers)),
        *(hostile(port, number, counts) for number in range(bad)),
    )


async def _told(port: int) -> None:
    counts = Counts()
    visits = asyncio.create_task(visit(port, counts))
    while not visits.done():
        await asyncio.sleep(TOLD_S)
        if counts.answers and counts.hostile >= HOSTILE:
            print(counts.in_one_word(), flush=True)  # noqa: T201 - for whoever started it
    visits.result()


def main(port: str) -> None:
    """For ever; says how far it has come once all are there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    asyncio.run(_told(int(port)))
