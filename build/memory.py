"""How much memory an engine needs: loaded and run once, in a process of its own.

`python -I -m gonogo.build.memory` reads `["MODEL", "BACKEND"]` and prints megabytes (Linux only).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from gonogo.base.errors import BuildError
from gonogo.base.first_line import handed_over
from gonogo.build.proof import judge
from gonogo.engines.backends.model import open_model

KB = 1 << 10
MEASURE_S = 120  # one that hangs must not hang the build


def needed_mb(model: Path, backend: str) -> int:
    """Megabytes that loading and running it adds to a process; BuildError when that fails."""
    ran = subprocess.run(
        # a process of its own: what this one has loaded already would not be seen
        [sys.executable, "-I", "-m", "gonogo.build.memory"],
        input=json.dumps([str(model), backend]) + "\n",
        capture_output=True,
        text=True,
        timeout=MEASURE_S,
        check=False,
    )
    if ran.returncode != 0:
        # the last line of a traceback says what happened
        last = ran.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise BuildError(f"{model}: its memory cannot be measured in {backend}: {last[0]}")
    return int(ran.stdout)


def _own_kb(field: str) -> int:
    """From the kernel's own account: getrusage() hands down the peak of whoever started us."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field))


def _main() -> None:
    path, backend = json.loads(handed_over())
    model = Path(path)
    _, _, height_px, width_px = open_model(model).image.shape
    # the runtime's library is not loaded yet: it counts, as it does at the station
    before_kb = _own_kb("VmRSS:")
    # loaded and run once: buffers are made at the first run
    judge(model, backend, [np.zeros((height_px, width_px, 3), np.uint8)])
    sys.stdout.write(f"{max(1, -(-(_own_kb('VmHWM:') - before_kb) // KB))}\n")


if __name__ == "__main__":
    _main()
