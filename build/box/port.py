"""What stands on the serial port of a box: the station's console, or what is to be done.

Nobody logs in at this port. While a station runs its console serves it (`gonogo console`), with
accounts as the station has them; before, the port says why there is none, and takes nothing. Where
the station file's own [console] names this port, the station serves it, and this stands by. Like
the health gate it runs by the system's Python and imports nothing of the product. Copied to
/usr/lib/gonogo-box/port.py, started by gonogo-port@.service.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PROGRAM = Path("/usr/lib/gonogo/bin/gonogo")
STATION = Path("/data/station/station.toml")
HEALTH = Path("/data/box/health.json")
STICK = Path("/run/gonogo-box/stick.txt")  # what became of the last one
CODES = Path("/run/gonogo")  # the sockets of a station
CPUINFO = Path("/proc/cpuinfo")
# of x86-64-v2, which the wheels of numpy are compiled for: an older one ends them by SIGILL
NEEDED = frozenset({"cx16", "lahf_lm", "popcnt", "ssse3", "sse4_1", "sse4_2"})
BAUD, POLL_S, SAY_S = 115_200, 2.0, 30.0


def runs(folder: Path) -> bool:
    """Whether a station of this boot serves its control socket there."""
    try:
        return any(folder.glob("*-control"))
    except OSError:
        return False


def served(station: Path, device: str) -> bool:
    """Whether the station serves this port itself: its file says so, under whatever name."""
    read: Any = importlib.import_module("tomllib").loads  # of the box's Python, which has it
    try:
        named = read(station.read_text(encoding="utf-8"))["console"]["device"]
        return bool(os.path.realpath(named) == os.path.realpath(device))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def lacking(cpuinfo: str) -> list[str]:
    """What the processor cannot and the program needs; nothing of one that is not x86."""
    flags = [line.split(":", 1)[1].split() for line in cpuinfo.splitlines() if line[:5] == "flags"]
    return sorted(NEEDED - set(flags[0])) if flags else []


def lines(station: Path, health: dict[str, Any] | None, cpuinfo: str = "") -> list[str]:
    """What somebody at the cable needs to know while no station runs."""
    found = []
    if lacks := lacking(cpuinfo):
        found.append(
            f"this processor is too old for the program: it lacks {', '.join(lacks)}; expected one "
            "of x86-64-v2, as most since 2010"
        )
    if not os.path.ismount(station.parents[1]):
        found.append(
            f"the data partition ({station.parents[1]}) cannot be mounted: the disk is damaged, or "
            "is not one of a box; flash it anew, or put its copy back"
        )
    elif not station.exists():
        found += [
            f"this box has no station file yet: expected {station}",
            "put it there with what it names (engines in /data/engines), then switch off and on",
            "or plug in a stick that has gonogo-station/station.toml",
        ]
    else:
        found.append(f"the station of {station} is starting, or waits for what it needs")
    if health and health.get("word") != "good":
        found.append(
            f"slot {health.get('slot')} was found {health.get('word')}: {health['reason']}"
        )
    return found


def stick(path: Path) -> list[str]:
    """What became of the last stick; empty where none was plugged in since the start."""
    try:
        found = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [f"the stick: {line}" for line in found.splitlines()[:10]]


def kept(path: Path) -> dict[str, Any] | None:
    """What the health gate decided last; None where it has decided nothing."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def main(device: str) -> None:
    """Say it every half minute; once a station runs, be its console, or leave the port to it."""
    # raw, and no controlling terminal: what comes in is read by the console alone
    fd = os.open(device, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    told_s = -SAY_S
    cpuinfo = CPUINFO.read_text(encoding="utf-8", errors="replace")
    while not (there := runs(CODES)) or served(STATION, device):
        if not there and time.monotonic() - told_s >= SAY_S:
            told_s = time.monotonic()
            told = [*lines(STATION, kept(HEALTH), cpuinfo), *stick(STICK)]
            text = "".join(f"gonogo: {line}\r\n" for line in told)
            with contextlib.suppress(BlockingIOError):  # a cable that takes nothing
                os.write(fd, text.encode("ascii", "replace"))
        time.sleep(POLL_S)
    os.close(fd)
    words = [str(PROGRAM), "console", "--serial", f"{device}@{BAUD}"]
    os.execv(words[0], words)  # noqa: S606 - no shell


if __name__ == "__main__":
    main(sys.argv[1])
