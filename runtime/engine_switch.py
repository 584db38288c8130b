"""The two engine slots as the line sees them: one judges, the other may be asked meanwhile.

Between two parts the line carries out what the loader orders (gonogo.ipc.engine_slots): judge
by the other slot, or by the former one again. For some parts after that it watches
the new engine, and goes back by itself when it disappoints: nobody else is as quick.

Which slot judges stands in the Judging that is handed in and comes back. What is kept here is
whom each slot's scores are believed of, and how the loader's order stands.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.scores import Limits
from gonogo.base.words import Mode, Reason
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.engine_slots import Answer, OrderKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Verdict, ViewCapture
    from gonogo.ipc.engine_slot import PlaceLimits
    from gonogo.ipc.engine_slots import LineSlots, Order
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient
    from gonogo.runtime.engine_shadow import Seen, Shadow
    from gonogo.runtime.judging import Judging

log = logging.getLogger(__name__)

PATIENCE_NS = 10_000_000_000  # until an engine that scores nothing in time is given up
MISSES = 2  # parts without a score in time, of those that are watched
_NOBODY = -1  # an engine id that no engine has


class Trial(NamedTuple):
    """What an engine is tried on between two parts: the last frames, within a part's budget."""

    captures: Sequence[ViewCapture]
    budget_ns: int
    now_ns: int


class EngineSwitch:
    """`clients`: one a slot. Without `slots` there is one, for ever."""

    def __init__(
        self,
        clients: Sequence[EngineClient],
        slots: LineSlots | None = None,
        shadow: Shadow | None = None,
    ) -> None:
        self.clients = tuple(clients)
        self._slots = slots
        self._shadow = shadow
        self._taken = (-1, -1)  # load and epoch of the engine whose limits are in force
        self._order = 0  # the last one that was looked at
        self._until_ns = 0
        self._misses = 0  # since the last switch
        self._told = -1  # of the epoch of an engine that is not expected
        self._of_files: tuple[int | None, ...] = (None,) * self.clients[0].views
        if slots is not None:  # nobody is believed before the limits of what it holds are known
            for client in self.clients:
                client.requests.expect([_NOBODY] * client.views)

    @property
    def slot(self) -> int:
        """The slot that judges, as the line before this one has left it."""
        return 0 if self._slots is None else self._slots.active

    def holds(self, view: int, slot: int) -> bool:
        """Whether an engine may still be reading that frame."""
        return any(client.holds(view, slot) for client in self.clients)

    def after_part(self, seen: Seen, verdict: Verdict) -> None:
        """A part has been judged, and reported."""
        slots = self._slots
        if slots is None:
            return
        if slots.probation_left:  # ours to count down: the loader only says how many it shall be
            slots.probation_left -= 1
            self._misses += verdict.mode is Mode.RULES_ONLY
        if slots.shadowing and self._shadow is not None:
            self._shadow.offer(seen)

    # -- whose scores are believed -----------------------------------------------------

    def believe(self, policy: Policy) -> None:
        """Whose scores are to be trusted from now on: of a bundle, the slot itself says it."""
        self._of_files = policy.engine_ids
        if self._slots is None:
            self.clients[0].requests.expect(self._of_files)
        self._taken = (-1, -1)  # another recipe: the engine's limits are to be taken anew

    def adopt(self, judging: Judging) -> Judging:
        """Another recipe: no part meets new engines and the limits of old ones."""
        if self._slots is None:
            return judging
        client = self.clients[judging.slot]
        client.requests.expect([_NOBODY] * client.views)  # unless its limits can be had now
        return self._with_its_limits(judging, self._slots)

    # -- between two parts -------------------------------------------------------------

    def carry_out(self, judging: Judging, trial: Trial) -> Judging:
        """Take new limits, go back if need be, do as the loader says; what judges from now on."""
        self._tell_strange(self.clients[judging.slot])
        slots = self._slots
        if slots is None:
            return judging
        judging = self._with_its_limits(judging, slots)
        lost = self._misses >= MISSES or not self.clients[judging.slot].host.ready
        if slots.probation_left and lost:
            judging = self._roll_back(judging, slots)
        order = slots.pending
        return judging if order is None else self._obey(judging, slots, order, trial)

    def judge_in_shadow(self, judging: Judging, now_ns: int) -> None:
        """Nothing else to do: the other slot may be asked about a part that is judged already."""
        slots, shadow = self._slots, self._shadow
        if slots is None or shadow is None or not slots.shadowing or slots.pending is not None:
            return
        other = 1 - judging.slot
        policy = self._of_slot(slots, other, judging.policy)
        if policy is not None:
            shadow.ask_or_hear(self.clients[other], policy, now_ns)

    def _tell_strange(self, client: EngineClient) -> None:
        """Once for each engine process: its scores are not those that the limits are for."""
        if client.requests.strange and self._told != client.host.epoch:
            self._told = client.host.epoch
            log.warning(
                "an engine scores that the limits in force are not for: not trusted; its file was "
                "exchanged while the station ran: start the station anew"
            )

    def _with_its_limits(self, judging: Judging, slots: LineSlots) -> Judging:
        """The engine that judges has begun anew: its limits come with it."""
        host = self.clients[judging.slot].host
        # the same load in another process is another engine until it has said its limits again
        seen = (slots.places[judging.slot].load, host.epoch)
        if seen == self._taken or not host.ready:
            return judging
        policy = self._of_slot(slots, judging.slot, judging.policy)
        if policy is None:
            return judging
        self._taken = seen
        return judging._replace(policy=policy)

    def _of_slot(self, slots: LineSlots, number: int, policy: Policy) -> Policy | None:
        """The policy with the limits of what a slot holds; None while it holds nothing whole.

        From then on its client believes scores of these engines alone.
        """
        place = slots.places[number]
        if place.phase is not Phase.READY:
            return None
        found = [place.limits(view) for view in range(len(policy.limits))]
        if not all(map(_sound, found, policy.limits, self._of_files)):
            return None
        pairs = zip(found, self._of_files, strict=True)
        ids = [its.engine_id if its else known for its, known in pairs]
        self.clients[number].requests.expect(ids)
        limits = zip(found, policy.limits, strict=True)
        return policy._replace(limits=tuple(_limits(its) if its else old for its, old in limits))

    def _roll_back(self, judging: Judging, slots: LineSlots) -> Judging:
        back = self._switched(judging, slots, 1 - judging.slot)
        if back is None:  # tried again before the next part, while parts are watched
            return judging
        slots.probation_left = 0
        slots.roll_back(Reason.ENGINE_SILENT)
        names = "AB"[judging.slot], "AB"[back.slot]
        log.error("engine %s missed its deadline: engine %s judges again", *names)
        return back

    def _obey(self, judging: Judging, slots: LineSlots, order: Order, trial: Trial) -> Judging:
        if order.number != self._order:
            self._order, self._until_ns = order.number, trial.now_ns + PATIENCE_NS
            if self._shadow is not None:
                self._shadow.drop()
        if order.place == judging.slot:
            slots.reply(Answer.SAME)
            return judging
        back = order.kind is OrderKind.BACK  # at once: that engine has judged here before
        if back or self._scores_in_time(judging.policy, slots, order.place, trial):
            found = self._switched(judging, slots, order.place)
            slots.probation_left = 0 if back or found is None else slots.probation_parts
            slots.reply(Answer.NOT_READY if found is None else Answer.DONE)
            return found or judging
        if trial.now_ns > self._until_ns:
            slots.reply(Answer.NOT_READY)
        return judging

    def _scores_in_time(self, policy: Policy, slots: LineSlots, number: int, trial: Trial) -> bool:
        """Whether the engine there has scored the last frames in time; asks it, never waits."""
        if self._of_slot(slots, number, policy) is None:
            return False
        between = self.clients[number].between
        return between.try_out(trial.captures, trial.now_ns, trial.budget_ns)

    def _switched(self, judging: Judging, slots: LineSlots, number: int) -> Judging | None:
        """Judged by that slot; None if that cannot be, and all stays as it was."""
        start_ns = time.monotonic_ns()
        policy = self._of_slot(slots, number, judging.policy)
        host = self.clients[number].host
        if policy is None or not host.ready:
            return None
        self._misses = 0
        self._taken = (slots.places[number].load, host.epoch)
        now_ns = time.monotonic_ns()
        slots.switch(number, now_ns - start_ns, now_ns)  # told before the next part can come
        return judging._replace(policy=policy, slot=number)


def _sound(its: PlaceLimits | None, own: Limits | None, of_file: int | None) -> bool:
    """Whether these can be the limits of a view; nan is below nothing.

    A model file has its own, `of_file` says whose they are; a bundle must bring its own.
    """
    if its is None:
        return own is None or of_file is not None
    return math.isfinite(its.reject_above) and its.recheck_above <= its.reject_above


def _limits(its: PlaceLimits) -> Limits:
    return Limits(its.recheck_above, its.reject_above, its.engine_id)
