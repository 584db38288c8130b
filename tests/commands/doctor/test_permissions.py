"""Devices: there or not, and whether this user may open them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.commands.doctor import permissions
from gonogo.commands.doctor.finding import Ill, Scene
from gonogo.config.station import load_station
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees
from gonogo.tests.stations import s7_station

if TYPE_CHECKING:
    from gonogo.config.station import Station

RTU = '[plc]\ndriver = "modbus-rtu-client"\ndevice = "/dev/ttyUSB7"\n'


def on_a_cable(folder: Path) -> Station:
    """A station whose PLC is behind an adapter."""
    folder.mkdir(exist_ok=True)
    return load_station(s7_station(folder, RTU))


def ills(scene: Scene) -> list[Ill]:
    """What is wrong with them."""
    return [each for each in permissions.look(scene) if isinstance(each, Ill)]


def test_device_that_is_not_plugged_in_stops_its_station(tmp_path: Path) -> None:
    """With what shows which there are."""
    (found,) = ills(Scene(boxes.pc(tmp_path), on_a_cable(tmp_path)))
    assert found.what.startswith("/dev/ttyUSB7 is not there")
    assert found.commands[0] == "ls -l /dev/ttyUSB*"
    assert found.stops


def test_device_of_others_is_told_with_its_group(tmp_path: Path) -> None:
    """It is there, and this user may not open it."""
    trees.write(tmp_path, {"dev/ttyUSB7": ""})
    box = boxes.pc(tmp_path)
    assert ills(Scene(box, on_a_cable(tmp_path))) == []
    refused = box._replace(may=lambda path: path.name != "ttyUSB7")
    (found,) = ills(Scene(refused, on_a_cable(tmp_path)))
    assert "may not open /dev/ttyUSB7" in found.what
    assert found.stops
    assert any("usermod -aG" in each or "udev" in each for each in found.commands)


def test_without_a_station_devices_of_every_kind_are_tried(tmp_path: Path) -> None:
    """Chips, cameras, adapters and accelerators, and nothing else of /dev; none stops a station."""
    names = ("ttyACM0", "gpiochip0", "video2", "hailo0", "sda1", "ttyS0")
    trees.write(tmp_path, {f"dev/{name}": "" for name in names})
    found = ills(Scene(boxes.pc(tmp_path)._replace(may=lambda _: False)))
    told = [each.what.split("/dev/")[1].split()[0] for each in found]
    assert told == ["gpiochip0", "hailo0", "ttyACM0", "video2"]
    assert not any(each.stops for each in found)


def test_camera_is_tried_by_the_file_that_it_is() -> None:
    """The unit names a kind of devices, the station file one of them."""
    pi = Path(__file__).parents[3] / "stations" / "pi-hailo.toml"
    found = [each.name for each in permissions.devices(load_station(pi))]
    assert "video0" in found
    assert all(not name.startswith("char") for name in found)
