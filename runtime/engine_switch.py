"""The two engine places as the line sees them: one judges, the other may be asked meanwhile.

Between two parts the line carries out what the loader orders (gonogo.ipc.engine_slots): judge
by the other place, or by the former one again. For some parts after that it watches
the new engine, and goes back by itself when it disappoints: nobody else is as quick.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Protocol

from gonogo.base.scores import Limits
from gonogo.base.words import Mode, Reason
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.engine_slots import Answer, OrderKind
from gonogo.runtime.engine_shadow import Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Part, RuleResult, Verdict, ViewCapture
    from gonogo.ipc.engine_slot import PlaceLimits
    from gonogo.ipc.engine_slots import EngineSlots, Order
    from gonogo.runtime.budget import Budget
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient
    from gonogo.runtime.engine_shadow import Shadow

log = logging.getLogger(__name__)

PATIENCE_NS = 10_000_000_000  # until an engine that scores nothing in time is given up
MISSES = 2  # parts without a score in time, of those that are watched
_NOBODY = -1  # an engine id that no engine has


class Line(Protocol):
    """The line, as far as a change of the place touches it."""

    engines: EngineClient
    policy: Policy
    looks: Sequence[ViewCapture]
    budget: Budget


class EngineSwitch:
    """`clients`: one a place. Without `slots` there is one place, for ever."""

    def __init__(
        self,
        clients: Sequence[EngineClient],
        slots: EngineSlots | None = None,
        shadow: Shadow | None = None,
    ) -> None:
        self._clients = tuple(clients)
        self._slots = slots
        self._shadow = shadow
        self._active = 0
        self._taken = (-1, -1)  # load and epoch of the engine whose limits we hold
        self._order = 0  # the last one that was looked at
        self._until_ns = 0
        self._misses = 0
        self._told = -1  # of the epoch of an engine that is not expected
        self._of_files: tuple[int | None, ...] = (None,) * self._clients[0].views
        if slots is not None:
            for client in self._clients:
                client.expect([_NOBODY] * client.views)
            self.take_over()

    def take_over(self) -> None:
        """A line begins: which place judges may have changed while it waited for its turn."""
        if self._slots is not None:
            self._active = self._slots.active

    def believe(self, policy: Policy) -> None:
        """Whose scores are to be trusted from now on: of a bundle, the place itself says it."""
        self._of_files = policy.engine_ids
        if self._slots is None:
            self._clients[0].expect(self._of_files)
        self.refresh()

    def adopt(self, line: Line) -> None:
        """The line has another policy: no part meets new engines and the limits of old ones."""
        self.believe(line.policy)
        if self._slots is not None:
            self.engines.expect([_NOBODY] * self.engines.views)  # unless they are told now
            self._follow(line, self._slots)

    @property
    def engines(self) -> EngineClient:
        """The client of the place that judges."""
        return self._clients[self._active]

    def holds(self, view: int, slot: int) -> bool:
        """Whether an engine may still be reading that frame."""
        return any(client.holds(view, slot) for client in self._clients)

    def note(
        self, part: Part, looks: Sequence[ViewCapture], checks: Sequence[RuleResult], to: Verdict
    ) -> None:
        """A part has been judged, and reported."""
        slots = self._slots
        if slots is None:
            return
        if slots.probation_left:
            slots.probation_left -= 1
            self._misses += to.mode is Mode.RULES_ONLY
        if slots.shadowing and self._shadow is not None:
            self._shadow.offer(Seen(part, looks, checks))

    def turn(self, line: Line, now_ns: int) -> None:
        """Between two parts: take new limits, go back if need be, do as the loader says."""
        self._tell_strange()
        slots = self._slots
        if slots is None:
            return
        self._follow(line, slots)
        if slots.probation_left and (self._misses >= MISSES or not self.engines.ready):
            self._roll_back(line, slots)
        order = slots.pending
        if order is not None:
            self._obey(line, slots, order, now_ns)

    def _tell_strange(self) -> None:
        """Once for each engine process: its scores are not those that the limits are for."""
        client = self.engines
        if client.strange and self._told != client.epoch:
            self._told = client.epoch
            log.warning(
                "an engine scores that the limits in force are not for: not trusted; its file was "
                "exchanged while the station ran: start the station anew"
            )

    def idle(self, line: Line, now_ns: int) -> None:
        """Nothing else to do: the other place may judge in shadow."""
        slots, shadow = self._slots, self._shadow
        if slots is None or shadow is None or not slots.shadowing or slots.pending is not None:
            return
        policy = self._taken_from(1 - self._active, line.policy)
        if policy is not None:
            shadow.turn(self._clients[1 - self._active], policy, now_ns)

    def refresh(self) -> None:
        """What judges has changed (a recipe): take the limits of the engine anew."""
        self._taken = (-1, -1)

    def _follow(self, line: Line, slots: EngineSlots) -> None:
        """The engine that judges has begun anew: its limits come with it."""
        seen = (slots.places[self._active].load, self.engines.epoch)
        if seen == self._taken or not self.engines.ready:
            return
        policy = self._taken_from(self._active, line.policy)
        if policy is not None:
            line.policy, self._taken = policy, seen

    def _taken_from(self, number: int, policy: Policy) -> Policy | None:
        """The policy with the limits of what a place holds; None while it holds nothing whole.

        From then on its client believes scores of these engines alone.
        """
        assert self._slots is not None  # noqa: S101 - for the type checker
        place = self._slots.places[number]
        if place.phase is not Phase.READY:
            return None
        found = [place.limits(view) for view in range(len(policy.limits))]
        if not all(map(_sound, found, policy.limits, self._of_files)):
            return None
        pairs = zip(found, self._of_files, strict=True)
        self._clients[number].expect([its.engine_id if its else known for its, known in pairs])
        limits = zip(found, policy.limits, strict=True)
        return policy._replace(limits=tuple(_limits(its) if its else old for its, old in limits))

    def _roll_back(self, line: Line, slots: EngineSlots) -> None:
        other = 1 - self._active
        if self._switch(line, slots, other):  # or at the next turn, while parts are watched
            slots.probation_left = 0
            slots.roll_back(Reason.ENGINE_SILENT)
            log.error("engine %s missed its deadline: engine %s judges again", *_names(other))

    def _obey(self, line: Line, slots: EngineSlots, order: Order, now_ns: int) -> None:
        if order.number != self._order:
            self._order, self._until_ns = order.number, now_ns + PATIENCE_NS
            if self._shadow is not None:
                self._shadow.drop()
        if order.place == self._active:
            slots.reply(Answer.SAME)
            return
        back = order.kind is OrderKind.BACK
        if back or self._scores_in_time(line, order.place, now_ns):
            done = self._switch(line, slots, order.place)
            slots.probation_left = 0 if back or not done else slots.probation_parts
            slots.reply(Answer.DONE if done else Answer.NOT_READY)
        elif now_ns > self._until_ns:
            slots.reply(Answer.NOT_READY)

    def _scores_in_time(self, line: Line, place: int, now_ns: int) -> bool:
        """Whether the engine there has scored the last frames in time; asks it, never waits."""
        if self._taken_from(place, line.policy) is None:
            return False
        return self._clients[place].try_out(line.looks, now_ns, line.budget.budget_ns)

    def _switch(self, line: Line, slots: EngineSlots, place: int) -> bool:
        """The next part is judged by that place; False if it cannot be, and all stays as it was."""
        start_ns = time.monotonic_ns()
        policy = self._taken_from(place, line.policy)
        if policy is None or not self._clients[place].ready:
            return False
        self._active, self._misses = place, 0
        line.engines, line.policy = self._clients[place], policy
        self._taken = (slots.places[place].load, line.engines.epoch)
        now_ns = time.monotonic_ns()
        slots.switch(place, now_ns - start_ns, now_ns)
        return True


def _sound(its: PlaceLimits | None, own: Limits | None, of_file: int | None) -> bool:
    """Whether these can be the limits of a view; nan is below nothing.

    A model file has its own, `of_file` says whose they are; a bundle must bring its own.
    """
    if its is None:
        return own is None or of_file is not None
    return math.isfinite(its.reject_above) and its.recheck_above <= its.reject_above


def _limits(its: PlaceLimits) -> Limits:
    return Limits(its.recheck_above, its.reject_above, its.engine_id)


def _names(now: int) -> tuple[str, str]:
    """Names of the place that failed and of the one that judges now."""
    return "AB"[1 - now], "AB"[now]
