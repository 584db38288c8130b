"""What this box allows: the interface's packets, the socket's memory, the memory of USB."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from contextlib import closing
from pathlib import Path

_SIOCGIFADDR, _SIOCGIFMTU = 0x8915, 0x8921  # linux/sockios.h; an ifreq is 40 bytes
_RMEM_MAX = Path("/proc/sys/net/core/rmem_max")
_USBFS_MB = Path("/sys/module/usbcore/parameters/usbfs_memory_mb")
_BYTES_PER_MB = 1 << 20


def mtu_of(address: str) -> tuple[str, int] | None:
    """The interface of this box that has the IPv4 address, and its MTU in bytes."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("40s", name.encode())
            try:
                found = fcntl.ioctl(probe, _SIOCGIFADDR, request)
            except OSError:  # it has no address
                continue
            if socket.inet_ntoa(found[20:24]) == address:
                answer = fcntl.ioctl(probe, _SIOCGIFMTU, request)
                return name, int(struct.unpack_from("i", answer, 16)[0])
    return None


def local_address(peer: str) -> str:
    """The address of this box from which it would reach the peer; nothing is sent."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.connect((peer, 9))
        address: str = probe.getsockname()[0]
        return address


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
