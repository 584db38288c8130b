"""The line's side of an engine process: ask by index, collect scores by a deadline.

Nothing here waits for an engine beyond the deadline it is given, and no answer
is taken unless it is whole, of this very request, of this very frame and finite.
"""

from __future__ import annotations

import math
import os
import select
import time
from typing import TYPE_CHECKING

from gonogo.base.doorbell import quiet, ring
from gonogo.base.words import Reason, Score
from gonogo.ipc.engine_queue import HostState, Request
from gonogo.ipc.frame_ring import (
    R_DONE_NS,
    R_ENGINE,
    R_GENERATION,
    R_START_NS,
    R_STATUS,
    ResultStatus,
)
from gonogo.runtime.engine_pace import ALARM_SHARE, LatencyMonitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Part, ViewCapture
    from gonogo.ipc.engine_queue import Mailbox
    from gonogo.ipc.frame_ring import FrameRing, Result


class HostProcess:
    """The engine process as the line sees it: its pidfd is readable the moment it ends.

    A host that was never followed counts as there: its answers decide.
    """

    def __init__(self) -> None:
        self.fds: list[int] = []
        self.gone = False

    def follow(self, pid: int) -> None:
        """A host with this process id has started."""
        self._drop()
        self.gone = False
        try:
            self.fds = [os.pidfd_open(pid)] if pid else []
        except OSError:
            self.gone = True

    def look(self) -> None:
        """See whether it has ended; never waits."""
        if self.fds and select.select(self.fds, [], [], 0)[0]:
            self.ended()

    def ended(self) -> None:
        """It has ended: nothing will come of what it was asked."""
        self._drop()
        self.gone = True

    def _drop(self) -> None:
        for fd in self.fds:
            os.close(fd)
        self.fds = []


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
        self._shunned = -1  # the epoch of a host that has loaded what must not judge
        # (view, slot) -> request not yet answered, and its place in the queue
        self._open: dict[tuple[int, int], tuple[int, int]] = {}
        self._asked: list[tuple[int, int, int]] = []  # (view, slot, request id) of this part
        self._most_open = max(min(len(ring.slots) for ring in rings) // 2, 1)  # of each view
        self._deadline_ns = 0
        self._asked_ns = 0  # the first question of this part
        self._room_ns = 0  # from the last part's trigger to its engine deadline
        self.pace = LatencyMonitor()
        self._host = HostProcess()
        self._tried = False  # asked between two parts, and not yet answered
        # of what was asked last, as far as it has come
        self._scores: list[Score | None] = [None] * len(self._judged)
        self._expected: Sequence[int | None] = (None,) * len(self._judged)
        self.unasked = 0
        self.strange = 0  # scores of an engine that nobody expects

    @property
    def needed(self) -> bool:
        """Whether any view has an engine."""
        return any(self._judged)

    @property
    def views(self) -> int:
        """How many views the station has, judged by an engine or not."""
        return len(self._judged)

    @property
    def gains(self) -> bool:
        """Whether the engine is faster when it is kept warm."""
        return self._mailbox.gains

    @property
    def failed(self) -> bool:
        """Whether the engine process could not load what it was told."""
        return self._mailbox.state == HostState.FAILED

    @property
    def epoch(self) -> int:
        """How often an engine process has started."""
        return self._mailbox.epoch

    @property
    def ready(self) -> bool:
        """Whether the engine serves, and its process lives."""
        self._host.look()
        epoch = self._mailbox.epoch
        gone = self._host.gone and epoch == self._epoch
        return self._mailbox.ready and not gone and epoch != self._shunned

    def shun(self) -> None:
        """Trust nothing that the present host says: it has loaded another recipe than is judged."""
        self._shunned = self._mailbox.epoch

    def expect(self, engine_ids: Sequence[int | None]) -> None:
        """Whose scores the limits are for, a view each; no other engine's is trusted."""
        self._expected = tuple(engine_ids)

    def holds(self, view: int, slot: int) -> bool:
        """Whether the engine may still be reading that frame."""
        if (view, slot) not in self._open:
            return False
        request_id, place = self._open[view, slot]
        # a later request was begun: this one is over, whatever stands in its result
        over = self._mailbox.taken > place + 1 or self._mailbox.epoch != self._epoch
        if over or self._result(view, slot).whole(request_id):
            del self._open[view, slot]
            return False
        return True

    def begin(self, part: Part) -> None:
        """A new part: whatever was asked for the last one and has not come is given up."""
        self._tried = False
        self._room_ns = part.engine_deadline_ns - part.trigger_ns
        self._start(part.engine_deadline_ns)

    def _start(self, deadline_ns: int) -> None:
        self._asked.clear()
        self._scores = [None] * len(self._judged)
        self._deadline_ns = deadline_ns
        if self._mailbox.epoch != self._epoch:
            self._open.clear()
            self._epoch = self._mailbox.epoch
            self._host.follow(self._mailbox.pid)
        self._host.look()

    def ask(self, look: ViewCapture) -> None:
        """Ask about a frame by its index, if it is good and its view has an engine; never waits."""
        if not self._judged[look.view] or look.fault is not Reason.OK:
            return
        self._next_id += 1
        request = Request(self._next_id, look.view, look.slot, self._deadline_ns)
        room = self._unanswered(look.view) < self._most_open
        place = self._mailbox.written
        if not (room and self.ready and self._mailbox.put(request)):
            self.unasked += 1  # it sits on too many unanswered ones already
            return
        if not self._asked:
            self._asked_ns = time.monotonic_ns()
        self._open[look.view, look.slot] = (self._next_id, place)
        self._asked.append((look.view, look.slot, self._next_id))
        ring(self._ask_fd)

    def try_out(self, looks: Sequence[ViewCapture], now_ns: int, budget_ns: int) -> bool:
        """Between two parts: whether the engine scores these frames in time.

        The first call asks, later ones see what became of it; never waits.
        """
        if not self._tried:
            self._tried = self.ask_all(looks, now_ns + budget_ns)
            return False
        scores = self._collect(0)
        done = not self._asked
        if done or now_ns > self._deadline_ns:
            self._tried = False
        good = [score for score in scores if score is not None and score.fault is Reason.OK]
        took_ns = max((score.done_ns for score in good), default=0) - self._asked_ns
        brisk = took_ns < ALARM_SHARE * (self._room_ns or budget_ns)  # or it is lost again at once
        return done and brisk and len(good) == sum(self._judged)

    def ask_all(self, looks: Sequence[ViewCapture], deadline_ns: int) -> bool:
        """Between two parts: ask about all of these; whether that was possible."""
        if not self.ready or len(looks) != len(self._judged):
            return False
        self._start(deadline_ns)
        for look in looks:
            self.ask(look)
        return len(self._asked) == sum(self._judged)

    def answered(self, now_ns: int) -> Sequence[Score | None] | None:
        """What became of `ask_all`: None while answers may still come; never waits."""
        scores = self._collect(0)
        return None if self._asked and now_ns < self._deadline_ns else scores

    def _unanswered(self, view: int) -> int:
        """How many slots of a view the engine holds; those it has answered meanwhile are freed."""
        return sum(self.holds(*key) for key in tuple(self._open) if key[0] == view)

    def collect(self, deadline_ns: int) -> list[Score | None]:
        """One entry a view: its score, or None where none came by `deadline_ns`."""
        asked_ns = self._asked_ns if self._asked else 0
        scores = self._collect(deadline_ns)
        if asked_ns and deadline_ns > asked_ns:
            took_ns = time.monotonic_ns() - asked_ns
            self.pace.note(1.0 if self._asked else took_ns / (deadline_ns - asked_ns))
        return scores

    def _collect(self, deadline_ns: int) -> list[Score | None]:
        scores, asked = self._scores, self._asked
        while asked:
            for item in tuple(asked):
                view, slot, request_id = item
                if self._result(view, slot).whole(request_id):
                    scores[view] = self._score(view, slot)
                    asked.remove(item)
                    self._open.pop((view, slot), None)
            left_s = (deadline_ns - time.monotonic_ns()) / 1e9
            if not asked or left_s <= 0 or self._host.gone:
                break
            readable = select.select([self._done_fd, *self._host.fds], [], [], left_s)[0]
            if self._done_fd in readable:
                quiet(self._done_fd)
            elif readable:
                self._host.ended()
        return scores

    def _score(self, view: int, slot: int) -> Score:
        result = self._result(view, slot)
        words = result.words
        value = float(result.score[0])
        same = words[R_GENERATION] == self._rings[view].slots[slot].generation
        known = self._expected[view] in {None, words[R_ENGINE]}
        self.strange += not known
        trusted = words[R_STATUS] == ResultStatus.OK and same and known and math.isfinite(value)
        fault = Reason.OK if trusted else Reason.ENGINE_DATA
        return Score(view, value, words[R_START_NS], words[R_DONE_NS], words[R_ENGINE], fault)

    def _result(self, view: int, slot: int) -> Result:
        return self._rings[view].slots[slot].results[self._place]
