"""Folders that look like the /sys and /proc of a box, as the kernel writes them.

Import as `gonogo.tests.box`. Only what gonogo.base.host_network reads is there.
"""

from __future__ import annotations

import sys
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from gonogo.base.host_network import HostNetwork

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
_UP, _GATEWAY = 0x1, 0x2


class Box:
    """Interfaces are added; `host` reads what is there."""

    def __init__(self, folder: Path) -> None:
        self._sys, self._proc = folder / "sys", folder / "proc"
        self._ours = [IPv4Interface("127.0.0.1/8")]
        self._write(self._proc / "net/route", _HEAD)
        self.rmem_max(4 << 20)
        self.host = HostNetwork(self._sys, self._proc)

    def interface(
        self, name: str, *addresses: str, mtu: int, speed: int | None = None, carrier: int = 1
    ) -> None:
        """One with these addresses of ours, as `ip address` writes them."""
        folder = self._sys / "class/net" / name
        self._write(folder / "mtu", f"{mtu}\n")
        self._write(folder / "carrier", f"{carrier}\n")
        if speed is not None:
            self._write(folder / "speed", f"{speed}\n")
        for text in addresses:
            address = IPv4Interface(text)
            self._ours.append(address)
            self._route(name, address.network, IPv4Address(0), _UP)
        self._write(self._proc / "net/fib_trie", self._trie())

    def gateway(self, name: str, network: str, gateway: str) -> None:
        """A way beyond."""
        self._route(name, IPv4Network(network), IPv4Address(gateway), _UP | _GATEWAY)

    def rmem_max(self, limit_bytes: int) -> None:
        """Of a socket's receive buffer."""
        self._write(self._proc / "sys/net/core/rmem_max", f"{limit_bytes}\n")

    def usbfs_mb(self, limit: str) -> None:
        """Of all frames on their way by USB."""
        self._write(self._sys / "module/usbcore/parameters/usbfs_memory_mb", f"{limit}\n")

    def _route(self, name: str, network: IPv4Network, gateway: IPv4Address, flags: int) -> None:
        path = self._proc / "net/route"
        words = (_hex(network.network_address), _hex(gateway), f"{flags:04X}", "0", "0", "0")
        line = "\t".join((name, *words, _hex(network.netmask), "0", "0", "0"))
        path.write_text(f"{path.read_text()}{line}\n")

    def _trie(self) -> str:
        text = "Main:\n  +-- 0.0.0.0/0 3 0 5\n"
        for each in self._ours:
            net = each.network
            text += f"     |-- {net.network_address}\n        /{net.prefixlen} link UNICAST\n"
            text += f"     |-- {each.ip}\n        /32 host LOCAL\n"
            text += f"     |-- {net.broadcast_address}\n        /32 link BROADCAST\n"
        return text

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _hex(address: IPv4Address) -> str:
    return f"{int.from_bytes(address.packed, sys.byteorder):08X}"
