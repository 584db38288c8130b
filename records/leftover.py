"""What a run could not write into its database, in a file beside it, until a later start does.

`<database>.leftover-<run>-<first entry>` holds the entries whole, with all that is needed to
make rows of them in another boot: what the numbers mean, and both clocks.

    line "gonogo leftover 1" | header (JSON, one line) | body | CRC-32 of all that, big endian
    header    run, first entry, entries, lost, about, both clocks, bytes of the body
    body      deflated: for each entry its bytes (4, big endian) and the record of the journal

A full disk takes it, too: `<database>.reserve` holds the space from the start on, is written
over in place and renamed. What does not even fit in there is counted in the header.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.atomic_file import Files, move, replace, settle, write_all
from gonogo.base.errors import RecordsLeft
from gonogo.base.log.logger import get_logger
from gonogo.records.labels import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

log = get_logger(__name__)

# also what tells a reserve that holds a leftover from one that is empty: it is written last
MAGIC = b"gonogo leftover 1\n"
RESERVE_BYTES = 4 << 20  # twenty thousand entries deflate to about half of that
_LENGTH = struct.Struct(">I")


class Disk(Files):
    """The system calls for files whose space is there before they are written."""

    def allocate(self, fd: int, size: int) -> None:
        """The system call; OSError where there is no room."""
        # not a size alone: a sparse file would meet the full disk when it is written
        os.posix_fallocate(fd, 0, size)

    def truncate(self, fd: int, size: int) -> None:
        """The system call."""
        os.ftruncate(fd, size)

    def unlink(self, path: Path) -> None:
        """The system call."""
        path.unlink()


DISK = Disk()


class Damaged(ValueError):
    """Not what was written; `entries` as far as its header tells."""

    def __init__(self, entries: int | None) -> None:
        super().__init__("cut off, or changed since it was written")
        self.entries = entries


class Leftover(NamedTuple):
    """Entries of one run as they stood in its journal, and how many more were lost.

    `first`: the sequence of the first one in the journal; `about` as in the journal.
    """

    run: str
    first: int
    raws: Sequence[bytes]
    lost: int
    about: str
    clock: Clock

    def without(self, oldest: int) -> Leftover:
        """The same with so many entries only counted."""
        return self._replace(
            first=self.first + oldest, raws=self.raws[oldest:], lost=self.lost + oldest
        )


# -- to bytes and back -----------------------------------------------------------------


def pack(left: Leftover) -> bytes:
    """The content of a file."""
    records = b"".join(_LENGTH.pack(len(raw)) + raw for raw in left.raws)
    # the fastest level: a stop has 2.5 s for all that waits
    body = zlib.compress(records, 1)
    header = left._asdict() | {"raws": len(left.raws), "clock": tuple(left.clock)}
    text = json.dumps(header | {"body_bytes": len(body)})
    content = MAGIC + text.encode() + b"\n" + body
    # the checksum covers the header as well: `about` decides what the numbers are called
    return content + _LENGTH.pack(zlib.crc32(content))


def unpack(content: bytes) -> Leftover:
    """What was packed; Damaged when a single bit is not as it was."""
    header: Any = None
    # whatever a damaged file leads to; told by `Damaged` below, with what its header still says
    with contextlib.suppress(ValueError, KeyError, TypeError, struct.error, zlib.error):
        line = content[len(MAGIC) : content.index(b"\n", len(MAGIC))]
        header = json.loads(line)
        at = len(MAGIC) + len(line) + 1
        end = at + header["body_bytes"]
        if content[end : end + 4] == _LENGTH.pack(zlib.crc32(content[:end])):
            raws = tuple(_records(zlib.decompress(content[at:end])))
            fields = {name: header[name] for name in Leftover._fields}
            return Leftover(**fields | {"raws": raws, "clock": Clock(*header["clock"])})
    known = isinstance(header, dict) and isinstance(header.get("raws"), int)
    raise Damaged(header["raws"] if known else None)


def _records(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        (length,) = _LENGTH.unpack_from(body, at)
        yield body[at + 4 : at + 4 + length]
        at += 4 + length


# -- on the disk -----------------------------------------------------------------------


def save(database: Path, left: Leftover, files: Disk = DISK) -> Leftover:
    """Bring it to the disk; what was kept of it. OSError: not even its count could be."""
    target = _target(database, left)
    try:
        put(database, left, files)
    except OSError as error:
        left = _into_reserve(database, target, left, files)
        log.warning(
            "records_reserve_taken",
            text="%(path)s: %(why)s: the reserved space was taken",
            path=target,
            why=error.strerror,
        )
    say = RecordsLeft(
        f"run {left.run}: {len(left.raws)} entries did not become rows and lie in {target}, "
        f"{left.lost} are lost; keep that file beside the database: the next start writes its rows"
    )
    log.error("records_left", text="%(error)s", error=say)
    return left


def put(database: Path, left: Leftover, files: Disk = DISK) -> Path:
    """The same in new space, and in silence; where it lies. OSError: nothing is there."""
    target = _target(database, left)
    try:
        replace(target, pack(left), files)
    except OSError:
        # a half-written one takes the room that the others need
        with contextlib.suppress(OSError):
            files.unlink(target.with_name(f"{target.name}.new"))
        raise
    return target


def _target(database: Path, left: Leftover) -> Path:
    return database.with_name(f"{database.name}.leftover-{left.run}-{left.first:012d}")


def _into_reserve(database: Path, target: Path, left: Leftover, files: Disk) -> Leftover:
    """Over the space that was kept for this; the oldest are only counted where they must be."""
    # halves: packing anew for each entry would take longer than a stop may
    while len(content := pack(left)) > RESERVE_BYTES:
        left = left.without((len(left.raws) + 1) // 2)
    place = reserve_path(database)
    # of a run whose rows are not written yet: it is never written over
    if _begins(place):
        raise OSError(errno.ENOSPC, "the reserved space holds another leftover", str(place))
    # in place and not cut short first: blocks that are given back to a full disk are gone
    fd = files.open(place, os.O_RDWR)
    try:
        for at, data in ((len(MAGIC), content[len(MAGIC) :]), (0, MAGIC)):
            os.lseek(fd, at, os.SEEK_SET)
            write_all(fd, data, files)  # what is broken off before the end has no name yet
        files.truncate(fd, len(content))
        files.fsync(fd)
    finally:
        files.close(fd)
    with contextlib.suppress(OSError):  # under its own name it is found as well
        move(place, target, files)
    return left


def reserve(database: Path, files: Disk = DISK) -> bool:
    """See to it that the space is there, unless something lies in it; False on a full disk."""
    place = reserve_path(database)
    # asked once a minute: what is there is left alone, so that it costs no write
    if _begins(place) or _allocated(place):
        return True
    try:
        fd = files.open(place, os.O_RDWR | os.O_CREAT)
        try:
            files.allocate(fd, RESERVE_BYTES)
            files.fsync(fd)
        finally:
            files.close(fd)
        settle(place.parent, files)
    except OSError:
        return False
    return True


def pending(database: Path) -> list[Path]:
    """Files that wait for their rows to be written, oldest first."""
    # neither files that were set aside (.damaged-1) nor half-written ones (.new)
    name = re.compile(re.escape(f"{database.name}.leftover-") + r".+-\d{12}")
    folder = database.parent
    # runs are named by their time, entries by their number: by name is by age
    names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208
    found = [folder / each for each in names if name.fullmatch(each)]
    place = reserve_path(database)
    # last: it has no name of its own by which it could be put in its place
    return [*found, place] if _begins(place) else found


def remove(path: Path, files: Disk = DISK) -> None:
    """Its rows are in the database."""
    files.unlink(path)
    settle(path.parent, files)


def reserve_path(database: Path) -> Path:
    """Where the space is kept."""
    return database.with_name(f"{database.name}.reserve")


def _allocated(path: Path) -> bool:
    try:
        return path.stat().st_blocks * 512 >= RESERVE_BYTES  # stat(2): always of 512 bytes
    except OSError:
        return False


def _begins(path: Path) -> bool:
    """Whether a leftover lies there."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
