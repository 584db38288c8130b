"""The two engine slots as the line sees them: one judges, the other may be asked meanwhile.

Between two parts the line carries out what the loader orders (gonogo.ipc.engine_slots): judge
by the other slot, or by the former one again. For some parts after that it watches
the new engine, and goes back by itself when it disappoints: nobody else is as quick.

Which slot judges stands in the Judging that is handed in and comes back. What is kept here is how
the loader's order stands; whose scores are believed, in gonogo.runtime.engine_trust.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.log.logger import get_logger
from gonogo.base.words import Mode, Reason
from gonogo.ipc.engine_slots import Answer, OrderKind
from gonogo.runtime.engine_trust import EngineTrust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Verdict, ViewCapture
    from gonogo.ipc.engine_slots import LineSlots, Order
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient
    from gonogo.runtime.engine_shadow import Seen, Shadow
    from gonogo.runtime.judging import Judging

log = get_logger(__name__)

PATIENCE_NS = 10_000_000_000  # until an engine that scores nothing in time is given up
MISSES = 2  # parts without a score in time, of those that are watched


class Trial(NamedTuple):
    """What an engine is tried on between two parts: the last frames, within a part's budget."""

    captures: Sequence[ViewCapture]
    budget_ns: int
    now_ns: int


class Exchange(NamedTuple):
    """What it takes to exchange engines: the words of both slots, and who asks the other one."""

    slots: LineSlots
    shadow: Shadow


class EngineSwitch:
    """`clients`: one a slot. Without `exchange` there is one, for ever."""

    def __init__(self, clients: Sequence[EngineClient], exchange: Exchange | None = None) -> None:
        self.clients = tuple(clients)
        self.trust = EngineTrust(self.clients, None if exchange is None else exchange.slots)
        self._exchange = exchange
        self._order = 0  # the last one that was looked at
        self._until_ns = 0
        self._misses = 0  # since the last switch

    @property
    def slot(self) -> int:
        """The slot that judges, as the line before this one has left it."""
        return 0 if self._exchange is None else self._exchange.slots.active

    @property
    def exchanging(self) -> bool:
        """Whether the loader waits for the line to change what judges."""
        return self._exchange is not None and self._exchange.slots.pending is not None

    def holds(self, view: int, slot: int) -> bool:
        """Whether an engine may still be reading that frame."""
        return any(client.holds(view, slot) for client in self.clients)

    def after_part(self, seen: Seen, verdict: Verdict) -> None:
        """A part has been judged, and reported."""
        if self._exchange is None:
            return
        slots, shadow = self._exchange
        if slots.probation_left:  # ours to count down: the loader only says how many it shall be
            slots.probation_left -= 1
            self._misses += verdict.mode is Mode.RULES_ONLY
        if slots.shadowing:
            shadow.offer(seen)

    # -- between two parts -------------------------------------------------------------

    def carry_out(self, judging: Judging, trial: Trial, *, changing: bool) -> Judging:
        """Take new limits, go back if need be, do as the loader says; what judges from now on.

        `changing`: another recipe is on its way. Until it has come, or has been given up, the slot
        stays, and an order waits.
        """
        self.trust.tell_strange(judging.slot)
        if self._exchange is None:
            return judging
        judging = self.trust.renewed(judging)
        if changing:  # each engine begins anew for it: that is no fault of the one on probation
            return judging
        slots = self._exchange.slots
        lost = self._misses >= MISSES or not self.clients[judging.slot].host.ready
        if slots.probation_left and lost:
            judging = self._roll_back(judging, slots)
        order = slots.pending
        return judging if order is None else self._obey(judging, self._exchange, order, trial)

    def judge_in_shadow(self, judging: Judging, now_ns: int) -> None:
        """Nothing else to do: the other slot may be asked about a part that is judged already."""
        if self._exchange is None:
            return
        slots, shadow = self._exchange
        if not slots.shadowing or slots.pending is not None:  # an order: its trial goes first
            return
        other = 1 - judging.slot
        policy = self.trust.policy_of(other, judging.policy)
        if policy is not None:
            shadow.ask_or_hear(self.clients[other], policy, now_ns)

    def _roll_back(self, judging: Judging, slots: LineSlots) -> Judging:
        back = self._switched(judging, slots, 1 - judging.slot)
        if back is None:  # tried again before the next part, while parts are watched
            return judging
        slots.probation_left = 0
        slots.roll_back(Reason.ENGINE_SILENT)
        log.error(
            "engine_silent",
            text="engine %(silent)s is silent: engine %(judges)s judges again",
            silent="AB"[judging.slot],
            judges="AB"[back.slot],
        )
        return back

    def _obey(self, judging: Judging, exchange: Exchange, order: Order, trial: Trial) -> Judging:
        slots, shadow = exchange
        if order.number != self._order:
            self._order, self._until_ns = order.number, trial.now_ns + PATIENCE_NS
            shadow.drop()
        if order.place == judging.slot:
            slots.reply(Answer.SAME, order)
            return judging
        back = order.kind is OrderKind.BACK  # at once: that engine has judged here before
        if back or self._scores_in_time(judging.policy, order.place, trial):
            found = self._switched(judging, slots, order.place)
            slots.probation_left = 0 if back or found is None else slots.probation_parts
            slots.reply(Answer.NOT_READY if found is None else Answer.DONE, order)
            return found or judging
        if trial.now_ns > self._until_ns:
            slots.reply(Answer.NOT_READY, order)
        return judging

    def _scores_in_time(self, policy: Policy, number: int, trial: Trial) -> bool:
        """Whether the engine there has scored the last frames in time; asks it, never waits."""
        if self.trust.policy_of(number, policy) is None:
            return False
        between = self.clients[number].between
        return between.try_out(trial.captures, trial.now_ns, trial.budget_ns)

    def _switched(self, judging: Judging, slots: LineSlots, number: int) -> Judging | None:
        """Judged by that slot; None if that cannot be, and all stays as it was."""
        start_ns = time.monotonic_ns()
        if not self.clients[number].host.ready:
            return None
        policy = self.trust.take(number, judging.policy)
        if policy is None:
            return None
        self._misses = 0
        now_ns = time.monotonic_ns()
        slots.switch(number, now_ns - start_ns, now_ns)  # told before the next part can come
        return judging._replace(policy=policy, slot=number)
