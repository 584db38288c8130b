"""Whose scores are believed, slot by slot: only of the engine that the limits in force are for.

Of a model file the station file says whose limits it has; of a bundle the slot itself says it,
once its host has loaded it. Until that is known, nobody in the slot is believed.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from gonogo.base.scores import ScoreLimits
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.ipc.engine_slot import PlaceLimits
    from gonogo.ipc.engine_slots import SlotsView
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient
    from gonogo.runtime.judging import Judging

log = logging.getLogger(__name__)

_NOBODY = -1  # an engine id that no engine has


class EngineTrust:
    """`clients`: one a slot; without `slots` there is one, for ever, and no bundle."""

    def __init__(self, clients: Sequence[EngineClient], slots: SlotsView | None) -> None:
        self._clients = clients
        self._slots = slots
        self._taken = (-1, -1)  # load and epoch of the engine whose limits are in force
        self._told = -1  # of the epoch of an engine that is not expected
        self._of_files: tuple[int | None, ...] = (None,) * clients[0].views
        if slots is not None:
            for number in range(len(clients)):
                self._believe_nobody(number)

    def _believe_nobody(self, number: int) -> None:
        client = self._clients[number]
        client.requests.expect([_NOBODY] * client.views)

    def believe(self, policy: Policy) -> None:
        """Whose scores are to be trusted from now on: of a bundle, the slot itself says it."""
        self._of_files = policy.engine_ids
        if self._slots is None:
            self._clients[0].requests.expect(self._of_files)
        self._taken = (-1, -1)  # another recipe: the engine's limits are to be taken anew

    def adopt(self, judging: Judging) -> Judging:
        """Another recipe: no part meets new engines and the limits of old ones."""
        if self._slots is None:
            return judging
        self._believe_nobody(judging.slot)  # unless its limits can be had now
        return self.renewed(judging)

    def renewed(self, judging: Judging) -> Judging:
        """The engine that judges may have begun anew: its limits come with it."""
        if self._slots is None or not self._clients[judging.slot].host.ready:
            return judging
        if self._engine_in(self._slots, judging.slot) == self._taken:
            return judging
        policy = self.take(judging.slot, judging.policy)
        return judging if policy is None else judging._replace(policy=policy)

    def take(self, number: int, policy: Policy) -> Policy | None:
        """As `policy_of`: from now on the limits of that slot are those in force."""
        if self._slots is None:
            return None
        engine = self._engine_in(self._slots, number)
        found = self.policy_of(number, policy)
        if found is not None:
            # as it was before its limits were read: of one that has begun since they are not known
            self._taken = engine
        return found

    def _engine_in(self, slots: SlotsView, number: int) -> tuple[int, int]:
        """The same load in another process is another engine until it has said its limits again."""
        return slots.places[number].load, self._clients[number].host.epoch

    def policy_of(self, number: int, policy: Policy) -> Policy | None:
        """The policy with the limits of what a slot holds; None while it holds nothing whole.

        From then on its client believes scores of these engines alone.
        """
        place = None if self._slots is None else self._slots.places[number]
        if place is None or place.phase is not Phase.READY:
            return None
        found = [place.limits(view) for view in range(len(policy.limits))]
        if not all(map(_sound, found, policy.limits, self._of_files)):
            return None
        pairs = zip(found, self._of_files, strict=True)
        ids = [its.engine_id if its else known for its, known in pairs]
        self._clients[number].requests.expect(ids)
        limits = zip(found, policy.limits, strict=True)
        return policy._replace(limits=tuple(_limits(its) if its else old for its, old in limits))

    def tell_strange(self, number: int) -> None:
        """Once for each engine process: its scores are not those that the limits are for."""
        client = self._clients[number]
        if client.requests.strange and self._told != client.host.epoch:
            self._told = client.host.epoch
            log.warning(
                "an engine scores that the limits in force are not for: not trusted; its file was "
                "exchanged while the station ran: start the station anew"
            )


def _sound(its: PlaceLimits | None, own: ScoreLimits | None, of_file: int | None) -> bool:
    """Whether these can be the limits of a view; nan is below nothing.

    A model file has its own, `of_file` says whose they are; a bundle must bring its own.
    """
    if its is None:
        return own is None or of_file is not None
    return math.isfinite(its.reject_above) and its.recheck_above <= its.reject_above


def _limits(its: PlaceLimits) -> ScoreLimits:
    return ScoreLimits(its.recheck_above, its.reject_above, its.engine_id)
