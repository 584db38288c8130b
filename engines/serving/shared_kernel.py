"""How hard a process runs that has several engine places: as hard as the one that needs it most.

The kernel ranks threads, but these share one interpreter: a thread in the idle class that holds
it would hold up the place that judges, for as long as anybody else wants the processor. So all
threads of such a process have one rank, and a place that loads is behind nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.engines.serving.host_rank import Kernel

if TYPE_CHECKING:
    from gonogo.base.realtime import RealtimeSection


class CommonRank:
    """What the places of a process want, and the kernel that is asked for it."""

    def __init__(self, kernel: Kernel | None = None) -> None:
        self.kernel = Kernel() if kernel is None else kernel
        self.high: set[int] = set()  # places that want real time
        self._last: tuple[RealtimeSection, int] | None = None

    def climb(self, section: RealtimeSection, threads: int) -> None:
        """Real time for all threads that there are."""
        self._last = section, threads
        self.kernel.climb(section, threads)

    def settle(self) -> None:
        """Some place wants less than before: all are as high as the highest of the others.

        Threads that have come since are ordinary ones, and are lifted here.
        """
        if not self.high:
            self.kernel.step_forward()
        elif self._last is not None:
            self.kernel.climb(*self._last)


class SharedKernel(Kernel):
    """The kernel as one place asks it."""

    def __init__(self, common: CommonRank, place: int) -> None:
        super().__init__()
        self._common, self._place = common, place

    def step_behind(self) -> bool:
        """Refused always: nobody in this process may be behind others."""
        return False

    def step_forward(self) -> None:
        """This place needs no real time; another one may."""
        self._common.high.discard(self._place)
        self._common.settle()

    def spare(self) -> None:
        """It never was the first to go: the place that judges would go with it."""

    def climb(self, section: RealtimeSection, threads: int) -> None:
        """Real time, for this place and so for all."""
        self._common.high.add(self._place)
        self._common.climb(section, threads)
