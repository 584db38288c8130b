"""Reads a kept log, all of its files, while it is written and rotated.

A line that is no message of ours is text, and shown as it is: a torn one after a power cut, or what
somebody else wrote there.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import LogUnreadable
from gonogo.base.log.entry import from_line
from gonogo.records.log.kept import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gonogo.base.log.entry import Entry

LEVELS = ("debug", "info", "warning", "error", "critical")
_READ_BYTES = 1 << 16
_LONGEST = 1 << 20  # of a line without an end
_OTHER_BOOT_NS = 60_000_000_000  # a clock that goes back so far is another one: the box was off
_FILES = 100  # as many as a station file may want: it may have wanted more once


class Line(NamedTuple):
    """One line as it was kept, and the message that it is; None: none of ours."""

    raw: bytes
    entry: Entry | None

    @property
    def at_ns(self) -> int:
        """CLOCK_MONOTONIC of its box then; 0: unknown."""
        at_ns = (self.entry or {}).get("at_ns")
        return at_ns if isinstance(at_ns, int) else 0

    @property
    def wall(self) -> datetime | None:
        """When it was said, with its zone."""
        try:
            found = datetime.fromisoformat(str((self.entry or {}).get("time")))
        except ValueError:
            return None
        return found if found.tzinfo is not None else None


class Wanted(NamedTuple):
    """Which lines are wanted; what is left out, is all the same."""

    since: datetime | None = None
    part: int | None = None
    level: str = "debug"
    process: str | None = None

    def chosen(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Those that are wanted; one without a time is as old as the one before it."""
        wall: datetime | None = None
        for line in lines:
            wall = line.wall or wall
            if self._takes(line.entry or {}, wall):
                yield line

    def _takes(self, entry: Entry, wall: datetime | None) -> bool:
        return (
            (self.since is None or (wall is not None and wall >= self.since))
            and (self.part is None or entry.get("part") == self.part)
            and (self.process is None or entry.get("process") == self.process)
            and _rank(entry.get("level")) >= LEVELS.index(self.level)
        )


def _rank(level: object) -> int:
    # one of none is no less than any other: it is shown, unless something is asked for
    return LEVELS.index(str(level)) if level in LEVELS else LEVELS.index("info")


class _File:
    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.inode = os.fstat(self.fd).st_ino
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """Those that have an end by now."""
        while chunk := os.read(self.fd, _READ_BYTES):
            *whole, rest = (self._rest + chunk).split(b"\n")
            self._rest = rest[-_LONGEST:]
            yield from whole

    def torn(self) -> Iterator[bytes]:
        """What stands at its end without a line feed."""
        if self._rest:
            yield self._rest
        self._rest = b""

    @property
    def deleted(self) -> bool:
        return os.fstat(self.fd).st_nlink == 0

    def close(self) -> None:
        os.close(self.fd)


class KeptLog:
    """All files of a log, from the oldest on; `new` again gives what was written meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # all at once: what is renamed while it is read stays open
        self._files = _opened(path, set())
        if not self._files:
            raise LogUnreadable(
                f"log {path}: there is none; expected the file that [log] path names, of a station "
                "that has run since, and the right to read it"
            )

    def new(self) -> Iterator[Line]:
        """What was not given yet, in the order in which it was written."""
        while True:
            for file in self._files:
                yield from map(_line, file.lines())
            more = _opened(self._path, {each.inode for each in self._files})
            if not more:
                return
            # rotated: those before get no more, and what came into them until then is read now
            for file in self._files:
                yield from map(_line, file.lines())
                yield from map(_line, file.torn())
            self._let_go()
            self._files += more

    def _let_go(self) -> None:
        """Of what was deleted; an open file keeps its number, by which it is known, for itself."""
        for file in [each for each in self._files if each.deleted]:
            file.close()
            self._files.remove(file)

    def skip(self) -> None:
        """Leave out what is there by now: `new` gives what comes from here on."""
        for file in self._files:
            os.lseek(file.fd, 0, os.SEEK_END)

    def torn(self) -> Iterator[Line]:
        """Of a log that is not followed: lines without an end."""
        for file in self._files:
            yield from map(_line, file.torn())

    def close(self) -> None:
        """Idempotent."""
        for file in self._files:
            file.close()
        self._files = []


def tail(path: Path, most_bytes: int) -> list[Line]:
    """The newest lines, of so many bytes at most, oldest first: a log may be of gigabytes.

    LogUnreadable where there is none.
    """
    found: list[bytes] = []
    files = _opened(path, set())
    if not files:
        raise LogUnreadable(f"log {path}: there is none; expected a station that keeps one")
    try:
        for file in reversed(files):
            data = _end_of(file.fd, most_bytes)
            most_bytes -= len(data)
            found = [line for line in data.split(b"\n") if line] + found
            if most_bytes <= 0:
                break
    finally:
        for file in files:
            file.close()
    return [_line(raw) for raw in found]


def _end_of(fd: int, most_bytes: int) -> bytes:
    """Whole lines at the end of a file."""
    start = max(os.fstat(fd).st_size - most_bytes, 0)
    data = os.pread(fd, most_bytes, start)
    return data.partition(b"\n")[2] if start else data


def _line(raw: bytes) -> Line:
    return Line(raw, from_line(raw))


def _opened(path: Path, known: set[int]) -> list[_File]:
    found: list[_File] = []
    # from the newest on: one that is renamed meanwhile is met again under its next name
    for each in names(path, _FILES):
        try:
            file = _File(each)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LogUnreadable(f"log {each}: {error.strerror}; expected to read it") from error
        if file.inode in known | {one.inode for one in found}:
            file.close()
        else:
            found.append(file)
    return found[::-1]


def in_order(lines: Iterable[Line]) -> Iterator[Line]:
    """By the one clock of a box, as far as it ran through; processes may have been read late."""
    held: list[tuple[int, Line]] = []
    last_ns = 0
    for line in lines:
        # one without a time belongs where it stands
        at_ns = line.at_ns or last_ns
        if at_ns < last_ns - _OTHER_BOOT_NS:
            yield from _sorted(held)
            held = []
        last_ns = at_ns
        held.append((at_ns, line))
        if len(held) >= 2 * _WINDOW:
            held.sort(key=_at)
            yield from (line for _, line in held[:_WINDOW])
            held = held[_WINDOW:]
    yield from _sorted(held)


_WINDOW = 500  # lines; what waits in the pipes between two readings is less


def _sorted(held: list[tuple[int, Line]]) -> Iterator[Line]:
    yield from (line for _, line in sorted(held, key=_at))


def _at(each: tuple[int, Line]) -> int:
    return each[0]
