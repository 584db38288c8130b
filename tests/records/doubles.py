"""What a store works with, as a test wants it: clocks that a test moves, connections it can count.

Import as `gonogo.tests.records.doubles`.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """Stands in for `time.monotonic`: moves when a test says so, and by `step_s` at each look."""

    def __init__(self, now_s: float = 1000.0, step_s: float = 0.0) -> None:
        self.now_s = now_s
        self._step_s = step_s

    def __call__(self) -> float:
        """Seconds, as they were set."""
        self.now_s += self._step_s
        return self.now_s


class Connections:
    """Connects as `sqlite3` does, and keeps what it made in `all`; or raises `error`."""

    def __init__(self, factory: type[sqlite3.Connection] = sqlite3.Connection) -> None:
        self.all: list[sqlite3.Connection] = []
        self.error: Exception | None = None
        self._factory = factory

    def __call__(self, path: Path, **keys: Any) -> sqlite3.Connection:  # noqa: ANN401 - of sqlite3
        """A connection more."""
        if self.error is not None:
            raise self.error
        self.all.append(sqlite3.connect(path, factory=self._factory, **keys))
        return self.all[-1]
