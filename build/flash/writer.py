"""A file onto a disk, in large aligned pieces, each of them on the disk before the next counts.

The disk itself is the record of how far an earlier attempt came: with `keep` a piece is written
only where other bytes stand. A note of it beside the disk could be lost or be of another disk, and
one on the disk could say that something was written which never left the disk's own cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from gonogo.build.flash.disk import ALIGN_BYTES, MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.flash.disk import Disk

PIECE_BYTES = 4 * MIB
FLUSH_BYTES = 32 * MIB  # so much may wait in memory, and be counted as written too early

if TYPE_CHECKING:
    Tell = Callable[[int], None]  # so many bytes are done


class Written(NamedTuple):
    """How many bytes were written, and how many stood there already."""

    new_bytes: int
    kept_bytes: int


def write(disk: Disk, at: int, source: BinaryIO, tell: Tell, *, keep: bool = False) -> Written:
    """All of the source to that offset, in bytes; DiskFailed.

    The last piece is filled up with zeros to a whole block: what lies behind is of the same
    partition, and nobody's.
    """
    source.seek(0)
    new = kept = waiting = 0
    while piece := source.read(PIECE_BYTES):
        whole = piece + bytes(-len(piece) % ALIGN_BYTES)
        if keep and disk.fresh(at, len(whole)) == whole:
            kept += len(piece)
        else:
            disk.write(at, whole)
            new, waiting = new + len(piece), waiting + len(piece)
        if waiting >= FLUSH_BYTES:
            disk.flush()
            waiting = 0
        at += len(whole)
        tell(new + kept)
    disk.flush()
    return Written(new, kept)


def erase(disk: Disk, at: int, length: int) -> None:
    """Zeros, for good."""
    disk.write(at, bytes(length))
    disk.flush()
