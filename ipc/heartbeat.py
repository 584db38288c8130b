"""The line's heartbeat in shared memory: it advances from completed work only.

A cycle feeds it when every stage left its token in order: a look of each view, a check
of each rule, stamps that do not run backwards, and not sooner than work can be done.
What does not is counted as broken and feeds nothing (IEC 61508, program flow).

words     0 cycles completed  1 last cycle ns  2 last serial begun  3 last sign of life ns
          4 last part id begun  5 mode  6 PLC session  7 broken cycles  8 takeovers
          9 recipe that the line wants (0: the first)  10 BOX_ID  11 FAULT as the PLC is shown it
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.base.words import Part, RuleResult, ViewCapture
    from gonogo.ipc.journal_records import StageTimes

TOO_EARLY_NS = 20_000  # no frame is judged in less
(_CYCLES, _CYCLE_NS, _SERIAL, _ALIVE_NS, _PART_ID, _MODE, _SESSION, _BROKEN, _TAKEOVERS, _RECIPE,
 _BOX, _FAULTS) = range(12)  # fmt: skip


class Heartbeat:
    """Written by the line, read by whoever watches it."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._words = segment.words(0, 16)

    @classmethod
    def create(cls, station: str) -> Heartbeat:
        """Make the heartbeat of a station, with an identity that no other start of one has."""
        heartbeat = cls(Segment.create(heartbeat_path(station), 128))
        heartbeat._words[_BOX] = int.from_bytes(os.urandom(2), "big") % 0xFFFF + 1
        return heartbeat

    @classmethod
    def attach(cls, station: str) -> Heartbeat:
        """Map the heartbeat that the station made."""
        return cls(Segment.attach(heartbeat_path(station)))

    # -- the line's side ---------------------------------------------------------------

    def take_over(self) -> tuple[int, int]:
        """A line begins: the last serial and part id that an earlier one began, 0 at first."""
        words = self._words
        words[_TAKEOVERS] += 1
        return words[_SERIAL], words[_PART_ID]

    def begin(self, serial: int, part_id: int) -> None:
        """A part is taken; whoever comes after us must not use its numbers again."""
        words = self._words
        words[_SERIAL] = serial
        words[_PART_ID] = part_id

    def beat(
        self,
        part: Part,
        stamps: StageTimes,
        looks: Sequence[ViewCapture],
        checks: Sequence[RuleResult],
        expected: tuple[int, int],
    ) -> None:
        """A cycle has ended; `expected` views and rules. It feeds only when it was complete."""
        words = self._words
        if not complete(part, stamps, looks, checks, expected):
            words[_BROKEN] += 1
            return
        words[_CYCLES] += 1
        words[_CYCLE_NS] = words[_ALIVE_NS] = time.monotonic_ns()

    def idle(self, now_ns: int) -> None:
        """The line waits for a part and could judge one."""
        self._words[_ALIVE_NS] = now_ns

    def show(self, mode: Mode, session: int, faults: int = 0) -> None:
        """What others may want to know of the line."""
        self._words[_MODE] = mode
        self._words[_SESSION] = session
        self._words[_FAULTS] = faults

    def want(self, recipe: int) -> None:
        """Which recipe the engine process shall load."""
        self._words[_RECIPE] = recipe

    # -- the watchers' side ------------------------------------------------------------

    @property
    def cycles(self) -> int:
        """Cycles completed since the segment was made."""
        return self._words[_CYCLES]

    @property
    def broken(self) -> int:
        """Cycles that lacked a stage or had one out of order."""
        return self._words[_BROKEN]

    @property
    def alive_ns(self) -> int:
        """The last sign of life, monotonic ns; 0 before the first."""
        return self._words[_ALIVE_NS]

    @property
    def part_id(self) -> int:
        """The last part id begun."""
        return self._words[_PART_ID]

    @property
    def mode(self) -> Mode:
        """What the station stands on."""
        return Mode(self._words[_MODE])

    @property
    def session(self) -> int:
        """SESSION_ID as the PLC is shown it."""
        return self._words[_SESSION]

    @property
    def box(self) -> int:
        """BOX_ID, 1-65535: the same for every line of this start of the station, and no other."""
        return self._words[_BOX]

    @property
    def faults(self) -> int:
        """FAULT as the PLC is shown it."""
        return self._words[_FAULTS]

    @property
    def recipe(self) -> int:
        """Which recipe the line wants; 1 is the first."""
        return self._words[_RECIPE] or 1

    @property
    def takeovers(self) -> int:
        """How many line processes have begun."""
        return self._words[_TAKEOVERS]

    def close(self) -> None:
        """Drop this process's view of the heartbeat."""
        self._words.release()
        self.segment.close()


def complete(
    part: Part,
    stamps: StageTimes,
    looks: Sequence[ViewCapture],
    checks: Sequence[RuleResult],
    expected: tuple[int, int],
) -> bool:
    """Whether every stage left its token, in order, and none was faster than it can be."""
    views, rules = expected
    if len(looks) != views or len(checks) != rules:
        return False
    if any(look.view != k for k, look in enumerate(looks)):
        return False
    times = (part.trigger_ns, *stamps)
    in_order = list(times) == sorted(times)
    return in_order and stamps.reported_ns - part.trigger_ns >= TOO_EARLY_NS


def heartbeat_path(station: str) -> Path:
    """Where the heartbeat of a station lies."""
    return segment_path(station, "heartbeat")
