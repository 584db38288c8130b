"""What the rows of a station are kept alive with: how a process is started and watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.ipc.worker import STOP_WAIT_S
from gonogo.watchdog.growth import EVERY_NS, SETTLE_NS, Growth, open_statm
from gonogo.watchdog.process import Process

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.watchdog.growth import Statm
    from gonogo.watchdog.last_words import LastWords


class Spawn(Protocol):
    """Starts a process, as Process.spawn does."""

    def __call__(
        self, module: str, told: str, words: tuple[str, ...], stderr_fd: int, /
    ) -> Process:
        """`python -m module FD words...`, with `told` to be read from FD."""


class Means(NamedTuple):
    """Of one supervisor; `log_fd` is the pipe that the messages of its processes go into.

    `last_words` are kept of them. The limits are those of a station that works; a test has others.
    """

    station: str
    log_fd: int
    spawn: Spawn = Process.spawn
    # opened once a process, and read again and again (gonogo.base.procfs)
    open_statm: Callable[[int], Statm] = open_statm
    settle_ns: int = SETTLE_NS
    every_ns: int = EVERY_NS
    stop_wait_s: float = STOP_WAIT_S
    last_words: LastWords | None = None

    def growth(self, limit_mb: float) -> Growth:
        """What follows the memory of one process."""
        return Growth(limit_mb, self.open_statm, self.settle_ns, self.every_ns)
