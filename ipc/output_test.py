"""Whether the outputs of a station are tried by hand, and which one is forced: a few words.

They lie behind the rows of the fault table (gonogo.ipc.fault_table), as what is written by the
supervisor and read where it is shown. Both end by the clock, whoever has died meanwhile.

words     0 tried until ns (0: not)  1 number of the output forced  2 its level
          3 forced until ns (0: none is), written last and taken away first           (supervisor)
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.ipc.fault_table import BEHIND_AT, BEHIND_WORDS, FaultBoard

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.shm import Segment

NS_PER_S = 1_000_000_000
TRIED_S = 120.0  # from the last word of whoever tries them
FORCED_S, FORCED_LEAST_S, FORCED_MOST_S = 10.0, 1.0, 60.0
_TRIED_NS, _OUTPUT, _LEVEL, _FORCED_NS = range(4)


class Output(IntEnum):
    """What may be forced. Nothing that says accept, permit, ready or running is among these."""

    EJECT = 0  # the station's own ejector, DI7
    DEGRADED = 1  # STATUS and DI5
    WARNING = 2  # STATUS
    FAULT = 3  # STATUS and DI6


class Forced(NamedTuple):
    """One output, and for how long it is so; times in ns, monotonic."""

    output: Output
    on: bool
    until_ns: int


class OutputTestView:
    """For whoever reads it: the link, and who shows it."""

    def __init__(self, segment: Segment) -> None:
        self.fence = segment.fence
        self.words = segment.words(BEHIND_AT, BEHIND_WORDS)

    def tried_ns(self, now_ns: int) -> int:
        """For how long the outputs are tried yet; 0: they are not. Never longer than TRIED_S."""
        until_ns = self.words[_TRIED_NS]
        return until_ns - now_ns if 0 < until_ns - now_ns <= TRIED_S * NS_PER_S else 0

    def forced(self, now_ns: int) -> Forced | None:
        """The output that is forced, while they are tried; never for longer than FORCED_MOST_S."""
        until_ns = self.words[_FORCED_NS]
        left_ns = until_ns - now_ns
        if not (0 < left_ns <= FORCED_MOST_S * NS_PER_S and self.tried_ns(now_ns)):
            return None
        self.fence()
        found = Forced(Output(self.words[_OUTPUT]), bool(self.words[_LEVEL]), until_ns)
        self.fence()
        # another one meanwhile: seen whole with the next look
        return found if self.words[_FORCED_NS] == until_ns else None

    def close(self) -> None:
        """Drop this view of it."""
        self.words.release()


class OutputTestDesk(OutputTestView):
    """For the supervisor, which alone writes it; `clock_ns`: monotonic."""

    def __init__(self, segment: Segment, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        super().__init__(segment)
        self._clock_ns = clock_ns

    def begin(self) -> None:
        """They are tried from now on, or go on to be, for TRIED_S."""
        self.words[_TRIED_NS] = self._clock_ns() + round(TRIED_S * NS_PER_S)

    def force(self, output: Output, *, on: bool, for_s: float) -> None:
        """One output is so for that long; another one that was is so no more."""
        self.begin()
        words = self.words
        words[_FORCED_NS] = 0
        self.fence()
        words[_OUTPUT], words[_LEVEL] = output, on
        self.fence()
        words[_FORCED_NS] = self._clock_ns() + round(for_s * NS_PER_S)

    def end(self) -> None:
        """Nothing is forced, and nothing tried any more."""
        self.words[_FORCED_NS] = 0
        self.words[_TRIED_NS] = 0


def looked(station: str, now_ns: int) -> tuple[int, Forced | None]:
    """For how many ns they are tried yet, 0: not; and what is forced. SegmentError."""
    board = FaultBoard.attach(station)
    view = OutputTestView(board.segment)
    try:
        return view.tried_ns(now_ns), view.forced(now_ns)
    finally:
        view.close()
        board.close()
