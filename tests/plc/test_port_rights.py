"""Modbus' own port is 502: with the rights of the unit it can be served, without them GN411."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.launch.needs import needs_of
from gonogo.launch.service import capabilities
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.tests.plc.rights import CAPABILITIES
from gonogo.tests.stations import small_station

SYSCTL = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
BIND = "CAP_NET_BIND_SERVICE"


def low_port() -> int:
    """A free port below 1024 that needs a right here."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to take rights away from a process")
    if not SYSCTL.exists() or int(SYSCTL.read_text()) < 1024:
        pytest.skip("net.ipv4.ip_unprivileged_port_start lets everybody serve ports below 1024")
    for port in range(1023, 600, -1):
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.skip("no port below 1024 is free")


def run_with(port: int, names: list[str]) -> list[str]:
    """What a process with these capabilities alone says."""
    command = [sys.executable, "-I", "-m", "gonogo.tests.plc.rights", str(port), *names]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


def of_the_unit(folder: Path, port: int) -> list[str]:
    """What the unit of a station that serves on that port grants."""
    section = ModbusServerSection(driver="modbus-server", port=port)
    station = small_station(folder).model_copy(update={"plc": section})
    return list(capabilities(needs_of(station, [])))


def test_port_below_1024_is_served_with_the_rights_of_the_unit(tmp_path: Path) -> None:
    """As another user than root, and what it starts has them, too."""
    port = low_port()
    granted = of_the_unit(tmp_path, port)
    said, inherited = run_with(port, granted)
    assert said == "served"
    wanted = sum(1 << CAPABILITIES[name] for name in granted)
    assert int(inherited.split()[1], 16) == wanted


def test_port_below_1024_without_the_right_is_gn411(tmp_path: Path) -> None:
    """With everything else the unit grants: a number of its own, the capability, what to do."""
    port = low_port()
    granted = of_the_unit(tmp_path, port)
    said, _ = run_with(port, [name for name in granted if name != BIND])
    assert said.startswith(f"GN411: Modbus server on 127.0.0.1:{port}: ")
    assert BIND in said
    assert "gonogo service" in said


def test_check_tells_before_the_start_what_a_low_port_needs(tmp_path: Path) -> None:
    """To who checks as root, too, to whom the port is free."""
    port = low_port()
    path = tmp_path / "station.toml"
    path.write_text(
        '[station]\nname = "low"\n[trigger]\ndriver = "plc"\n'
        f'[plc]\ndriver = "modbus-server"\nport = {port}\n'
        '[[view]]\nname = "top"\n[view.camera]\ndriver = "synthetic"\nwidth_px = 640\n'
        'height_px = 480\n[[view.rule]]\nname = "width"\nkind = "dimension"\nmeasure = "width"\n'
        'low = 1.0\nhigh = 9.0\n[records]\npath = "parts.sqlite"\n',
        encoding="utf-8",
    )
    said = CliRunner().invoke(main, ["check", str(path)]).output
    assert "the port is free" in said
    assert f"port {port} needs {BIND}" in said
