"""What proves that a process of the table is one that this station has started.

A pid and its start time name a process, but anybody can read both (proc(5)). Each row
therefore bears a seal: a keyed hash of row, pid and start time, whose key is a secret that the
station draws when its memory is made, and that nobody else may read (gonogo.base.runtime_dir).
Only what bears the seal is adopted, or ended in the name of a supervisor that is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from typing import TYPE_CHECKING

from gonogo.base.runtime_dir import open_private
from gonogo.base.shm import segment_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECRET_BYTES = 32
_SEAL_BYTES = 7  # of the hash; a word of the table is signed


class Seals:
    """Makes and proves seals with a station's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def create(cls, station: str) -> Seals:
        """Draw the secret of a station whose memory is made now."""
        # each memory has its own: what an earlier run has sealed proves nothing in this one
        secret = os.urandom(SECRET_BYTES)
        fd = open_private(secret_path(station), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            os.write(fd, secret)
        finally:
            os.close(fd)
        return cls(secret)

    @classmethod
    def of(cls, station: str) -> Seals:
        """With the secret that the station has drawn; OSError or SegmentError without one."""
        fd = open_private(secret_path(station), os.O_RDONLY)
        try:
            return cls(os.read(fd, SECRET_BYTES))
        finally:
            os.close(fd)

    def process(self, row: int, pid: int, started: int) -> int:
        """The seal of a process: its row, its pid, and when it was started (proc(5) ticks)."""
        return self._hash(b"process", struct.pack("<3q", row, pid, started))

    def plan(self, identities: Sequence[str]) -> int:
        """The seal of what processes were started from."""
        return self._hash(b"plan", "\n".join(identities).encode())

    def told(self, argument: str) -> int:
        """The seal of what one process was told."""
        return self._hash(b"told", argument.encode())

    def _hash(self, what: bytes, words: bytes) -> int:
        # what it is of stands in it: the seal of a plan is none of a process
        found = hmac.new(self._secret, what + b"\0" + words, hashlib.sha256).digest()
        return int.from_bytes(found[:_SEAL_BYTES], "big")


def secret_path(station: str) -> Path:
    """Where the secret of a station lies."""
    return segment_path(station, "secret")
