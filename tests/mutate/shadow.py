"""A copy of the checkout with a worker in it: mutants are written there, never in the working tree.

Killed at any moment, the runner leaves the sources as they were; the copy lies in a
folder for temporary files.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "dist", ".*_cache", "__pycache__",
                                  ".hypothesis", "node_modules")  # fmt: skip
NICE = 15
_WORKER = Path(__file__).with_name("worker.py")


class Ran(NamedTuple):
    """What became of one run of tests; `status` is passed, failed, time or empty."""

    status: str
    wall_s: float
    cpu_s: float
    said: str = ""

    @property
    def noticed(self) -> bool:
        """Whether the tests have seen that something is wrong."""
        return self.status in {"failed", "time"}


class Order(NamedTuple):
    """A version of a module, and the tests to run on it within these limits."""

    module: str
    source: str
    tests: list[str]
    seed: int
    wall_s: float
    cpu_s: float
    baseline: bool = False


class Shadow:
    """A copy of the checkout `root` in `folder`, and the worker process that runs tests there."""

    def __init__(self, root: Path, folder: Path) -> None:
        shutil.copytree(root, folder, symlinks=True, ignore=LEFT_OUT)
        command = ["nice", "-n", str(NICE), sys.executable, "-I", str(_WORKER), str(folder)]
        few = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # it forks: no thread before
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **few},
        )

    def run(self, order: Order) -> Ran:
        """Have the tests run; RuntimeError when the worker itself is gone."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        self._process.stdin.write(json.dumps(order._asdict()) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the worker ended while it ran the tests of {order.module}")
        said: dict[str, Any] = json.loads(answer)
        return Ran(**said)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the worker end: its input does."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
