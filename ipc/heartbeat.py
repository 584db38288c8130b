"""The line's heartbeat in shared memory: it advances from completed work only.

A cycle feeds it when every stage left its token in order: a look of each view, a check
of each rule, stamps that do not run backwards, and not sooner than work can be done.
What does not is counted as broken and feeds nothing (IEC 61508, program flow).

words     0 cycles completed  1 last cycle ns  2 last serial begun  3 last sign of life ns
          4 last part id begun  5 mode  6 PLC session  7 broken cycles  8 takeovers
          9 recipe that the line wants (0: the first)  10 BOX_ID  11 FAULT as the PLC is shown it
          16.. what the PLC link knows (gonogo.ipc.link_table)
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, ClassVar

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import Mode
from gonogo.base.words_in_memory import word
from gonogo.ipc.link_table import WORDS as LINK_WORDS
from gonogo.ipc.link_table import LinkTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from typing_extensions import Self

    from gonogo.base.words import Part, RuleResult, ViewCapture
    from gonogo.ipc.journal_records import StageTimes

TOO_EARLY_NS = 20_000  # no frame is judged in less
(_CYCLES, _CYCLE_NS, _SERIAL, _ALIVE_NS, _PART_ID, _MODE, _SESSION, _BROKEN, _TAKEOVERS, _RECIPE,
 _BOX, _FAULTS) = range(12)  # fmt: skip
_WORDS = 16  # four are free
_LINK_AT = _WORDS


class HeartbeatView:
    """What anybody may read of the line; nothing of it can be written."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.words = segment.words(0, _WORDS, read_only=self.read_only)
        self.link = LinkTable(segment, _LINK_AT, read_only=self.read_only)

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map the heartbeat that the station made."""
        return cls(Segment.attach(heartbeat_path(station)))

    cycles = word(_CYCLES, "Cycles completed since the segment was made.")
    broken = word(_BROKEN, "Cycles that lacked a stage or had one out of order.")
    alive_ns = word(_ALIVE_NS, "The last sign of life, monotonic ns; 0 before the first.")
    part_id = word(_PART_ID, "The last part id begun.")
    mode = word(_MODE, "What the station stands on.", Mode)
    session = word(_SESSION, "SESSION_ID as the PLC is shown it.")
    # drawn by whoever makes the segment, so that a line that takes over has the same one
    box = word(_BOX, "BOX_ID, 1-65535: one for every line of this start of the station, no other.")
    faults = word(_FAULTS, "FAULT as the PLC is shown it.")
    takeovers = word(_TAKEOVERS, "How many line processes have begun.")

    @property
    def recipe(self) -> int:
        """Which recipe the line wants; 1 is the first, also before any line has begun."""
        return self.words[_RECIPE] or 1

    def close(self) -> None:
        """Drop this process's view of the heartbeat."""
        self.words.release()
        self.link.close()
        self.segment.close()


class Heartbeat(HeartbeatView):
    """The line's own view: there is one line at a time, and it alone writes these words."""

    read_only = False

    @classmethod
    def create(cls, station: str) -> Self:
        """Make the heartbeat of a station, with an identity that no other start of one has."""
        heartbeat = cls(Segment.create(heartbeat_path(station), 8 * (_LINK_AT + LINK_WORDS)))
        # never 0: that says that none was given (gonogo.plc.register_map)
        heartbeat.words[_BOX] = int.from_bytes(os.urandom(2), "big") % 0xFFFF + 1
        return heartbeat

    def take_over(self) -> tuple[int, int]:
        """A line begins: the last serial and part id that an earlier one began, 0 at first."""
        words = self.words
        words[_TAKEOVERS] += 1
        return words[_SERIAL], words[_PART_ID]

    def begin(self, serial: int, part_id: int) -> None:
        """A part is taken; whoever comes after us must not use its numbers again."""
        words = self.words
        # read together by the next line alone, once this one has ended
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
        words = self.words
        # no beat and no sign of life of its own; `gonogo status` shows how many there were
        if not complete(part, stamps, looks, checks, expected):
            words[_BROKEN] += 1
            return
        words[_CYCLES] += 1
        words[_CYCLE_NS] = words[_ALIVE_NS] = time.monotonic_ns()

    def idle(self, now_ns: int) -> None:
        """The line waits for a part and could judge one."""
        self.words[_ALIVE_NS] = now_ns

    def show(self, mode: Mode, session: int, faults: int = 0) -> None:
        """What others may want to know of the line."""
        words = self.words
        words[_MODE] = mode
        words[_SESSION] = session
        words[_FAULTS] = faults

    def want(self, recipe: int) -> None:
        """Which recipe the engine process shall load."""
        # an engine process sees that it has changed, and loads by itself
        self.words[_RECIPE] = recipe


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
    # each view once, in order: two looks of one view are none of another
    if any(look.view != k for k, look in enumerate(looks)):
        return False
    times = (part.trigger_ns, *stamps)
    in_order = list(times) == sorted(times)
    # stamps that are right and too quick are of a cycle that skipped its work
    return in_order and stamps.reported_ns - part.trigger_ns >= TOO_EARLY_NS


def heartbeat_path(station: str) -> Path:
    """Where the heartbeat of a station lies."""
    return segment_path(station, "heartbeat")
