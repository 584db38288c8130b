"""How far a making is, as a file for whoever shows it on a box (build/box/port.py).

One JSON object, whole or not at all: `pid`, `begun_s` (CLOCK_MONOTONIC), `step` of `steps`, `name`,
`what`, `done` of `total`, `failed`. It goes once all is made; after a failure it stays, with why.
One whose process is gone and that has no `failed` was ended from outside.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING

from gonogo.base import atomic_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

EVERY_S = 1.0  # a search tells of itself many times a second


class ProgressFile:
    """One making; a place that cannot be written never ends it. None: nobody is told."""

    def __init__(self, path: Path | None, now_s: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now_s = path, now_s
        self._said: dict[str, object] = {"pid": os.getpid(), "begun_s": round(now_s(), 1)}
        self._next_s = now_s()

    def begins(self, step: int, steps: int, name: str) -> None:
        """The next one of so many."""
        self._said |= {"step": step, "steps": steps, "name": name}
        self("begins", 0, 0)

    def __call__(self, what: str, done: int, total: int) -> None:
        """How far that one is, as a progress bar is told it; a total of 0 is not known."""
        name, before = what.partition(": ")[0], str(self._said.get("what", ""))
        # after the last word of a stage, and the first of the next, it may be long silent
        another = before.partition(": ")[0] != name or done >= total
        self._said |= {"what": what, "done": done, "total": total}
        if not another and self._now_s() < self._next_s:
            return
        self._next_s = self._now_s() + EVERY_S
        self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._said["failed"] = str(error) or type(error).__name__
            self._write()
        elif self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            atomic_file.replace(self._path, f"{json.dumps(self._said)}\n".encode())
