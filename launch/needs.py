"""What a station needs of its box, from its file: folders, devices, peers, rights.

Whatever is not named here, the unit takes away (launch/units/gonogo.service).
"""

from __future__ import annotations

import grp
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.section import Section
from gonogo.engines.backends.catalogue import AUTO, BACKENDS
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.plc.transports.modbus_server import ModbusServerSection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.config.recipe import RecipeViewSection
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.section import EngineSection

STEADY = "onnxruntime"  # the backend that makes no machine code while it runs
_PLUGGED = ("ttyUSB", "ttyACM")  # may come back under another number
_CAMERAS = "char-video4linux"
_NOBODY = ""  # an accelerator's device is everybody's, unless somebody has seen to it
_SERIAL_GROUP, _CAMERA_GROUP = "dialout", "video"  # Debian's; what owns a device is asked first
_STATS_GROUP = "jtop"  # may speak with the service of jetson-stats, where that is installed


class Needs(NamedTuple):
    """All of it.

    `writes`: folders. `reads`: files and folders, the program's own too. `devices`: what
    DeviceAllow= takes, and what is done with it (r, w). `groups`: those that own the
    devices. `peers`: addresses and networks as IPAddressAllow= takes them; None: anybody,
    empty: no network at all. `finds_cameras`: looks for cameras behind the interfaces of
    the box. `low_port`: serves a port of the system. `makes_code`: an engine may write
    machine code into memory and run it. `watchdog`: the device that resets the box. `rests`:
    an output of its own is to be switched off once it has ended.
    """

    writes: tuple[Path, ...]
    reads: tuple[Path, ...]
    devices: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    peers: tuple[str, ...] | None
    finds_cameras: bool
    low_port: bool
    makes_code: bool
    watchdog: Path | None
    rests: bool = False


def needs_of(station: Station, program: Iterable[Path]) -> Needs:
    """What `station` needs, run by `program`: its files and folders, and the station file."""
    # whatever is not found here the unit takes away: a section that names a path or a device under
    # a key of its own must be found by these functions
    watchdog = station.watchdog.device
    return Needs(
        writes=written(station),
        # each once, in a fixed order: a unit that is printed anew should differ only where the file
        # does
        reads=tuple(dict.fromkeys((*program, *paths_in(station)))),
        # each once: a trigger and an ejector may be at the same chips
        devices=tuple(
            dict.fromkeys(
                (
                    *(rule for device in serial_devices(station) for rule in allowed(device)),
                    *station.trigger.devices,
                    *station.plc.devices,
                    *(device for view in station.view for device in view.camera.devices),
                    *((device, "rw") for device in accelerators(station)),
                )
            )
        )
        + (() if watchdog is None else ((str(watchdog), "w"),)),
        groups=groups(station),
        peers=with_readers(with_cameras(peers(station), station), station),
        finds_cameras=any(view.camera.peers != () for view in station.view),
        low_port=station.plc.low_port,
        makes_code=any(makes_code(engine) for engine in _engines(station)),
        watchdog=watchdog,
        rests=isinstance(station.plc, GpioIoSection),
    )


def program_paths() -> tuple[Path, ...]:
    """Where this interpreter, its packages and gonogo lie."""
    here = (sys.prefix, sys.base_prefix, Path(__file__).parents[1])
    return tuple(Path(path).resolve() for path in here)


# -- files ---------------------------------------------------------------------------------


def written(station: Station) -> tuple[Path, ...]:
    """Folders in which a station that runs makes files, each once."""
    # folders, not files: SQLite and whatever survives a power cut make new files beside the old one
    folders = [station.records.path.parent]
    if station.records.images is not None:
        folders.append(station.records.images.folder)
    if station.engines is not None:
        folders.append(station.engines.folder)
    folders += [folder for view in station.view for folder in view.camera.writes]
    return tuple(dict.fromkeys(folders))


def paths_in(section: Section) -> Iterator[Path]:
    """Every path that a section names, at any depth."""
    # by type, not by name of the key: also what drivers of other packages name is found
    for name in type(section).model_fields:
        yield from _paths_in(getattr(section, name))


def _paths_in(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Section):
        yield from paths_in(value)
    # of several values sections hold tuples, as they are frozen
    elif isinstance(value, tuple):
        for item in value:
            yield from _paths_in(item)


# -- devices -------------------------------------------------------------------------------


def serial_devices(station: Station) -> tuple[str, ...]:
    """The serial ports to the PLC and of the console, where there are such."""
    # by its key, whichever driver has it
    found: list[str | None] = [getattr(station.plc, "device", None)]
    found += [station.console.device] if station.console is not None else []
    return tuple(dict.fromkeys(each for each in found if each is not None))


def allowed(device: str) -> tuple[tuple[str, str], ...]:
    """A serial port for DeviceAllow=: an adapter by its driver, for it comes back as another file.

    Plugged in again, ttyUSB0 may be ttyUSB1; what is not plugged in now may be of any driver.
    """
    # /dev/serial/by-id/... is a link: the driver's name is that of the device behind it
    name = Path(device).resolve().name
    for driver in _PLUGGED:
        if name.startswith(driver):
            return ((f"char-{driver}", "rw"),)
    # not plugged in: the link is not there, and the driver cannot be known
    if device.startswith("/dev/serial/") and not Path(device).exists():
        return tuple((f"char-{driver}", "rw") for driver in _PLUGGED)
    return ((device, "rw"),)


def groups(station: Station) -> tuple[str, ...]:
    """Those that own serial port, chips and cameras, each once."""
    found = [name for each in serial_devices(station) for name in groups_of(Path(each))]
    held = (*station.trigger.owned, *station.plc.owned)
    triggers = [groups_of(device, mostly) for device, mostly in held]
    cameras = [_camera(device) for view in station.view for device, _ in view.camera.devices]
    chips = [groups_of(Path(device), _NOBODY) for device in accelerators(station)]
    held_by = [*triggers, *cameras, *chips, stats_group(station)]
    return tuple(dict.fromkeys((*found, *(name for each in held_by for name in each))))


def accelerators(station: Station) -> tuple[str, ...]:
    """What engines run on beside the processor, each once.

    Where the file leaves the backend open: of those, what is plugged in now.
    """
    found: list[str] = []
    for engine in _engines(station):
        is_open = engine.backend == AUTO and engine.bundle is not None
        names = BACKENDS.names if is_open else tuple({engine.backend} - {AUTO})
        devices = [device for name in names for device in BACKENDS.entry(name).devices]
        found += [device for device in devices if not is_open or Path(device).exists()]
    return tuple(dict.fromkeys(found))


def _camera(device: str) -> tuple[str, ...]:
    """Of a device of a camera, which may be a whole kind of them."""
    if device.startswith("char-"):
        return _known(_CAMERA_GROUP) if device == _CAMERAS else ()
    return groups_of(Path(device), _CAMERA_GROUP)


def groups_of(device: Path, mostly: str = _SERIAL_GROUP) -> tuple[str, ...]:
    """The group that owns a device, or `mostly` does where it is not plugged in now."""
    try:
        # not group 0: nobody is put into that of root
        owner = device.stat().st_gid
        return (grp.getgrgid(owner).gr_name,) if owner else ()
    except (OSError, KeyError):  # not there, or of a group without a name
        return _known(mostly)


def _known(group: str) -> tuple[str, ...]:
    try:
        return (grp.getgrnam(group).gr_name,)
    except KeyError:  # a unit that names no group of the box does not start
        return ()


def stats_group(station: Station, group: str = _STATS_GROUP) -> tuple[str, ...]:
    """The group of jetson-stats, where the station may ask it and the box has it."""
    asks = station.board is not None and station.board.jetson_stats == "auto"
    return _known(group) if asks else ()


# -- the network ---------------------------------------------------------------------------


def peers(station: Station) -> tuple[str, ...] | None:
    """Whom the station may speak with; None: anybody, as no address says who it is."""
    plc = station.plc
    host: str | None = getattr(plc, "host", None)
    # an empty tuple, unlike None: no network at all
    if host is None:  # a serial line
        return ()
    found = _address(host)
    # on the loopback it can only be a PLC on this box; else the allow list is all that is known of
    # peers
    if isinstance(plc, ModbusServerSection):  # its host is an address of this box
        found = found if found == "localhost" else None
        return plc.allow or (None if found is None else (found,))
    return None if found is None else (found,)


def with_cameras(found: tuple[str, ...] | None, station: Station) -> tuple[str, ...] | None:
    """The same with the cameras of the network."""
    cameras = [view.camera.peers for view in station.view]
    if found is None or None in cameras:
        return None
    named = (_address(peer) or peer for peers in cameras for peer in peers or ())
    return tuple(dict.fromkeys((*found, *named)))


def with_readers(found: tuple[str, ...] | None, station: Station) -> tuple[str, ...] | None:
    """The same with whoever reads figures or looks at the screen: this box, or anybody."""
    served = [each for each in (station.metrics, station.screen) if each is not None]
    if found is None or not served:
        return found
    by_tls = station.screen is not None and station.access.lan
    here_alone = all(each.here_alone for each in served) and not by_tls
    return tuple(dict.fromkeys((*found, "localhost"))) if here_alone else None


def _address(host: str) -> str | None:
    """As IPAddressAllow= takes it, without the interface of a link-local one; None for a name."""
    try:
        # systemd takes no %eth0 in IPAddressAllow=
        address = ip_address(host.partition("%")[0])
    except ValueError:
        # a name may mean another address by the time it is asked for
        return host if host == "localhost" else None
    return "localhost" if address.is_loopback else str(address)


# -- engines -------------------------------------------------------------------------------


def makes_code(engine: EngineSection) -> bool:
    """Whether it may run machine code that it has made itself, as OpenVINO does."""
    # "auto" may choose OpenVINO, which makes machine code for this processor
    return engine.backend != STEADY


def _engines(station: Station) -> Iterator[EngineSection]:
    return (view.engine for view in _views(station) if view.engine is not None)


def _views(station: Station) -> Iterator[ViewSection | RecipeViewSection]:
    """Of the station itself and of every recipe."""
    yield from station.view
    for recipe in station.recipe:
        yield from recipe.view
