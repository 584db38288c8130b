"""Small whole stations for tests: quick to start, with ports of their own.

Import as `gonogo.tests.stations`.
"""

from __future__ import annotations

import itertools
import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.log.entry import from_line
from gonogo.base.runtime_dir import runtime_dir
from gonogo.config.station import Station
from gonogo.engines.card import Card, sha256_of, write_card
from gonogo.tests.engines.tiny import SIDE, brightest

if TYPE_CHECKING:
    from gonogo.engines.section import EnginesSection

_COUNT = itertools.count(1)
DEMO = Path(__file__).parents[1] / "stations" / "demo.toml"

DIAMETER = {
    "name": "diameter",
    "kind": "dimension",
    "measure": "width",
    "mm_per_px": 0.8,
    "segment": {"object_is": "light", "threshold": 70},
    "low": 70.0,
    "high": 74.0,
}


# of a station that needs nothing and is right, as a person writes it
PLAIN_FILE = """
[station]
name = "cell"
pitch_mm = 100
[trigger]
driver = "plc"
[plc]
driver = "modbus-client"
host = "127.0.0.1"
port = 1502
[[view]]
name = "top"
[view.camera]
driver = "synthetic"
width_px = 640
height_px = 480
[[view.rule]]
name = "width"
kind = "dimension"
measure = "width"
mm_per_px = 0.1
low = 1.0
high = 50.0
[records]
path = "parts.sqlite"
"""


def free_port() -> int:
    """A TCP port on loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tiny_engine(path: Path, reject_above: float = 1000.0, side: int = SIDE) -> Path:
    """An engine whose score is the brightest red value (0-255), with its card.

    One of another `side` (of what it sees, px) is another engine.
    """
    brightest(path, image=(1, 3, side, side))
    card = Card(
        name=path.stem,
        sha256=sha256_of(path),
        method="teach",
        source="a test",
        good_parts=5,
        reject_above=reject_above,
        recheck_above=reject_above,
        good_scores=(),
    )
    write_card(path, card)
    return path


def synthetic(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """A quick synthetic camera."""
    camera = {"driver": "synthetic", "width_px": 160, "height_px": 120, "pool": 8, "seed": 3}
    return camera | changes


def small_station(
    folder: Path,
    *views: dict[str, Any],
    driver: str = "modbus-client",
    trigger: dict[str, Any] | None = None,
    engines: EnginesSection | dict[str, Any] | None = None,
    recipe: tuple[dict[str, Any], ...] = (),
    board: dict[str, Any] | None = None,
    **line: Any,  # noqa: ANN401 - keys of [station]
) -> Station:
    """A part every 160 ms and 150 ms for it: a busy box without real-time permission holds that.

    One view of rules by default.
    """
    name = f"t{os.getpid()}.{next(_COUNT)}"
    default = {"name": "top", "camera": synthetic(), "rule": (DIAMETER,)}
    fields = {
        "station": {"name": name, "budget_ms": 150.0, "pitch_mm": 32.0} | line,
        "trigger": trigger or {"driver": "plc"},
        "plc": {"driver": driver, "host": "127.0.0.1", "port": free_port()},
        "view": views or (default,),
        "records": {"path": folder / "records.sqlite", "poll_ms": 10},
        "realtime": {"enabled": False},
        "engines": engines,
        "recipe": recipe,
        "board": board,
    }
    return Station.model_validate(fields)


def s7_station(folder: Path, plc: str) -> Path:
    """The demo's rules without its engine, with another [plc] section."""
    text = DEMO.read_text(encoding="utf-8")
    text = text[: text.index("[view.engine]")] + text[text.index("[[view.rule]]") :]
    text = text[: text.index("[plc]")] + plc + text[text.index("[[view]]") :]
    path = folder / "s7.toml"
    path.write_text(text.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2'))
    return path


def bundled_station(
    folder: Path,
    engines: EnginesSection,
    *names: str,
    recipe: tuple[dict[str, Any], ...] = (),
    backend: str = "auto",
) -> Station:
    """The small station with a view for each of these installed engines, "bolt" by default."""
    views = [
        {"name": name, "camera": synthetic(), "engine": {"bundle": name, "backend": backend}}
        for name in names or ("bolt",)
    ]
    return small_station(folder, *views, engines=engines, recipe=recipe)


def told(stderr: str) -> list[tuple[object, str]]:
    """Process and text of each line that a station's processes have said, where no terminal is."""
    lines = (from_line(line.encode()) for line in stderr.splitlines())
    return [(line.get("process"), str(line["text"])) for line in lines if line is not None]


def remains_of(station: Station) -> list[str]:
    """Shared memory and processes that a station left behind."""
    its = re.compile(rf"(?<![\w.]){re.escape(station.station.name)}(?!\.?\d)")  # t1.1, not t1.12
    memory = [path.name for path in runtime_dir().iterdir() if its.search(path.name)]
    return memory + [pid for pid in os.listdir("/proc") if pid.isdigit() and _names(pid, its)]  # noqa: PTH208


def _names(pid: str, its: re.Pattern[str]) -> bool:
    """Whether a process has the station's name in its arguments, this one left out."""
    if int(pid) == os.getpid():
        return False
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - a kernel file
            return its.search(file.read().decode(errors="replace")) is not None
    except OSError:
        return False
