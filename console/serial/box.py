"""Commands about the box: its network as the kernel has it, and its clocks."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.host_network import HostNetwork
from gonogo.console.serial.table import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At

_INTERFACES = Path("/sys/class/net")
# systemd-timesyncd makes it at its first answer of a time server; chrony and ntpd have none
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_S_PER_DAY = 86_400


def network(_: At, __: Sequence[str]) -> Answer:
    """Interfaces, their links, and the addresses that this box has."""
    box = HostNetwork()
    subnets = box.subnets()
    lines, value = [], []
    for name in sorted(os.listdir(_INTERFACES)):  # noqa: PTH208 - names
        found = box.interface(name)
        ours = [
            f"{a}/{s.network.prefixlen}" for s in subnets if s.interface == name for a in s.ours
        ]
        value.append({**found._asdict(), "addresses": ours})
        lines.append(_interface(value[-1]))
    return Answer(lines, value)


def _interface(found: dict[str, Any]) -> str:
    speed = f", {found['speed_mbit_s']} Mbit/s" if found["speed_mbit_s"] else ""
    link = "link" if found["carrier"] else "NO LINK"
    addresses = ", ".join(found["addresses"]) or "no IPv4 address"
    return f"{found['name']:<10} {link:<8} {addresses}, MTU {found['mtu_bytes']}{speed}"


def server_heard() -> bool:
    """Whether a time server has answered since the start of the box, as far as that is told."""
    return _SYNCHRONISED.exists()


def clocks(_: At, __: Sequence[str]) -> Answer:
    """Both clocks, how long the box is up, and whether a time server was heard."""
    now, up_s = datetime.now(timezone.utc), time.clock_gettime(time.CLOCK_BOOTTIME)
    heard = server_heard()
    value = {"utc": now.isoformat(timespec="seconds"), "up_s": round(up_s), "time_server": heard}
    server = "heard since the start" if heard else "not heard by systemd-timesyncd"
    return Answer(
        [
            f"UTC    {now:%Y-%m-%d %H:%M:%S}",
            f"here   {now.astimezone():%Y-%m-%d %H:%M:%S %z}",
            f"up     {up_s // _S_PER_DAY:.0f} d {up_s % _S_PER_DAY / 3600:.1f} h",
            f"server {server}",
        ],
        value,
    )
