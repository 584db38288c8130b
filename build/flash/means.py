"""What a flash uses of the world; a test hands over others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.flash.confirm import at_terminal
from gonogo.build.flash.disk import RawDisk
from gonogo.build.flash.heard import ConsoleStation
from gonogo.build.flash.power import SUPPLIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from gonogo.build.flash.disk import Disk
    from gonogo.build.flash.heard import Station


def _disk(path: Path, writes: bool) -> Disk:  # noqa: FBT001 - one way in for both
    return RawDisk(path, writes=writes)


class Means(NamedTuple):
    """`out`: None is standard output. `disk` opens one (path, whether it is written)."""

    out: TextIO | None = None
    ask: Callable[[str], str] = at_terminal
    disk: Callable[[Path, bool], Disk] = _disk
    station: Callable[[str], Station] = ConsoleStation
    supplies: Path = SUPPLIES
    scratch: Path | None = None
    clock: tuple[Callable[[], float], Callable[[float], None]] = (time.monotonic, time.sleep)
