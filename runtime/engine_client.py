"""The line's side of an engine slot: two ways to ask, over the same requests.

    a part          begin -> ask (each view, as soon as its frame is whole) -> collect by a deadline
    between parts   `between`: ask about all views of the last part, look later what came; no wait

A part that begins gives up whatever was asked between parts. Nothing here waits for an engine
beyond the deadline it is given.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.words import Reason
from gonogo.runtime.engine_host import EngineHost
from gonogo.runtime.engine_pace import ALARM_SHARE, LatencyMonitor
from gonogo.runtime.engine_requests import EnginePort, EngineRequests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Part, Score, ViewCapture
    from gonogo.ipc.frame_ring import FrameRing


class EngineClient:
    """Asks one engine slot about the parts, in the views that have an engine."""

    def __init__(
        self, port: EnginePort, rings: Sequence[FrameRing], judged: Sequence[bool]
    ) -> None:
        self.host = EngineHost(port.mailbox)
        self.requests = EngineRequests(port, self.host, rings, judged)
        self.between = BetweenParts(self.host, self.requests, judged)
        self.pace = LatencyMonitor()
        self.views = len(judged)  # judged by an engine or not
        self.needed = any(judged)

    def begin(self, part: Part) -> None:
        """A new part: whatever was asked for the last one and has not come is given up."""
        self.between.give_up(room_ns=part.engine_deadline_ns - part.trigger_ns)
        self.requests.start(part.engine_deadline_ns)

    def ask(self, capture: ViewCapture) -> None:
        """Ask about a frame of the part by its index, if it is to be judged; never waits."""
        self.requests.ask(capture)

    def collect(self, deadline_ns: int) -> list[Score | None]:
        """One entry a view: its score, or None where none came by `deadline_ns`."""
        asked_ns = self.requests.asked_ns if self.requests.waiting else 0
        scores = self.requests.collect(deadline_ns)
        if asked_ns and deadline_ns > asked_ns:
            took_ns = time.monotonic_ns() - asked_ns
            silent = self.requests.waiting
            self.pace.add(1.0 if silent else took_ns / (deadline_ns - asked_ns))
        return scores

    def holds(self, view: int, slot: int) -> bool:
        """Whether the engine may still be reading that frame."""
        return self.requests.holds(view, slot)


class BetweenParts:
    """Questions that no part waits for: a trial, a shadow, keeping warm. One at a time."""

    def __init__(
        self,
        host: EngineHost,
        requests: EngineRequests,
        judged: Sequence[bool],
        alarm_share: float = ALARM_SHARE,
    ) -> None:
        self._host = host
        self._requests = requests
        self._views, self._judged = len(judged), sum(judged)
        self._alarm_share = alarm_share
        self._tried = False  # a trial was asked for, and is not answered yet
        self.over = False  # the last call of `try_out` has seen the end of a trial
        self._room_ns = 0  # from the last part's trigger to its engine deadline

    def give_up(self, room_ns: int) -> None:
        """A part begins, which gives its engine so much time."""
        self._tried = False
        self._room_ns = room_ns

    def try_out(self, captures: Sequence[ViewCapture], now_ns: int, budget_ns: int) -> bool:
        """Whether the engine scores these frames in time.

        The first call asks, later ones see what became of it; never waits.
        """
        self.over = False
        # what a former process has answered proves nothing of the one that is there now
        if not self._tried or self._host.replaced:
            self._tried = self.ask_all(captures, now_ns + budget_ns)
            return False
        scores = self._requests.collect(0)
        done = not self._requests.waiting
        if done or now_ns > self._requests.deadline_ns:
            self._tried, self.over = False, True
        good = [score for score in scores if score is not None and score.fault is Reason.OK]
        took_ns = max((score.done_ns for score in good), default=0) - self._requests.asked_ns
        # one that needs nearly all of its time would be lost again with the next part
        brisk = took_ns < self._alarm_share * (self._room_ns or budget_ns)
        return done and brisk and len(good) == self._judged

    def ask_all(self, captures: Sequence[ViewCapture], deadline_ns: int) -> bool:
        """Ask about all of these; whether that was possible."""
        if not self._host.ready or len(captures) != self._views:
            return False
        self._requests.start(deadline_ns)
        for capture in captures:
            self._requests.ask(capture)
        return self._requests.waiting == self._judged

    def answered(self, now_ns: int) -> Sequence[Score | None] | None:
        """What became of `ask_all`: None while answers may still come; never waits."""
        scores = self._requests.collect(0)
        still = self._requests.waiting and now_ns < self._requests.deadline_ns
        return None if still else scores
