"""Lines out of a pipe, each waited for so long and no longer.

Read by its descriptor: what a text file has in its buffer no select sees.
"""

from __future__ import annotations

import os
import select
import time

_CHUNK_BYTES = 1 << 16


class Lines:
    """Of an open descriptor, which stays somebody else's; `ended`: the other side has closed it."""

    def __init__(self, fd: int, most_bytes: int) -> None:
        self._fd, self._most = fd, most_bytes
        self._rest = b""
        self.ended = False

    def next(self, limit_s: float) -> str | None:
        """The next whole line; None where none comes in time, or none any more; ValueError."""
        end_s = time.monotonic() + limit_s
        while b"\n" not in self._rest:
            if len(self._rest) > self._most:
                raise ValueError(f"a line of more than {self._most} bytes")
            left_s = max(0.0, end_s - time.monotonic())
            if not select.select([self._fd], [], [], left_s)[0]:
                return None
            chunk = os.read(self._fd, _CHUNK_BYTES)
            if not chunk:
                self.ended = True
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace")
