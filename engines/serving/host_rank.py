"""How hard the engine process runs, and what its slot says of that."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.realtime import climb, settle_threads, step_behind, step_forward
from gonogo.engines.serving.slot_decisions import Rank

if TYPE_CHECKING:
    from gonogo.base.realtime import RealtimeSection
    from gonogo.ipc.engine_slot import HostSlot

OOM_IDLE = "500"  # oom_score_adj of -1000 .. 1000 (proc(5)): the first to go when memory is short
_OOM = Path("/proc/self/oom_score_adj")
_BELOW = 1  # the line's priority: a verdict goes before the next inference


class Kernel:
    """What is asked of the kernel; each does nothing where that is not permitted."""

    def __init__(self, oom: Path = _OOM) -> None:
        self._path = oom
        self._oom = oom.read_text(encoding="ascii")

    def step_behind(self) -> bool:
        """The idle class for all threads, and the first to be killed; False where refused."""
        if not step_behind():
            return False
        self._set_oom(OOM_IDLE)
        return True

    def step_forward(self) -> None:
        """As any other process, for all threads."""
        step_forward()

    def spare(self) -> None:
        """No likelier to be killed than it was at its start."""
        self._set_oom(self._oom)

    def climb(self, section: RealtimeSection, threads: int) -> None:
        """Real time, below the line, for a process that computes on so many threads."""
        climb(section, below=_BELOW, computes_on=threads)
        settle_threads(section, below=_BELOW)  # the backend's own threads share its work

    def _set_oom(self, value: str) -> None:
        with contextlib.suppress(OSError):
            self._path.write_text(value, encoding="ascii")


class HostRank:
    """Takes a rank for this process, once however often it is asked for."""

    def __init__(
        self,
        realtime: RealtimeSection,
        threads: int,
        slot: HostSlot | None,
        kernel: Kernel | None = None,
    ) -> None:
        self._realtime = realtime
        self.threads = threads  # known once the engine's backend has been chosen
        self._slot = slot
        self._kernel = Kernel() if kernel is None else kernel
        self._rank = Rank.AS_STARTED

    def take(self, rank: Rank) -> None:
        """Run so from now on."""
        # asked with every turn of the host's loop: no system call where nothing changes
        if rank is self._rank:
            return
        if rank is not Rank.REALTIME:
            # said before it is so: the loader must not count on what is about to end
            self._say(realtime=False)
        if rank is Rank.BEHIND:
            self._step_behind()
        elif rank is Rank.ORDINARY:
            self._kernel.step_forward()
        elif rank is Rank.REALTIME:
            self._climb()
        self._rank = rank

    def start(self, rank: Rank) -> None:
        """The first rank; what the process before this one said of its own is gone."""
        self._say(realtime=False)
        self.take(rank)

    def _step_behind(self) -> None:
        if not self._kernel.step_behind():
            self._kernel.step_forward()  # at least not in real time

    def _climb(self) -> None:
        if self._rank is Rank.BEHIND:
            self._kernel.step_forward()
            self._kernel.spare()
        self._kernel.climb(self._realtime, self.threads)
        self._say(realtime=True)  # also where it is not permitted: it is as high as it comes

    def _say(self, *, realtime: bool) -> None:
        if self._slot is not None:
            self._slot.realtime = realtime
