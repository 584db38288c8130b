"""An export that is killed at every n-th system call, and then goes on: a program of its own.

`python -m gonogo.tests.records.export.killed RECORDS FOLDER FORM` prints how many times it was
killed; it ends with an error where an export that went on differs in a byte from a whole one.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from gonogo.records.export.folder import begun
from gonogo.records.export.wanted import Wanted
from gonogo.records.export.writing import write
from gonogo.tests.records.export.exported import ALONE, Quick, bytes_in, planned

if TYPE_CHECKING:
    from gonogo.records.export.plan import Plan
    from gonogo.records.export.wanted import Format

STEP = 4


class Deadly(Quick):
    """The n-th call is the last; of a write half of it gets there."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def _count(self) -> bool:
        self._left -= 1
        return self._left == 0

    def open(self, path: Path, flags: int) -> int:
        """The system call."""
        if self._count():
            os._exit(9)
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """The system call."""
        if self._count():
            super().write(fd, data[: len(data) // 2])
            os._exit(9)
        return super().write(fd, data)

    def rename(self, old: Path, new: Path) -> None:
        """The system call."""
        if self._count():
            os._exit(9)
        super().rename(old, new)


def killed(made: Plan, out: Path, nth: int) -> bool:
    """Whether it came to its n-th call."""
    child = os.fork()
    if not child:
        write(made, out, ALONE._replace(files=Deadly(nth)))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def main(base: Path, folder: Path, form: Format) -> int:
    """How many times."""
    wanted, made = Wanted(form), planned(base, form)
    write(made, folder / "whole", ALONE)
    whole, nth = bytes_in(folder / "whole"), 1
    while killed(made, folder / "broken", nth):
        again = begun(folder / "broken", wanted, base.name)
        # killed before the plan was there: the folder is as good as empty
        write(again or made, folder / "broken", ALONE)
        if bytes_in(folder / "broken") != whole:
            raise SystemExit(f"killed at call {nth}: it differs")
        shutil.rmtree(folder / "broken")
        nth += STEP
    return nth // STEP


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2]), cast("Format", sys.argv[3])))  # noqa: T201
