"""TCP to a PLC: connect and say why not, send and acknowledge at once, give up in time.

A stack that sends header and body apart with Nagle's algorithm on keeps the body until the
header is acknowledged; our kernel delays that by 40 ms, in the hope of something to send along.
So each link asks for acknowledgements at once, again before each receive: Linux forgets it.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.hosts import Endpoint, Host

_CONNECT_MIN_S = 0.5  # a busy PLC accepts more slowly than it answers
_LEAST_S = 0.01  # for those whose turn comes when the time is over
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: RST, and nothing more is sent


def connect(peer: str, host: Host, timeout_s: float, server: str) -> socket.socket:
    """A connection to the first address that takes one; `peer` and `server` are for messages.

    HostUnknown when there is none, LinkRefused when the PLC says no, LinkSilent when it says
    nothing within `timeout_s` (at least 0.5 s, for all addresses together), LinkError when there is
    no way to it.
    """
    # a PLC's timeout is for one reply; a handshake goes through its operating system
    timeout_s = max(timeout_s, _CONNECT_MIN_S)
    try:
        return _first_of(host.find(peer, timeout_s), timeout_s)
    except ConnectionRefusedError as error:
        raise LinkRefused(
            f"{peer}: connection refused; the PLC is there, but its {server} "
            "is off, on another port, or has no connection left"
        ) from error
    except TimeoutError as error:
        raise LinkSilent(
            f"{peer}: no answer within {timeout_s * 1000:.0f} ms; "
            "check power, cable, address and firewall"
        ) from error
    except OSError as error:
        raise LinkError(f"{peer}: cannot be reached: {error}; check host and network") from error


def _first_of(endpoints: Sequence[Endpoint], timeout_s: float) -> socket.socket:
    """OSError where none takes a connection: that of the one that came nearest to it."""
    end_s = time.monotonic() + timeout_s
    failures: list[OSError] = []
    for left, endpoint in zip(range(len(endpoints), 0, -1), endpoints, strict=True):
        # what is left is shared: a first address that is dead must not use up the others' time
        within_s = max(end_s - time.monotonic(), _LEAST_S) / left
        found = _tried(endpoint, within_s)
        if isinstance(found, socket.socket):
            return found
        failures.append(found)
    # "refused" by one address says more than "no route" to another
    raise min(failures, key=_distance)


def _tried(endpoint: Endpoint, within_s: float) -> socket.socket | OSError:
    """Connected, or why not."""
    sock = socket.socket(endpoint.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(within_s)
        sock.connect(endpoint.address)
    except OSError as error:
        sock.close()
        return error
    return sock


def _distance(error: OSError) -> int:
    """Refused: somebody is there. Silent: perhaps. All else: no way there."""
    if isinstance(error, ConnectionRefusedError):
        return 0
    return 1 if isinstance(error, TimeoutError) else 2


def harden(sock: socket.socket, user_timeout_ms: int) -> None:
    """Send at once, and let the kernel give up on a dead peer in seconds, not hours."""
    # a verdict is a small segment: with Nagle it would wait for the acknowledgement before it
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # sent and not acknowledged for so long: the kernel would go on for 15 minutes (tcp(7))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, user_timeout_ms)
    # nothing sent: three probes, a second apart
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


def ack_at_once(sock: socket.socket) -> None:
    """Acknowledge without delay what comes now; to be said again before each receive (0.3 us)."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def receive(sock: socket.socket, size: int) -> bytes:
    """What has come, at most `size` bytes; nobody who waits for our acknowledgement waits long."""
    ack_at_once(sock)
    return sock.recv(size)


def abort_on_close(sock: socket.socket) -> None:
    """Let the next close send RST: after a failure the kernel must not go on sending a verdict."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
