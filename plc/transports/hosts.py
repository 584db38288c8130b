"""Where a host is: `host` of a station file as addresses, and these as people write them.

A name is asked for on a thread of its own and waited for briefly: a name server that is gone
holds a query for half a minute, and no link may stand still for that. What a name led to once is
remembered for as long as the name server says nothing.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import HostUnknown

if TYPE_CHECKING:
    from collections.abc import Callable

_KNOWN_S = 0.05  # for a name that led somewhere before; /etc/hosts needs 1 ms
_REMEDY = (
    "give host as an address in numbers, or put the name into /etc/hosts; the name servers of this "
    "box stand in /etc/resolv.conf"
)


class Endpoint(NamedTuple):
    """One address of a host, as the socket module takes it."""

    family: socket.AddressFamily
    address: Any  # (host, port) and more


def plain(address: str) -> str:
    """An address unwrapped: a socket for both protocols shows IPv4 as ::ffff:10.0.0.1."""
    # a name, or an address with a zone (fe80::1%eth0): as it is
    with suppress(ValueError):
        found = ip_address(address)
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
    return address


def look_up(host: str, port: int, *, numeric: bool = False) -> tuple[Endpoint, ...]:
    """All addresses of a host, as the system sorts them; OSError as getaddrinfo's. May hang."""
    # AI_NUMERICHOST: never a query, so that numbers cannot hang
    flags = socket.AI_NUMERICHOST if numeric else 0
    try:
        name = host.encode("ascii")  # as text it would go through a codec that is read from disk
    except UnicodeError as error:
        why = "expected ASCII letters, as in its xn-- form"
        raise socket.gaierror(socket.EAI_NONAME, why) from error
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags)
    return tuple(Endpoint(family, address) for family, _, _, _, address in found)


def serve_at(endpoint: Endpoint) -> socket.socket:
    """A socket that listens there; `::` takes IPv4 as well. OSError where it cannot be had."""
    family, address = endpoint
    return socket.create_server(address, family=family, dualstack_ipv6=address[0] == "::")


class Host:
    """A host and a port of it; `ask` is for tests."""

    def __init__(
        self, host: str, port: int, ask: Callable[[str, int], tuple[Endpoint, ...]] = look_up
    ) -> None:
        self._host, self._port, self._ask = host, port, ask
        self._query: _Query | None = None  # that is under way
        self._known: tuple[Endpoint, ...] = ()

    def find(self, peer: str, within_s: float) -> tuple[Endpoint, ...]:
        """At least one; HostUnknown where the name leads nowhere, or not in time.

        `peer` is what messages call the host.
        """
        # numbers need no thread; anything else fails here at once
        with suppress(OSError):
            return look_up(self._host, self._port, numeric=True)
        # one query at a time: each retry would leave one more thread hanging
        self._query = query = self._query or _Query(lambda: self._ask(self._host, self._port))
        # with an address in hand a dead name server delays a reconnect by this alone
        within_s = min(within_s, _KNOWN_S) if self._known else within_s
        # not given up: the next call finds its answer, however late it came
        if not query.done.wait(within_s):
            return self._remembered(peer, f"not known after {within_s * 1000:.0f} ms")
        self._query = None
        if query.error is None:
            self._known = query.found
        # the name server has answered: its old address may be another device's by now
        elif query.error.errno == socket.EAI_NONAME:
            self._known = ()
        return self._remembered(peer, str(query.error and query.error.strerror))

    def _remembered(self, peer: str, why: str) -> tuple[Endpoint, ...]:
        if self._known:
            return self._known
        raise HostUnknown(f"{peer}: address of '{self._host}': {why}; {_REMEDY}")


class _Query:
    """A thread that may hang as long as it likes; nothing waits for it when the process ends."""

    def __init__(self, ask: Callable[[], tuple[Endpoint, ...]]) -> None:
        self._ask = ask
        self.found: tuple[Endpoint, ...] = ()
        self.error: OSError | None = None
        self.done = threading.Event()
        # a daemon: getaddrinfo cannot be interrupted, and must not keep the process
        threading.Thread(target=self._run, name="host", daemon=True).start()

    def _run(self) -> None:
        try:
            self.found = self._ask()
        except OSError as error:
            self.error = error
        # last: whoever waits reads `found` and `error` right after it, from the link thread
        self.done.set()
