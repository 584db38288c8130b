"""The way to a camera as the kernel has it now: the interface's packets, the socket's memory."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraLinkError
from gonogo.drivers.camera_link import JUMBO_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

_IP_MTU = 14  # linux/in.h: of a connected socket
_DISCARD_PORT = 9


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

    CameraLinkError where the interface of this box does not pass them.
    """
    way = find(host)
    size = wanted or min(JUMBO_BYTES, way.mtu_bytes)
    if size > way.mtu_bytes:
        raise CameraLinkError(
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
