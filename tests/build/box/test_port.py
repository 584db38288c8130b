"""What the serial port of a box says while no station runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.build.box import port


def test_lines_say_where_a_station_file_belongs(tmp_path: Path) -> None:
    """A folder of the root file system stands for a data partition that is mounted."""
    (tmp_path / "station").mkdir()
    found = port.lines(tmp_path / "station" / "station.toml", None)
    assert "cannot be mounted" in found[0]
    mounted = Path("/proc/none/station.toml")  # a file system of its own everywhere
    assert "no station file yet" in port.lines(mounted, None)[0]


def test_lines_say_why_the_other_slot_was_left(tmp_path: Path) -> None:
    """Whoever plugs the cable in sees it without a command."""
    health = {"slot": "B", "word": "bad", "reason": "no station answers, for 600 s"}
    found = port.lines(tmp_path / "station" / "station.toml", health)
    assert found[-1] == "slot B was found bad: no station answers, for 600 s"
    good = {**health, "word": "good"}
    assert len(port.lines(tmp_path / "station" / "station.toml", good)) == len(found) - 1


def test_lines_say_that_a_processor_is_too_old(tmp_path: Path) -> None:
    """Its program ends by SIGILL before it can say a word."""
    old = "processor\t: 0\nflags\t\t: fpu sse sse2 cx16 lahf_lm\n"
    file = tmp_path / "station" / "station.toml"
    assert "lacks popcnt, sse4_1, sse4_2, ssse3" in port.lines(file, None, old)[0]
    new = old.replace("sse2", "sse2 popcnt ssse3 sse4_1 sse4_2")
    for fit in (new, "Features\t: fp asimd\n", ""):
        assert port.lines(file, None, fit) == port.lines(file, None)


def test_kept_takes_a_damaged_file_for_none(tmp_path: Path) -> None:
    """Half a file, another kind, no file."""
    path = tmp_path / "health.json"
    assert port.kept(path) is None
    for text in ("{", "[1]"):
        path.write_text(text)
        assert port.kept(path) is None
    path.write_text(json.dumps({"word": "good"}))
    assert port.kept(path) == {"word": "good"}


def test_runs_looks_for_a_stations_socket(tmp_path: Path) -> None:
    """Of any name."""
    assert not port.runs(tmp_path)
    assert not port.runs(tmp_path / "missing")
    (tmp_path / "bolts-1f2e-control").touch()
    assert port.runs(tmp_path)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib: a box has Python 3.11")
def test_port_is_left_to_a_station_that_serves_it(tmp_path: Path) -> None:
    """Two that read one port would have half of each command; a name by id is the same port."""
    device, by_id = tmp_path / "ttyS0", tmp_path / "by-id"
    device.touch()
    by_id.symlink_to(device)
    file = tmp_path / "station.toml"
    for text, expected in (
        (f'[console]\ndevice = "{by_id}"\n', True),
        (f'[console]\ndevice = "{device}"\n', True),
        (f'[console]\ndevice = "{tmp_path}/ttyUSB0"\n', False),
        ("[console]\ndevice = 7\n", False),
        ("console = 1\n", False),
        ("[station]\n", False),
        ("half [", False),
    ):
        file.write_text(text)
        assert port.served(file, str(device)) is expected, text
    assert not port.served(tmp_path / "missing.toml", str(device))


def test_port_says_it_on_the_line_and_needs_nothing_of_the_product() -> None:
    """On a terminal of its own."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-I", "-S", port.__file__, os.ttyname(theirs)]
    with subprocess.Popen(command) as process:
        try:
            text = os.read(ours, 4096).decode()
        finally:
            process.kill()
    os.close(ours)
    os.close(theirs)
    assert text.startswith("gonogo: ")
    assert text.endswith("\r\n")
