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


MAKING = {"pid": os.getpid(), "begun_s": 10.0, "step": 2, "steps": 3, "name": "engine top"}


def test_bar_is_a_line_for_a_port_of_80_columns() -> None:
    """What is not known yet is left open; too much is cut, too long and too many are borne."""
    said = {**MAKING, "what": "cross-validating", "done": 2, "total": 5}
    assert (
        port.bar(said, 200.9)
        == "2/3 engine top: cross-validating              [####......]  40% 0:03:10"
    )
    assert port.bar({**said, "done": 9}, 3700.0).endswith("[##########] 100% 1:01:30")
    assert port.bar(MAKING, 9.0).endswith(": " + " " * 30 + "[..........]      0:00:00")
    long = port.bar({**said, "what": "x" * 200}, 10.0)
    assert len("gonogo: " + long) == 79


def test_made_says_how_far_engines_are_or_why_there_are_none() -> None:
    """Of a process that lives, of one that failed, and of one that was killed."""
    assert port.made(None, 0.0) == []
    assert port.made(MAKING, 20.0) == [port.bar(MAKING, 20.0)]
    failed = port.made({**MAKING, "failed": "GN301: too few\nsecond"}, 20.0)
    assert failed[:2] == ["engines were not made: GN301: too few", "second"]
    assert "switch off and on" in failed[-1]
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert not port.at_work({**MAKING, "pid": gone.pid})
    ended = port.made({**MAKING, "pid": gone.pid}, 20.0)
    assert ended[0] == "engines were not made: it was ended before it was done"


def test_says_nothing_else_while_engines_are_made() -> None:
    """A station that is not there is no wonder then; afterwards it is said with the reason."""
    assert port.says(MAKING, "", 20.0) == [port.bar(MAKING, 20.0)]
    failed = port.says({**MAKING, "failed": "no room"}, "", 20.0)
    assert "engines were not made: no room" in failed
    assert failed[0] == port.says(None, "", 20.0)[0]


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
