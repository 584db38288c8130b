"""TCP ports that a station serves: who has them now. None is opened to find out."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import MetricsPortTaken, PortInUse, PortNotPermitted, ScreenPortTaken
from gonogo.base.ports import joined
from gonogo.base.runtime_dir import user_name
from gonogo.commands.doctor.finding import Fine, Ill
from gonogo.commands.doctor.stations import is_child
from gonogo.plc.transports.modbus_server import LOW_PORTS, ModbusServerSection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gonogo.base.errors import GonogoError
    from gonogo.commands.board.box import Box
    from gonogo.commands.doctor.finding import Looked, Scene
    from gonogo.commands.doctor.stations import Runs
    from gonogo.config.station import Station

AREA = "ports"
CAP_NET_BIND_SERVICE = 10  # capabilities(7)
_LISTEN = "0A"  # a state in /proc/net/tcp (proc(5))
_V4_BYTES = 4


class Door(NamedTuple):
    """A port of the station: what for, where, and what becomes of it when it is taken."""

    what: str
    host: str
    port: int
    kind: type[GonogoError]
    means: str
    stops: bool = False


class Listener(NamedTuple):
    """Somebody who listens on a port of this box: `uid` whose it is, `inode` of his socket."""

    address: IPv4Address | IPv6Address
    port: int
    uid: int
    inode: int


def doors(station: Station) -> Iterator[Door]:
    """All that it serves by TCP."""
    plc = station.plc
    if isinstance(plc, ModbusServerSection) and plc.port:
        means = "the PLC finds somebody else, and every part is rejected"
        yield Door("[plc] Modbus server", plc.host, plc.port, PortInUse, means, stops=True)
    if station.screen is not None:
        means = "nobody sees the screen; parts are judged"
        screen = station.screen
        yield Door("[screen]", screen.host, screen.port, ScreenPortTaken, means)
        if tls := screen.tls_address(station.access):
            yield Door("[access] tls_port", *tls, ScreenPortTaken, means)
    if station.metrics is not None:
        means = "no figures for Prometheus; parts are judged"
        metrics = station.metrics
        yield Door("[metrics]", metrics.host, metrics.port, MetricsPortTaken, means)


def look(scene: Scene, own: Runs | None) -> Looked:
    """Each port of the station; `own`: who runs this very station now."""
    if scene.station is None:
        return
    heard = listeners(scene.box)
    for door in doors(scene.station):
        where = f"{door.what} {joined(door.host, door.port)}"
        taken = [each for each in heard if in_the_way(door, each)]
        owners = {each: owner_of(scene.box, each.inode) for each in taken}
        if taken and not any(_is_own(scene.box, own, *each) for each in owners.items()):
            do = (f"sudo ss -ltnp 'sport = :{door.port}'",)
            what = f"{where} is taken by {_named(scene.box, owners)}"
            yield Ill(AREA, door.kind, what, door.means, do, stops=door.stops)
        else:
            yield Fine(AREA, f"{where}: {'this station' if taken else 'free'}")
        yield from _right(scene, door, where)


def _right(scene: Scene, door: Door, where: str) -> Looked:
    """Of a port of the system's."""
    first = _first_open_port(scene.box)
    if door.port >= first or scene.holds(CAP_NET_BIND_SERVICE):
        return
    what = f"{where}: a port below {first} needs CAP_NET_BIND_SERVICE"
    means = "this user cannot serve it; the unit of `gonogo service` may"
    do = f"sudo sysctl -w net.ipv4.ip_unprivileged_port_start={door.port}"
    yield Ill(AREA, PortNotPermitted, what, means, (do,), stops=True)


def _first_open_port(box: Box) -> int:
    """From which port on no right is needed (ip(7), ip_unprivileged_port_start)."""
    told = box.text("proc/sys/net/ipv4/ip_unprivileged_port_start") or ""
    return int(told) if told.isdigit() else LOW_PORTS


def listeners(box: Box) -> list[Listener]:
    """Of all users, as the kernel lists them."""
    found = []
    for name in ("tcp", "tcp6"):
        for line in _table(box, name):
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTEN:  # noqa: PLR2004 - proc(5): 9 is the inode
                address, _, port = fields[1].partition(":")
                uid, inode = int(fields[7]), int(fields[9])
                found.append(Listener(_address(address), int(port, 16), uid, inode))
    return found


def _table(box: Box, name: str) -> list[str]:
    try:
        return (box.root / "proc/net" / name).read_text(encoding="ascii").splitlines()[1:]
    except OSError:  # a kernel without IPv6
        return []


def _address(told: str) -> IPv4Address | IPv6Address:
    """Words of 32 bits, each in this processor's order of bytes, which is little-endian."""
    words = [bytes.fromhex(told[at : at + 8])[::-1] for at in range(0, len(told), 8)]
    raw = b"".join(words)
    return IPv4Address(raw) if len(raw) == _V4_BYTES else IPv6Address(raw)


def in_the_way(door: Door, listener: Listener) -> bool:
    """Whether bind(2) of the door would find the address in use."""
    if listener.port != door.port:
        return False
    theirs = _plain(listener.address)
    try:
        wanted = _plain(ip_address(door.host))
    except ValueError:  # a name, which may mean any address of this box
        return True
    # :: takes IPv4 as well, unless its program asked for IPv6 alone, which cannot be seen here
    everywhere = any(each.is_unspecified for each in (wanted, theirs))
    return wanted == theirs or everywhere


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def owner_of(box: Box, inode: int) -> int | None:
    """The process that has a socket; None: of another user, which only root may see."""
    for pid in filter(str.isdigit, box.names("proc")):
        folder = box.root / "proc" / pid / "fd"
        held = (_link(folder / fd) for fd in box.names(f"proc/{pid}/fd"))
        if f"socket:[{inode}]" in held:
            return int(pid)
    return None


def _link(path: Path) -> str:
    """Where a link leads; "" where it was closed, or its process ended, meanwhile."""
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _is_own(box: Box, own: Runs | None, listener: Listener, pid: int | None) -> bool:
    """Whether a process of the station listens there; of another user's the kernel says no more."""
    if own is None:
        return False
    return is_child(box, pid, own.pid) if pid is not None else listener.uid == own.uid


def _named(box: Box, owners: Mapping[Listener, int | None]) -> str:
    found = []
    for listener, pid in owners.items():
        user = f"of user {user_name(listener.uid)}"
        comm = "" if pid is None else f" {pid} ({box.text(f'proc/{pid}/comm') or '?'})"
        found.append(f"process{comm} {user}" if pid else f"a process {user}")
    return ", ".join(dict.fromkeys(found))
