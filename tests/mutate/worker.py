"""A process that holds the libraries ready and runs tests of mutated modules, each in a fork.

    python -I worker.py SHADOW     one request a line on stdin, one answer a line on stdout

SHADOW is a copy of the checkout: nothing here writes into the working tree. This file
imports nothing of gonogo: each fork takes it from the shadow.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401 - held ready for the forks
import cv2  # noqa: F401
import hypothesis.strategies
import numpy as np  # noqa: F401
import pydantic  # noqa: F401
import pytest

NOTHING_COLLECTED = 5
# to have noticed is enough: no search for the smallest example, none of an earlier mutant
hypothesis.settings.register_profile(
    "mutate",
    deadline=None,
    database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)


def main(shadow: Path) -> None:
    """Answer until stdin ends."""
    os.chdir(shadow)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_judge(shadow, json.loads(line))) + "\n")
        sys.stdout.flush()


def _judge(shadow: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Run the order's tests on its version of a module, then put the old one back."""
    path = shadow / order["module"]
    kept = path.read_text()
    for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        stale.unlink()  # same size, same second: Python would take it for this very version
    path.write_text(order["source"])
    try:
        return _run(shadow, order)
    finally:
        path.write_text(kept)


def _run(shadow: Path, order: dict[str, Any]) -> dict[str, Any]:
    scratch, memory = shadow / "s", Path(f"/dev/shm/gonogo-mutate-{os.getpid()}")  # noqa: S108 - in memory, and made anew
    for folder in (scratch, memory):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
    (scratch / "output").touch()
    begun, used = time.monotonic(), _children_s()
    pid = os.fork()
    if pid == 0:
        _child(shadow, (scratch, memory), order)
    status = _reap(pid, order["wall_s"])
    said = (scratch / "output").read_bytes()[-2000:].decode(errors="replace")
    for folder in (scratch, memory):
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "status": status,
        "wall_s": time.monotonic() - begun,
        "cpu_s": _children_s() - used,
        "said": said if order["baseline"] else "",
    }


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap(pid: int, wall_s: float) -> str:
    """How it ended: passed, failed, empty (no test), or time; nothing of it stays behind."""
    fd = os.pidfd_open(pid)
    try:
        ended = bool(select.select([fd], [], [], wall_s)[0])
    finally:
        os.close(fd)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # what its tests have started, too
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if not ended or code == -signal.SIGXCPU:
        return "time"
    return {0: "passed", NOTHING_COLLECTED: "empty"}.get(code, "failed")


def _child(shadow: Path, own: tuple[Path, Path], order: dict[str, Any]) -> None:
    """Never returns; `own`: its folders for temporary files, on a disk and in memory."""
    scratch, memory = own
    code = 70
    try:
        os.setsid()
        quiet = os.open(scratch / "output", os.O_WRONLY)
        for fd in (1, 2):
            os.dup2(quiet, fd)
        if not order["baseline"]:  # leave no byte code of what will be another version
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        limit_s = round(order["cpu_s"]) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 1))
        os.environ |= {"TMPDIR": str(scratch), "GONOGO_RUNTIME_DIR": str(memory)}
        code = int(_tests(shadow, order))
    except BaseException:  # noqa: BLE001 - this is a fork: nothing may go on above
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _tests(shadow: Path, order: dict[str, Any]) -> int:
    here = str(shadow / ".dev")
    sys.path[:] = [here, *(p for p in sys.path if Path(p).name != ".dev")]
    os.environ["PYTHONPATH"] = here
    options = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is there already
    drawn = ["--hypothesis-profile=mutate", f"--hypothesis-seed={order['seed']}"]
    return pytest.main([*options, *drawn, *order["tests"]])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
