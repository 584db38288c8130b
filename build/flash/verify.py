"""What was written is read back from the disk itself, and its hash is that of the image."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gonogo.base.errors import VerifyFailed
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.writer import PIECE_BYTES

if TYPE_CHECKING:
    from gonogo.build.flash.disk import Disk
    from gonogo.build.flash.writer import Tell


def read_back(disk: Disk, at: int, length: int, tell: Tell) -> str:
    """SHA-256 of so many bytes from there on, past the caches; DiskFailed."""
    digest, done = hashlib.sha256(), 0
    while done < length:
        piece = disk.fresh(at + done, min(PIECE_BYTES, length - done))
        if not piece:
            break
        digest.update(piece)
        done += len(piece)
        tell(done)
    return digest.hexdigest()


def verify(disk: Disk, at: int, wanted: bytes | tuple[int, str], what: str, tell: Tell) -> None:
    """VerifyFailed unless these bytes stand there, or so many with that hash."""
    length, sha256 = _of(wanted) if isinstance(wanted, bytes) else wanted
    found = read_back(disk, at, length, tell)
    if found != sha256:
        raise VerifyFailed(
            f"{what}, at {at / MIB:.0f} MiB: read back {found[:16]}..., written {sha256[:16]}...; "
            "the disk does not keep what it is given: take another one"
        )


def _of(data: bytes) -> tuple[int, str]:
    return len(data), hashlib.sha256(data).hexdigest()
