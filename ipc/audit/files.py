"""The files of an audit trail: the one that is written, those that are full, and the second place.

records.audit.jsonl        rows, the newest last
records.audit-0001.jsonl   full ones, the oldest first
records.audit.head         number and hash of the newest row
records.audit.reserve      room that is given up when the disk is full
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.ipc.audit.row import Head, Row, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 32 * 1024 * 1024  # of one file that is read: many times what is written
_HEAD = re.compile(rb"(\d{1,18}) ([0-9a-f]{64})\n")


def beside_records(records: Path) -> Path:
    """The trail of a station, from the `path` of its [records]."""
    return records.with_name(f"{records.stem}.audit.jsonl")


def in_engines(folder: Path) -> Path:
    """The trail of a folder of installed engines."""
    return folder / "engines.audit.jsonl"


def head_of(trail: Path) -> Path:
    """Where the newest row is kept a second time."""
    return trail.with_suffix(".head")


def reserve_of(trail: Path) -> Path:
    """Where room is kept for rows on a full disk."""
    return trail.with_suffix(".reserve")


def full_ones(trail: Path) -> list[Path]:
    """Those that are not written any more, oldest first."""
    pattern = rf"{re.escape(trail.stem)}-(\d{{4,9}}){re.escape(trail.suffix)}"
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(trail.parent):  # noqa: PTH208
            match = re.fullmatch(pattern, name)
            if match:
                found.append((int(match[1]), trail.with_name(name)))
    return [path for _, path in sorted(found)]


def next_full(trail: Path) -> Path:
    """The name under which the one that is written is put away."""
    there = full_ones(trail)
    number = int(there[-1].stem.rpartition("-")[2]) + 1 if there else 1
    return trail.with_name(f"{trail.stem}-{number:04d}{trail.suffix}")


class Line(NamedTuple):
    """A line: the row, or None; and the SHA-256 of what stood torn before it, "" for nothing."""

    number: int
    row: Row | None
    torn: str


class Content(NamedTuple):
    """What a file holds. `rest`: what follows its last row, a torn line as a rule."""

    lines: list[Line]
    rest: bytes

    @property
    def last(self) -> Row | None:
        """The newest row."""
        return self.lines[-1].row if self.lines else None


def content_of(raw: bytes) -> Content:
    """Rows in order; what is no row is told with the next one."""
    lines, rest = [], b""
    for number, line in enumerate(raw.splitlines(keepends=True), start=1):
        row = row_of(line.rstrip(b"\n"))
        if row is None:
            rest += line
        else:
            lines.append(Line(number, row, torn(rest)))
            rest = b""
    return Content(lines, rest)


def torn(rest: bytes) -> str:
    """The SHA-256 by which the next row tells of a torn line; "" where there was none."""
    return hashlib.sha256(rest.rstrip(b"\n")).hexdigest() if rest else ""


def read(path: Path) -> bytes:
    """A file of the trail, its end where it is larger than any that was written; OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(size - MOST_BYTES, 0))
        return file.read(MOST_BYTES)


def rows_backwards(trail: Path) -> Iterator[Row]:
    """From the newest on; OSError where a file cannot be read."""
    for path in reversed([*full_ones(trail), trail]):
        with contextlib.suppress(FileNotFoundError):
            yield from (line.row for line in reversed(content_of(read(path)).lines) if line.row)


def read_head(trail: Path) -> Head | None:
    """What the second place says; None where there is none, or it is damaged."""
    with contextlib.suppress(OSError):
        match = _HEAD.fullmatch(head_of(trail).read_bytes()[:128])
        return Head(int(match[1]), match[2].decode()) if match else None
    return None


def head_text(head: Head) -> bytes:
    """As it is kept: always as long, so that it is written over in its place on a full disk."""
    return b"%018d %s\n" % (head.number, head.hash.encode())
