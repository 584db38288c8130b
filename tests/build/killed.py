"""A build that is killed without a word (kill -9) when it reaches a stage; run by tests.

python -I -m gonogo.tests.build.killed STAGE MODEL GOOD BAD OUT
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path

from gonogo.build.engine import Wanted
from gonogo.build.exports.options import Options
from gonogo.build.images import Folders
from gonogo.build.job import build
from gonogo.build.label import Label


def _main() -> None:
    stage, *paths = sys.argv[1:]
    model, good, bad, out = map(Path, paths)

    def progress(what: str, _done: int, _total: int) -> None:
        if what.startswith(stage):
            os.kill(os.getpid(), signal.SIGKILL)

    wanted = Wanted(model, Folders(good, (bad,)), Options())
    now = datetime.now(timezone.utc)
    build(wanted, Label("killed", "1.0.0", now), out, key=None, progress=progress)


if __name__ == "__main__":
    _main()
