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
PREPARE = Path("/run/gonogo-box/prepare/progress.json")  # of `gonogo prepare --missing`
CODES = Path("/run/gonogo")  # the sockets of a station
CPUINFO = Path("/proc/cpuinfo")
# of x86-64-v2, which the wheels of numpy are compiled for: an older one ends them by SIGILL
NEEDED = frozenset({"cx16", "lahf_lm", "popcnt", "ssse3", "sse4_1", "sse4_2"})
BAUD, POLL_S, SAY_S = 115_200, 2.0, 30.0
# a line every so often, none that is drawn over: a port may be read by a program, or kept in a file
MAKES_S = 10.0
BAR, TITLE = 10, 45  # characters of a line of at most 79


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


def at_work(making: dict[str, Any] | None) -> bool:
    """Whether engines are being made: said, not failed, and the process lives."""
    if not making or "failed" in making:
        return False
    return Path("/proc", str(making.get("pid"))).exists()


def made(making: dict[str, Any] | None, now_s: float) -> list[str]:
    """How far engines are, or why there are none; empty where none are made."""
    if not making:
        return []
    if at_work(making):
        return [bar(making, now_s)]
    why = str(making.get("failed") or "it was ended before it was done").splitlines()
    again = "what is missing is made at the next start: mend it, then switch off and on"
    return [f"engines were not made: {why[0]}", *why[1:5], again]


def bar(making: dict[str, Any], now_s: float) -> str:
    """One line of plain ASCII: which of how many, what is done, how much of that, since when."""
    step, steps, done, total, begun_s = (
        float(making.get(key) or 0) for key in ("step", "steps", "done", "total", "begun_s")
    )
    what = f"{step:.0f}/{steps:.0f} {making.get('name', '')}: {making.get('what', '')}"[:TITLE]
    share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
    drawn = "#" * int(share * BAR)
    percent = f"{share:4.0%}" if total > 0 else " " * 4
    whole_s = max(0, int(now_s - begun_s))
    clock = f"{whole_s // 3600}:{whole_s // 60 % 60:02}:{whole_s % 60:02}"
    return f"{what:{TITLE}} [{drawn:.<{BAR}}] {percent} {clock}"


def kept(path: Path) -> dict[str, Any] | None:
    """An object that was kept, as the health gate's last decision; None where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def says(making: dict[str, Any] | None, cpuinfo: str, now_s: float) -> list[str]:
    """All that there is to say now; while engines are made, how far they are alone."""
    how_far = made(making, now_s)
    if at_work(making):
        return how_far
    return [*lines(STATION, kept(HEALTH), cpuinfo), *how_far, *stick(STICK)]


def main(device: str) -> None:
    """Say it every half minute; once a station runs, be its console, or leave the port to it."""
    # raw, and no controlling terminal: what comes in is read by the console alone
    fd = os.open(device, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    told_s = -SAY_S
    cpuinfo = CPUINFO.read_text(encoding="utf-8", errors="replace")
    while not (there := runs(CODES)) or served(STATION, device):
        making = kept(PREPARE)
        pause_s = MAKES_S if at_work(making) else SAY_S
        if not there and time.monotonic() - told_s >= pause_s:
            told_s = time.monotonic()
            told = says(making, cpuinfo, told_s)
            text = "".join(f"gonogo: {line}\r\n" for line in told)
            with contextlib.suppress(BlockingIOError):  # a cable that takes nothing
                os.write(fd, text.encode("ascii", "replace"))
        time.sleep(POLL_S)
    os.close(fd)
    words = [str(PROGRAM), "console", "--serial", f"{device}@{BAUD}"]
    os.execv(words[0], words)  # noqa: S606 - no shell


if __name__ == "__main__":
    main(sys.argv[1])
