"""The names and addresses under which a browser reaches this box."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.host_network import HostNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HERE = ("localhost", "127.0.0.1", "::1")
# RFC 1123, with the underscore that some boxes have
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST = 253


class BoxNames(NamedTuple):
    """Each once, in small letters and their shortest form; `strange`: what is none."""

    hosts: tuple[str, ...]
    addresses: tuple[str, ...]
    strange: tuple[str, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        """What a Host header may name (gonogo.console.access.ways.is_ours)."""
        return frozenset({*self.hosts, *self.addresses})


def box_names(host: str, addresses: Iterable[str], more: Iterable[str] = ()) -> BoxNames:
    """From the box's own name and addresses, and what the station file adds.

    `host` as of gethostname(2), which is a name in the local network as well (RFC 6762).
    """
    plain = host.lower().rstrip(".")
    named = (plain, f"{plain}.local") if "." not in plain else (plain,)
    hosts: dict[str, None] = {}
    found: dict[str, None] = {}
    strange: dict[str, None] = {}
    for each in (*HERE, *named, *addresses, *more):
        address = _address(each)
        if address is not None:
            found[address] = None
        elif len(each) <= _LONGEST and _HOST.fullmatch(each.lower()):
            hosts[each.lower()] = None
        else:
            strange[each] = None
    return BoxNames(tuple(hosts), tuple(found), tuple(strange))


def of_this_box(
    more: Iterable[str] = (),
    network: HostNetwork = HostNetwork(),  # noqa: B008 - immutable
    host: Callable[[], str] = socket.gethostname,
) -> BoxNames:
    """As the box is called and reached now, by its IPv4 addresses; `more` as above."""
    ours = (str(address) for subnet in network.subnets() for address in subnet.ours)
    return box_names(host(), ours, more)


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
