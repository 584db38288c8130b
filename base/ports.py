"""Ports that cannot be listened on, in words: for whoever serves, the station and its judge."""

from __future__ import annotations

import errno

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
