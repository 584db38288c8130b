"""Questions to one engine slot by one deadline, and the answers as far as they have come.

A question is a frame's index in the request queue (gonogo.ipc.engine_queue) and a ring of the
bell; the answer stands in the result area of the frame's own slot. No answer is taken unless it
is whole, of this very request, of this very frame, finite, and of an engine that is expected.
"""

from __future__ import annotations

import math
import os
import select
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.doorbell import quiet, ring
from gonogo.base.words import Reason, Score
from gonogo.ipc.engine_queue import Request
from gonogo.ipc.frame_ring import (
    R_DONE_NS,
    R_ENGINE,
    R_GENERATION,
    R_START_NS,
    R_STATUS,
    ResultStatus,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import ViewCapture
    from gonogo.ipc.engine_queue import LineMailbox
    from gonogo.ipc.frame_ring import FrameRing, Result
    from gonogo.runtime.engine_host import EngineHost

_NS_PER_S = 1e9


class EnginePort(NamedTuple):
    """Where an engine slot is asked: its queue, its number, and the bells of both directions."""

    mailbox: LineMailbox
    place: int
    ask_fd: int  # eventfd or FIFO that we ring
    done_fd: int  # and that the host rings


class _Open(NamedTuple):
    """A frame that the host may still be reading."""

    request_id: int
    position: int  # in the queue, counted from the first request ever


class EngineRequests:
    """What was asked last, and what of it is still open; one deadline for all of it."""

    def __init__(
        self,
        port: EnginePort,
        host: EngineHost,
        rings: Sequence[FrameRing],
        judged: Sequence[bool],
    ) -> None:
        self._port = port
        self._mailbox = port.mailbox
        self._host = host
        self._rings = rings
        self._judged = tuple(judged)
        for fd in (port.ask_fd, port.done_fd):  # the engine holds them too, and must not block us
            os.set_blocking(fd, False)
        self._next_id = time.monotonic_ns()  # unlike any id of an earlier line process
        self._open: dict[tuple[int, int], _Open] = {}  # by (view, slot), until it is answered
        self._asked: list[tuple[int, int, int]] = []  # (view, slot, request id) of this deadline
        # half of the ring may be with a host that answers nothing; the camera lives on the rest
        self._most_open = max(min(len(ring.slots) for ring in rings) // 2, 1)
        self._scores: list[Score | None] = [None] * len(self._judged)
        self._expected: Sequence[int | None] = (None,) * len(self._judged)
        self.deadline_ns = 0
        self.asked_ns = 0  # the first question by this deadline
        self.unasked = 0
        self.strange = 0  # scores of an engine that nobody expects

    def expect(self, engine_ids: Sequence[int | None]) -> None:
        """Whose scores the limits are for, a view each; no other engine's is trusted."""
        self._expected = tuple(engine_ids)

    def start(self, deadline_ns: int) -> None:
        """Another deadline: whatever was asked by the one before and has not come is given up."""
        self._asked.clear()
        self._scores = [None] * len(self._judged)
        self.deadline_ns = deadline_ns
        if self._host.meet():
            self._open.clear()  # a host reads nothing that its predecessor was asked

    def ask(self, capture: ViewCapture) -> None:
        """Ask about a frame by its index, if it is good and its view has an engine; never waits."""
        if not self._judged[capture.view] or capture.fault is not Reason.OK:
            return
        self._next_id += 1
        request = Request(self._next_id, capture.view, capture.slot, self.deadline_ns)
        room = self._unanswered(capture.view) < self._most_open
        position = self._mailbox.written
        if not (room and self._host.ready and self._mailbox.put(request)):
            self.unasked += 1  # it sits on too many unanswered ones already
            return
        if not self._asked:
            self.asked_ns = time.monotonic_ns()
        self._open[capture.view, capture.slot] = _Open(self._next_id, position)
        self._asked.append((capture.view, capture.slot, self._next_id))
        ring(self._port.ask_fd)

    @property
    def waiting(self) -> int:
        """How many of the questions have no answer yet."""
        return len(self._asked)

    def collect(self, until_ns: int) -> list[Score | None]:
        """One entry a view: its score, or None where none came by then; 0 never waits."""
        while self._asked:
            self._take_answers()
            left_s = (until_ns - time.monotonic_ns()) / _NS_PER_S
            if not self._asked or left_s <= 0 or self._host.process.gone:
                break
            self._wait(left_s)
        return self._scores

    def holds(self, view: int, slot: int) -> bool:
        """Whether the engine may still be reading that frame."""
        if (view, slot) not in self._open:
            return False
        request_id, position = self._open[view, slot]
        # a later request was begun: this one is over, whatever stands in its result
        over = self._mailbox.taken > position + 1 or self._host.replaced
        if over or self._result(view, slot).whole(request_id):
            del self._open[view, slot]
            return False
        return True

    def _unanswered(self, view: int) -> int:
        """How many slots of a view the engine holds; those it has answered meanwhile are freed."""
        return sum(self.holds(*key) for key in tuple(self._open) if key[0] == view)

    def _take_answers(self) -> None:
        for item in tuple(self._asked):
            view, slot, request_id = item
            if self._result(view, slot).whole(request_id):
                self._scores[view] = self._score(view, slot)
                self._asked.remove(item)
                self._open.pop((view, slot), None)

    def _wait(self, left_s: float) -> None:
        """Until the host rings, or ends: nobody waits for the dead."""
        readable = select.select([self._port.done_fd, *self._host.process.fds], [], [], left_s)[0]
        if self._port.done_fd in readable:
            quiet(self._port.done_fd)
        elif readable:
            self._host.process.ended()

    def _score(self, view: int, slot: int) -> Score:
        result = self._result(view, slot)
        words = result.words
        value = float(result.score[0])
        # the ring came round while the engine worked: this is a score of another part's frame
        same = words[R_GENERATION] == self._rings[view].slots[slot].generation
        known = self._expected[view] in {None, words[R_ENGINE]}
        self.strange += not known
        trusted = words[R_STATUS] == ResultStatus.OK and same and known and math.isfinite(value)
        fault = Reason.OK if trusted else Reason.ENGINE_DATA
        return Score(view, value, words[R_START_NS], words[R_DONE_NS], words[R_ENGINE], fault)

    def _result(self, view: int, slot: int) -> Result:
        return self._rings[view].slots[slot].results[self._port.place]
