"""Devices: whether they are there, and whether this user may open them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import DeviceRefused
from gonogo.commands.doctor.finding import Fine, Ill
from gonogo.launch.needs import accelerators, groups_of, serial_devices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.doctor.finding import Looked, Scene
    from gonogo.config.station import Station

AREA = "permissions"
# what stations use, by how its name begins; of serial ports those that somebody plugs in
_KINDS = ("ttyUSB", "ttyACM", "gpiochip", "video", "hailo", "nvidia0", "watchdog")


def look(scene: Scene) -> Looked:
    """The devices of the station; without one, those that are there and of a kind it could name."""
    if scene.station is not None:
        for device in devices(scene.station):
            yield from _wanted(scene, device)
        return
    for name in scene.box.names("dev"):
        if name.startswith(_KINDS):
            yield from _there(scene, Path("/dev") / name)


def devices(station: Station) -> Iterator[Path]:
    """Every device file that the station file names, or a driver of it needs, each once."""
    named = [Path(each) for each in (*serial_devices(station), *accelerators(station))]
    cameras = [view.camera for view in station.view]
    held = [*station.trigger.devices, *station.plc.devices]
    held += [each for camera in cameras for each in camera.devices]
    # a kind of devices, as char-video4linux, is no file; the file that is meant is its key
    named += [Path(device) for device, _ in held if device.startswith("/dev/")]
    own = (getattr(each, "device", None) for each in (station.trigger, station.plc, *cameras))
    named += [each for each in own if isinstance(each, Path)]
    if station.watchdog.device is not None:
        named.append(station.watchdog.device)
    yield from dict.fromkeys(named)


def _wanted(scene: Scene, device: Path) -> Looked:
    if (scene.box.root / device.relative_to("/")).exists():
        yield from _there(scene, device)
        return
    means = "the station waits for it, or goes on without, and parts are rejected"
    kind = device.name.rstrip("0123456789")
    do = f"ls -l {device.parent}/{kind}*"
    what = f"{device} is not there, expected a device that is plugged in and has a driver"
    yield Ill(AREA, DeviceRefused, what, means, (do, "sudo dmesg | tail"), stops=True)


def _there(scene: Scene, device: Path) -> Looked:
    at = scene.box.root / device.relative_to("/")
    if scene.box.may(at):
        yield Fine(AREA, f"{device} may be opened")
        return
    owners = groups_of(at)
    group = owners[0] if owners else "root"
    what = f"this user may not open {device} (group {group}, mode {at.stat().st_mode & 0o777:04o})"
    means = "a station of this user that names it rejects every part"
    do: tuple[str, ...]
    if owners:
        do = (f"sudo usermod -aG {group} $USER", "log in again")
    else:
        rule = f'KERNEL=="{device.name}", GROUP="dialout", MODE="0660"'
        do = (f"echo '{rule}' | sudo tee /etc/udev/rules.d/99-gonogo.rules",
              "sudo udevadm control --reload", "sudo udevadm trigger")  # fmt: skip
    yield Ill(AREA, DeviceRefused, what, means, do, stops=scene.station is not None)
