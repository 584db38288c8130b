"""What this box allows: the interface's packets, the socket's memory, the memory of USB."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Callable

_IP_MTU = 14  # linux/in.h: of a connected socket
_DISCARD_PORT = 9
_RMEM_MAX = Path("/proc/sys/net/core/rmem_max")
_USBFS_MB = Path("/sys/module/usbcore/parameters/usbfs_memory_mb")
_BYTES_PER_MB = 1 << 20
PACKET_BYTES = 9000  # jumbo frames as switches pass them


class Way(NamedTuple):
    """How this box would reach an address."""

    ours: str
    """The address of this box on that way."""
    mtu_bytes: int
    """The largest packet there: that of the interface, or less where it was found out."""


def way_to(peer: str) -> Way:
    """By the kernel's own table; nothing is sent. OSError where there is none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.connect((peer, _DISCARD_PORT))
        return Way(probe.getsockname()[0], probe.getsockopt(socket.IPPROTO_IP, _IP_MTU))


def packet_bytes(
    name: str, host: str, wanted: int | None, find: Callable[[str], Way] = way_to
) -> int:
    """Of the camera at that address, as large as wanted; None: as large as the way allows.

    CameraError where the interface of this box does not pass them.
    """
    way = find(host)
    size = wanted or min(PACKET_BYTES, way.mtu_bytes)
    if size > way.mtu_bytes:
        raise CameraError(
            f"{name}: packet_bytes = {size} is above {way.mtu_bytes}, the MTU of the "
            f"interface with {way.ours}: not one would come; leave it out, or, as root: "
            f"ip link set INTERFACE mtu {size}"
        )
    return size - size % 4  # the registers of most cameras count in fours


def grant_receive(port: int, wanted: int) -> int:
    """Ask for a receive buffer of the UDP socket of this process on `port`; bytes granted.

    The library itself would ask with the first frame only, and not say what it got. Linux
    doubles the number, for its own use (socket(7)).
    """
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names are all that is wanted
        opened = _udp_socket(int(entry), port)
        if opened is not None:
            with closing(opened):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
                return opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
    return 0


def _udp_socket(fd: int, port: int) -> socket.socket | None:
    """A second handle of that socket, where it is the one on this port."""
    try:
        if not str(Path(f"/proc/self/fd/{fd}").readlink()).startswith("socket:"):
            return None
        opened = socket.socket(fileno=os.dup(fd))
    except OSError:  # closed meanwhile
        return None
    is_it = (
        opened.family == socket.AF_INET
        and opened.type == socket.SOCK_DGRAM
        and opened.getsockname()[1] == port
    )
    if is_it:
        return opened
    opened.close()
    return None


def rmem_max(path: Path = _RMEM_MAX) -> int:
    """The kernel's limit for a socket's receive buffer, in bytes."""
    return int(path.read_text(encoding="ascii"))


def usb_memory_short(needed_bytes: int, path: Path = _USBFS_MB) -> str:
    """What to say where the kernel grants USB less memory than a camera's frames need; else ""."""
    try:
        limit_mb = int(path.read_text(encoding="ascii"))
    except OSError:  # no USB in this kernel
        return ""
    needed_mb = -(-needed_bytes // _BYTES_PER_MB)
    if limit_mb == 0 or needed_mb <= limit_mb:  # 0: no limit
        return ""
    return (
        f"a frame on its way needs {needed_mb} MB, {path} allows {limit_mb}; as root: "
        f"echo {max(2 * needed_mb, 1000)} > {path}"
    )
