"""What a flash uses of the world; a test hands over others."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.flash.confirm import at_terminal
from gonogo.build.flash.disk import RawDisk
from gonogo.build.flash.heard import ConsoleStation
from gonogo.build.flash.power import SUPPLIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from gonogo.build.flash.disk import Disk
    from gonogo.build.flash.heard import Station


USB = Path("/sys/bus/usb/devices")
SILENCE_S = 1800.0  # NVIDIA's tool packs gigabytes without a word


def _disk(path: Path, writes: bool) -> Disk:  # noqa: FBT001 - one way in for both
    return RawDisk(path, writes=writes)


class Means(NamedTuple):
    """`out`: None is standard output. `disk` opens one (path, whether it is written).

    For a Jetson: `usb`, the folder of USB devices; `euid`, who runs this; `silence_s`, how long
    NVIDIA's tool may say nothing.
    """

    out: TextIO | None = None
    ask: Callable[[str], str] = at_terminal
    disk: Callable[[Path, bool], Disk] = _disk
    station: Callable[[str], Station] = ConsoleStation
    supplies: Path = SUPPLIES
    scratch: Path | None = None
    clock: tuple[Callable[[], float], Callable[[float], None]] = (time.monotonic, time.sleep)
    usb: Path = USB
    euid: Callable[[], int] = os.geteuid
    silence_s: float = SILENCE_S
