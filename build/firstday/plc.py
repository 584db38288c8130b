"""How a new station reaches its PLC, as it was typed: DRIVER, DRIVER:HOST or DRIVER:HOST:PORT."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import StationNotMade
from gonogo.plc.transports.catalogue import TRANSPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = "127.0.0.1"
FIRST_PORT, LAST_PORT = 15030, 15099  # for a PLC that is simulated on this box
PORT_MAX = 65535
DRIVERS = ("modbus-server", "modbus-client", "s7")  # the others want more than a host
_PAGES = {
    "modbus-rtu-client": "modbus-rtu.md", "modbus-rtu-server": "modbus-rtu.md",
    "modbus-io": "modbus-io.md", "gpio-io": "gpio-ejector.md",
}  # fmt: skip


class Plc(NamedTuple):
    """The keys of `[plc]`; `unknown`: what nobody has said, for the comment of the file.

    `local`: the PLC is simulated on this box, so that the station can be rehearsed as it is.
    """

    keys: Mapping[str, Any]
    unknown: tuple[str, ...]
    local: bool


def plc_of(typed: str | None) -> Plc:
    """StationNotMade says what was expected; without a word a PLC that polls this box."""
    driver, host, port = _parts(typed or DRIVERS[0])
    if driver == "modbus-server":
        local = host is None
        keys = {"driver": driver, "host": host or HERE, "port": port or (_free() if local else 502)}
        unknown = ("the address of this box at which the PLC finds it (host, port)",)
        return Plc(keys, unknown if local else (), local or host == HERE)
    if host is None:
        raise StationNotMade(
            f"--plc {driver}: expected {driver}:HOST, got no host; give the address of the PLC, "
            f"as {driver}:192.168.0.10"
        )
    keys = {"driver": driver, "host": host} | ({"port": port} if port else {})
    if driver == "s7":
        return Plc(keys | {"db": 1}, ("the number of the data block in the PLC (db)",), local=False)
    return Plc(keys, (), host == HERE)


def _parts(typed: str) -> tuple[str, str | None, int | None]:
    driver, _, where = typed.strip().partition(":")
    if driver not in DRIVERS:
        raise StationNotMade(_unfit(driver))
    host, port = _host(where)
    if port is None:
        return driver, host or None, None
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= PORT_MAX:
        raise StationNotMade(f"--plc {typed}: expected a port from 1 to {PORT_MAX}, got {port!r}")
    return driver, host or None, int(port)


def _host(where: str) -> tuple[str, str | None]:
    """Host and port; an IPv6 address stands in brackets, or has no port."""
    if where.startswith("["):
        host, _, rest = where[1:].partition("]")
        return host, rest.removeprefix(":") or None
    if where.count(":") > 1:
        return where, None
    host, colon, port = where.partition(":")
    return host, port if colon else None


def _unfit(driver: str) -> str:
    expected = f"--plc: expected DRIVER:HOST with one of {', '.join(DRIVERS)}, got {driver!r}"
    if page := _PAGES.get(driver):
        return (
            f"{expected}, which wants more than a host: leave --plc out, and write [plc] as "
            f"docs/{page} has it"
        )
    if driver in TRANSPORTS:
        return (
            f"{expected}, which is a package of others: leave --plc out, and write [plc] yourself"
        )
    return f"{expected}; for example modbus-client:192.168.0.10"


def _free() -> int:
    """The first port of some that nothing listens on now."""
    for port in range(FIRST_PORT, LAST_PORT):
        with socket.socket() as probe:
            if probe.connect_ex((HERE, port)):
                return port
    return LAST_PORT
