"""By which way somebody comes to the station, and what that way is good for.

A serial cable and the local socket end at this box. HTTP is read as it passes: only on the box
itself may something be done by it, from elsewhere it shows and does nothing; TLS may do both. The
PLC does what the register map has commands for, and has no other way.

What a request says of itself is believed in one direction alone: a Host or Origin that is not ours
closes the way (the page of another site, a name that was turned round to this box), none opens one.
Forwarded-For and its kin are not looked at: nothing stands before the screen.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gonogo.base.ports import joined
from gonogo.console.access.roles import PLC_MAY, Action, Role, allowed

if TYPE_CHECKING:
    from collections.abc import Collection

HERE = "this box"  # the source of whoever sits at it
_LONGEST = 300  # characters of a Host or Origin that are looked at: a name has 253
_SITE_BITS = 64  # of an IPv6 address: whoever has one has all of these


class Way(str, Enum):
    """How somebody is connected."""

    TERMINAL = "terminal"  # the command line, as root or the station's user
    SOCKET = "socket"  # the local one, in the private directory of the station's user
    SERIAL = "serial"
    HTTP = "http"
    TLS = "tls"
    PLC = "plc"


def may_act(way: Way, peer: str) -> bool:
    """Whether anything may be changed by that way; `peer` is the address at its other end.

    Without it there is nothing but looking, whoever it is.
    """
    return is_here(peer) if way is Way.HTTP else True


def may(way: Way, peer: str, role: Role | None, action: Action) -> bool:
    """Whether somebody of that role, by that way, may do that: what every door asks."""
    if way is Way.PLC:
        return action in PLC_MAY
    return allowed(role, action) and (looks(action) or may_act(way, peer))


def looks(action: Action) -> bool:
    """Whether nothing is changed by it."""
    return action in _LOOKING


def is_here(peer: str) -> bool:
    """Whether an address is this box itself: loopback, as the kernel gives it, and no name."""
    found = _address(peer)
    return found is not None and found.is_loopback


def source_of(peer: str) -> str:
    """What counts as one source of attempts: this box, an IPv4 address, 64 bits of an IPv6 one."""
    found = _address(peer)
    if found is None:
        return "unknown"
    if found.is_loopback:
        return HERE
    if isinstance(found, IPv4Address):
        return str(found)
    return str(IPv6Network((int(found), _SITE_BITS), strict=False))


def is_ours(host: str | None, names: Collection[str], port: int) -> bool:
    """Whether a Host header names this box, by one of its names or addresses, and the port.

    `names` as they are folded: small letters, addresses in their shortest form.
    """
    if host is None or len(host) > _LONGEST or not host.isascii():
        return False
    try:
        parts = urlsplit(f"//{host}")
        named, given = parts.hostname, parts.port
    except ValueError:
        return False
    # what urlsplit dropped on the way (a user, a path, a blank) was no Host
    if named is None or host.lower() not in {named, f"[{named}]", joined(named, given or 0)}:
        return False
    address = _address(named)
    plain = named if address is None else str(address)
    return plain in names and given in {None, port}


def is_same_origin(origin: str | None, host: str | None, *, secure: bool) -> bool:
    """Whether a request that changes something comes from our own page: Origin and Host agree."""
    if origin is None or host is None or len(origin) > _LONGEST:
        return False
    return origin.lower() == f"http{'s' * secure}://{host.lower()}"


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # how IPv4 looks to a socket that takes both
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


_LOOKING = frozenset(
    {Action.SEE_STATUS, Action.SEE_PARTS, Action.SEE_LOG, Action.SEE_AUDIT, Action.SEE_SETUP}
)
