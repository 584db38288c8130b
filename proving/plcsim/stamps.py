"""When bytes arrived in a socket, by the kernel's own stamp (SO_TIMESTAMPNS, socket(7)).

The stamp is taken as they arrive, whether anybody reads them or not: a process that was
stopped learns afterwards what lay there, and since when. Accepted connections inherit the
wish from their listener. The kernel stamps by the wall clock; a wall clock that is set
between the stamp and the look makes it wrong, so callers bound it by what they know.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; also the type of its message
_TIMESPEC = struct.Struct("@qq")  # seconds, nanoseconds
_ROOM = socket.CMSG_SPACE(_TIMESPEC.size)
_NS_PER_S = 1_000_000_000


def stamp_arrivals(sock: socket.socket) -> None:
    """Ask for stamps; a kernel that has none leaves `receive` without them."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def receive(sock: socket.socket, most: int) -> tuple[bytes, int]:
    """At most so many bytes, and when the last of them arrived (monotonic ns, 0: not known)."""
    data, messages, _, _ = sock.recvmsg(most, _ROOM)
    now_ns, wall_ns = time.monotonic_ns(), time.time_ns()
    for level, kind, stamp in messages:
        if (level, kind, len(stamp)) == (socket.SOL_SOCKET, SO_TIMESTAMPNS, _TIMESPEC.size):
            seconds, ns = _TIMESPEC.unpack(stamp)
            return data, int(now_ns - (wall_ns - seconds * _NS_PER_S - ns))
    return data, 0
