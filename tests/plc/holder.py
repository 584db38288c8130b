"""A process that holds the ejector's output: a link, and parts that come by until it is killed.

    python -I -m gonogo.tests.plc.holder CHIP KIND SLOW

Odd parts are good. It is ready, and holds nothing, once it has said so; it begins with a line on
its standard input, as a warm spare does with its turn, and says each part and its trigger.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.tests.plc.filechip import FileChip
from gonogo.tests.plc.nozzle import NozzleBelt, Wired

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Opens

READBACK_MS = 5000.0  # whoever is starved for a while is not to blame the output


class Unseen:
    """Nobody looks at the parts here: the one who kills does."""

    def __init__(self, slow: float) -> None:
        self.slow = slow

    def tend(self) -> None:
        """Nothing."""

    def was(self, at_ns: int) -> bool:
        """Of no use."""
        return at_ns < 0

    def cover(self, begin_ns: int, end_ns: int) -> None:
        """No chute."""


def opens_of(chip: str, kind: str) -> Opens:
    """The kernel's chip, or one in a file."""
    if kind == "kernel":
        from gonogo.base.gpio.chip import open_lines  # noqa: PLC0415 - after the package it needs

        return open_lines
    return FileChip(Path(chip), keeps=kind == "keeps").open


def main(chip: str, kind: str, slow: float) -> None:
    """Until it is killed."""
    section = GpioIoSection(driver="gpio-io", chip=chip, line="0", readback_ms=READBACK_MS)
    opens = opens_of(chip, kind)
    print("ready", flush=True)  # noqa: T201 - to the one who kills
    sys.stdin.readline()
    wired = Wired(section, lambda wake_fd: GpioIo(section, wake_fd, opens))
    with NozzleBelt(Unseen(slow), wired) as belt:
        belt.until("no permit", lambda: belt.link.permit)
        for part_id in itertools.count(1):
            print(part_id, time.monotonic_ns(), flush=True)  # noqa: T201 - as above
            belt.part(part_id, good=part_id % 2 == 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
