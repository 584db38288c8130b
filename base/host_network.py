"""What the kernel of this box says of its networks and of the memory for cameras: files alone.

Read from /sys and /proc, or from folders that look like them; nothing is sent or opened.
"""

from __future__ import annotations

import re
import sys
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BYTES_PER_MB = 1 << 20
_GATEWAY = 0x2  # RTF_GATEWAY of linux/route.h
# as `LOCAL` routes of one address each; a line with the address, the next one with its kind
_OURS = re.compile(r"\|-- (\S+)\s+/32 host LOCAL")
_MTU_BYTES = 1500  # of an Ethernet that does not say
_LOOPBACK = IPv4Network("127.0.0.0/8")  # in no table of /proc/net/route


class Interface(NamedTuple):
    """A network interface."""

    name: str
    mtu_bytes: int
    speed_mbit_s: int | None
    """None where it does not say: loopback, most virtual ones, one without a cable."""
    carrier: bool
    """Whether anything is at the other end of its cable."""


class Subnet(NamedTuple):
    """Addresses that this box reaches by an interface, without a gateway."""

    network: IPv4Network
    interface: str
    ours: tuple[IPv4Address, ...]
    """Those of this box within it."""


class HostNetwork:
    """The files of one box; a file that is not there says nothing."""

    def __init__(self, sys_path: Path = Path("/sys"), proc_path: Path = Path("/proc")) -> None:
        self._sys, self._proc = sys_path, proc_path

    def subnets(self) -> list[Subnet]:
        """All that are reached directly, loopback too."""
        ours = [IPv4Address(text) for text in _OURS.findall(_text(self._proc / "net/fib_trie"))]
        found = [("lo", _LOOPBACK), *self._direct()]
        return [
            Subnet(network, name, tuple(sorted({each for each in ours if each in network})))
            for name, network in found
        ]

    def _direct(self) -> Iterator[tuple[str, IPv4Network]]:
        for line in _text(self._proc / "net/route").splitlines()[1:]:
            words = line.split()
            if int(words[3], 16) & _GATEWAY:
                continue
            mask = _address(words[7])
            yield words[0], IPv4Network(f"{_address(words[1])}/{mask}")

    def ways_to(self, address: str) -> list[Subnet]:
        """The narrowest subnets with that address: the kernel takes one; empty: none has it."""
        peer = IPv4Address(address)
        found = [each for each in self.subnets() if peer in each.network]
        narrowest = max((each.network.prefixlen for each in found), default=0)
        return [each for each in found if each.network.prefixlen == narrowest]

    def interface(self, name: str) -> Interface:
        """As its files say."""
        folder = self._sys / "class/net" / name
        speed = _number(folder / "speed")
        return Interface(
            name,
            _number(folder / "mtu") or _MTU_BYTES,
            speed if speed is not None and speed > 0 else None,
            _number(folder / "carrier") != 0,
        )

    def rmem_max(self) -> int:
        """The limit of a socket's receive buffer, in bytes; 0 where nothing says it."""
        return _number(self._proc / "sys/net/core/rmem_max") or 0

    def usb_memory_short(self, needed_bytes: int) -> str:
        """What to say where USB gets less memory than its cameras' frames need; else ""."""
        path = self._sys / "module/usbcore/parameters/usbfs_memory_mb"
        limit_mb, needed_mb = _number(path), -(-needed_bytes // _BYTES_PER_MB)
        if not limit_mb or needed_mb <= limit_mb:  # 0: no limit; None: no USB in this kernel
            return ""
        return (
            f"frames on their way by USB need {needed_mb} MB, {path} is {limit_mb}, expected at "
            f"least {needed_mb}; as root: echo {max(2 * needed_mb, 1000)} > {path}"
        )


def _address(word: str) -> IPv4Address:
    """The kernel prints an address as the number that its bytes are to this processor."""
    return IPv4Address(int(word, 16).to_bytes(4, sys.byteorder))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:  # no such thing in this kernel; of an interface that is down it is refused
        return ""


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if re.fullmatch(r"-?\d+", text) else None
