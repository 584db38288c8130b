"""Ports: who listens on them, by the kernel's own table."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import PortInUse
from gonogo.base.ports import listening
from gonogo.commands.board.box import Box
from gonogo.commands.doctor import ports
from gonogo.commands.doctor.finding import Ill, Scene
from gonogo.commands.doctor.ports import Door, doors, in_the_way, listeners
from gonogo.commands.doctor.stations import Runs
from gonogo.config.screen import ScreenSection
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.records.metrics.section import MetricsSection
from gonogo.tests.stations import free_port, small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

NOBODY = 1 << 23  # beyond every number of a process


def served(folder: Path, port: int, host: str = "127.0.0.1") -> Station:
    """A station that the PLC polls there."""
    plc = ModbusServerSection(driver="modbus-server", host=host, port=port)
    return small_station(folder).model_copy(update={"plc": plc})


def ills(scene: Scene, own: Runs | None = None) -> list[Ill]:
    """What is wrong with its ports."""
    return [each for each in ports.look(scene, own) if isinstance(each, Ill)]


def may(_number: int) -> bool:
    """Any capability."""
    return True


def test_free_port_has_no_finding_and_stays_free(tmp_path: Path) -> None:
    """Nothing is opened to find out."""
    port = free_port()
    assert ills(Scene(Box(), served(tmp_path, port), holds=may)) == []
    with closing(listening(("127.0.0.1", port), 1)):
        pass


@pytest.mark.parametrize("wanted", ["127.0.0.1", "0.0.0.0", "::", "localhost"])  # noqa: S104
def test_taken_port_is_told_with_its_process(tmp_path: Path, wanted: str) -> None:
    """Also where the station asks for every address, of which one is taken."""
    port = free_port()
    with closing(listening(("127.0.0.1", port), 1)):
        (found,) = ills(Scene(Box(), served(tmp_path, port, wanted), holds=may))
    assert f"is taken by process {os.getpid()} (" in found.what
    assert (found.kind, found.stops) == (PortInUse, True)
    assert found.commands == (f"sudo ss -ltnp 'sport = :{port}'",)


def test_port_of_the_station_itself_is_no_fault(tmp_path: Path) -> None:
    """Of a process that its supervisor has started, or of its user where nobody sees whose."""
    port = free_port()
    scene = Scene(Box(), served(tmp_path, port), holds=may)
    with closing(listening(("127.0.0.1", port), 1)):
        assert ills(scene, Runs(os.getppid(), os.geteuid(), "cell")) == []
        assert ills(scene, Runs(os.getpid(), os.geteuid(), "cell")) == []
        assert len(ills(scene, Runs(NOBODY, os.geteuid(), "cell"))) == 1
        blind = Box()._replace(root=_without_processes(tmp_path))
        assert ills(scene._replace(box=blind), Runs(1, os.geteuid(), "cell")) == []
        (found,) = ills(scene._replace(box=blind), Runs(1, os.geteuid() + 1, "cell"))
        assert "taken by a process of user" in found.what


def _without_processes(folder: Path) -> Path:
    """The table of this moment, and nobody's descriptors: as another user sees it."""
    (folder / "proc/net").mkdir(parents=True)
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as table:  # noqa: PTH123 - a kernel file
            (folder / "proc/net" / name).write_text(table.read())
    return folder


def test_every_port_of_the_station_is_a_door(tmp_path: Path) -> None:
    """PLC, screen, TLS and figures; the PLC's alone stops it."""
    station = served(tmp_path, 1502).model_copy(
        update={
            "screen": ScreenSection(host="0.0.0.0"),  # noqa: S104
            "metrics": MetricsSection(),
        }
    )
    found = list(doors(station))
    assert [(each.port, each.stops) for each in found] == [
        (1502, True), (8470, False), (9443, False), (9464, False),
    ]  # fmt: skip
    assert list(doors(small_station(tmp_path))) == []


def test_port_of_the_system_needs_a_right(tmp_path: Path) -> None:
    """As this user; the unit has it."""
    scene = Scene(Box(root=tmp_path), served(tmp_path, 502), holds=lambda _: False)
    (found,) = ills(scene)
    assert "a port below 1024 needs CAP_NET_BIND_SERVICE" in found.what
    assert ills(scene._replace(holds=may)) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_listener_is_found_by_its_address(host: str) -> None:
    """As the kernel writes addresses of both kinds."""
    try:
        heard = listening((host, 0), 1)
    except OSError:
        pytest.skip("no IPv6 on this box")
    with closing(heard):
        port = heard.getsockname()[1]
        (found,) = (each for each in listeners(Box()) if each.port == port)
    assert str(found.address) == host
    assert found.uid == os.geteuid()
    door = Door("x", host, port, PortInUse, "")
    assert in_the_way(door, found)
    assert not in_the_way(door._replace(port=port + 1), found)
    assert not in_the_way(door._replace(host="192.0.2.7"), found)


def test_connection_is_no_listener(tmp_path: Path) -> None:
    """A port is not taken by whoever is connected from it."""
    with (
        closing(listening(("127.0.0.1", 0), 1)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        port = client.getsockname()[1]
        assert ills(Scene(Box(), served(tmp_path, port), holds=may)) == []
