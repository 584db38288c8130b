"""The line's side of an engine process: ask by index, collect scores by a deadline.

Nothing here waits for an engine beyond the deadline it is given, and no answer
is taken unless it is whole, of this very request, of this very frame and finite.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import time
from typing import TYPE_CHECKING

from gonogo.engines.mailbox import Request
from gonogo.runtime.frames import (
    R_DONE_NS,
    R_ENGINE,
    R_GENERATION,
    R_START_NS,
    R_STATUS,
    ResultStatus,
)
from gonogo.runtime.parts import Reason, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.engines.mailbox import Mailbox
    from gonogo.runtime.frames import FrameRing, Result
    from gonogo.runtime.parts import Look, Part


class EngineClient:
    """Asks one engine place about the views that have an engine."""

    def __init__(
        self,
        mailbox: Mailbox,
        rings: Sequence[FrameRing],
        judged: Sequence[bool],
        *,
        place: int,
        ask_fd: int,
        done_fd: int,
    ) -> None:
        self._mailbox = mailbox
        self._rings = rings
        self._judged = tuple(judged)
        self._place = place
        self._ask_fd = ask_fd
        self._done_fd = done_fd
        for fd in (ask_fd, done_fd):  # the engine holds them too, and must not make us wait
            os.set_blocking(fd, False)
        self._next_id = time.monotonic_ns()  # unlike any id of an earlier line process
        self._epoch = -1
        self._open: dict[tuple[int, int], int] = {}  # (view, slot) -> request not yet answered
        self._asked: list[tuple[int, int, int]] = []  # (view, slot, request id) of this part
        self._most_open = max(min(len(ring.slots) for ring in rings) // 2, 1)  # of each view
        self._deadline_ns = 0
        self.unasked = 0

    @property
    def ready(self) -> bool:
        """Whether the engine serves."""
        return self._mailbox.ready

    def holds(self, view: int, slot: int) -> bool:
        """Whether the engine may still be reading that frame."""
        request_id = self._open.get((view, slot))
        if request_id is None:
            return False
        if self._result(view, slot).whole(request_id) or self._mailbox.epoch != self._epoch:
            del self._open[view, slot]
            return False
        return True

    def begin(self, part: Part) -> None:
        """A new part: whatever was asked for the last one and has not come is given up."""
        self._asked.clear()
        self._deadline_ns = part.engine_deadline_ns
        if self._mailbox.epoch != self._epoch:
            self._open.clear()
            self._epoch = self._mailbox.epoch

    def ask(self, look: Look) -> None:
        """Ask about a frame by its index, if it is good and its view has an engine; never waits."""
        if not self._judged[look.view] or look.fault is not Reason.OK:
            return
        self._next_id += 1
        request = Request(self._next_id, look.view, look.slot, self._deadline_ns)
        room = self._unanswered(look.view) < self._most_open
        if not (room and self._mailbox.ready and self._mailbox.put(request)):
            self.unasked += 1  # it sits on too many unanswered ones already
            return
        self._open[look.view, look.slot] = self._next_id
        self._asked.append((look.view, look.slot, self._next_id))
        with contextlib.suppress(BlockingIOError):  # full: it rings already
            os.eventfd_write(self._ask_fd, 1)

    def _unanswered(self, view: int) -> int:
        """How many slots of a view the engine holds; those it has answered meanwhile are freed."""
        return sum(self.holds(*key) for key in tuple(self._open) if key[0] == view)

    def collect(self, deadline_ns: int) -> list[Score | None]:
        """One entry a view: its score, or None where none came by `deadline_ns`."""
        scores: list[Score | None] = [None] * len(self._judged)
        asked = self._asked
        while asked:
            for item in tuple(asked):
                view, slot, request_id = item
                if self._result(view, slot).whole(request_id):
                    scores[view] = self._score(view, slot)
                    asked.remove(item)
                    self._open.pop((view, slot), None)
            left_s = (deadline_ns - time.monotonic_ns()) / 1e9
            if not asked or left_s <= 0:
                break
            if select.select([self._done_fd], [], [], left_s)[0]:
                os.eventfd_read(self._done_fd)
        return scores

    def _score(self, view: int, slot: int) -> Score:
        result = self._result(view, slot)
        words = result.words
        value = float(result.score[0])
        same = words[R_GENERATION] == self._rings[view].slots[slot].generation
        trusted = words[R_STATUS] == ResultStatus.OK and same and math.isfinite(value)
        fault = Reason.OK if trusted else Reason.ENGINE_DATA
        return Score(view, value, words[R_START_NS], words[R_DONE_NS], words[R_ENGINE], fault)

    def _result(self, view: int, slot: int) -> Result:
        return self._rings[view].slots[slot].results[self._place]
