"""Addresses and ports to serve on, and in words why not: for the station and its judge."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address

from gonogo.base.errors import LinkError, PortInUse, PortNotPermitted


def cannot_serve(server: str, port: int, error: OSError) -> LinkError | PortInUse:
    """Why a port cannot be listened on; `server` is what messages call it, with its address."""
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"{server}: another program listens there; find it with "
            f"`ss -ltnp 'sport = :{port}'` and stop it, or choose another port"
        )
    # bind(2) says EACCES; a filter of system calls may say EPERM
    if error.errno in (errno.EACCES, errno.EPERM):
        return PortNotPermitted(
            f"{server}: a port below 1024 needs CAP_NET_BIND_SERVICE, which this process lacks; "
            "the unit of `gonogo service` grants it; without a unit, run it as "
            "`sudo setpriv --reuid $USER --regid $USER --init-groups --inh-caps +net_bind_service "
            "--ambient-caps +net_bind_service gonogo run STATION`; or choose a port from 1024 on"
        )
    return LinkError(f"{server}: {error.strerror or error}; host must be an address of this box")


def joined(host: str, port: int) -> str:
    """Host and port as people and browsers write them: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def own_address(host: str) -> str:
    """The same; ValueError for what is no address: a name would be asked of a name server.

    That could keep a process waiting, and mean another address tomorrow.
    """
    try:
        ip_address(host)
    except ValueError:
        raise ValueError(
            f"host: expected an address of this box as 127.0.0.1 or ::1, got '{host}'"
        ) from None
    return host


def listening(address: tuple[str, int], queue: int) -> socket.socket:
    """A socket that listens there and waits for nothing; OSError. `queue` as in listen(2)."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        # what a former process of this port has left in TIME_WAIT is nobody's (socket(7))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(queue)
    except OSError:
        listener.close()
        raise
    return listener
