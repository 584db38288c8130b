"""A flash that gets a signal at a write; run by tests.

python -I -m gonogo.tests.build.flash.killed SIGNAL WRITE DISK IMAGE KEYRING
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from gonogo.build.flash.job import flash
from gonogo.build.flash.means import Means
from gonogo.build.flash.options import Asked
from gonogo.tests.build.flash.cut import Through


class _Struck(Through):
    def __init__(self, path: Path, sign: signal.Signals, at_write: int) -> None:
        super().__init__(path)
        self._sign, self._left = sign, at_write

    def write(self, at: int, data: bytes) -> None:
        if self._left == 0:
            os.kill(os.getpid(), self._sign)
        self._left -= 1
        super().write(at, data)


def _main() -> int:
    sign, at_write, disk, image, keyring = sys.argv[1:]
    asked = Asked(
        image=Path(image), target=disk, yes=True, no_reboot=True, keyring=Path(keyring),
        log=Path(f"{disk}.log"),
    )  # fmt: skip
    means = Means(
        disk=lambda path, _: _Struck(path, signal.Signals[sign], int(at_write)),
        scratch=Path(disk).parent,
    )
    return flash(asked, means)


if __name__ == "__main__":
    sys.exit(_main())
