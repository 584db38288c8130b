"""Whose scores are believed, slot by slot: only of the engine that the limits in force are for.

Of a model file the station file says whose limits it has; of a bundle the slot itself says it,
once its host has loaded it. Until that is known, nobody in the slot is believed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.scores import ScoreLimits
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.ipc.engine_slot import PlaceLimits, SlotView
    from gonogo.ipc.engine_slots import SlotsView
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient
    from gonogo.runtime.judging import Judging

log = get_logger(__name__)

_NOBODY = -1  # an engine id that no engine has


class EngineTrust:
    """`clients`: one a slot; without `slots` there is one, for ever, and no bundle."""

    def __init__(self, clients: Sequence[EngineClient], slots: SlotsView | None) -> None:
        self._clients = clients
        self._places: Sequence[SlotView] = () if slots is None else slots.places
        self._taken: tuple[int, int] | None = None  # load and epoch of whose limits are in force
        # a client each: strange scores at the last look, and of which epoch they were told
        self._strange, self._told = [0] * len(clients), [0] * len(clients)
        self._of_files: tuple[int | None, ...] = (None,) * clients[0].views
        for number in range(len(self._places)):
            self._believe_nobody(number)

    def _believe_nobody(self, number: int) -> None:
        client = self._clients[number]
        client.requests.expect([_NOBODY] * client.views)

    def believe(self, policy: Policy) -> None:
        """Whose scores are to be trusted from now on: of a bundle, the slot itself says it."""
        self._of_files = policy.engine_ids
        if not self._places:
            self._clients[0].requests.expect(self._of_files)
        self._taken = None  # another recipe: the engine's limits are to be taken anew

    def adopt(self, judging: Judging) -> Judging:
        """Another recipe: no part meets new engines and the limits of old ones."""
        if not self._places:
            return judging
        self._believe_nobody(judging.slot)  # unless its limits can be had now
        return self.renewed(judging)

    def renewed(self, judging: Judging) -> Judging:
        """Where there are slots: the engine that judges may have begun anew, with its limits."""
        if not self._clients[judging.slot].host.ready:
            return judging
        if self._engine_in(judging.slot) == self._taken:
            return judging
        policy = self.take(judging.slot, judging.policy)
        return judging if policy is None else judging._replace(policy=policy)

    def take(self, number: int, policy: Policy) -> Policy | None:
        """As `policy_of`: from now on the limits of that slot are those in force."""
        engine = self._engine_in(number)
        found = self.policy_of(number, policy)
        if found is not None:
            # as it was before its limits were read: of one that has begun since they are not known
            self._taken = engine
        return found

    def _engine_in(self, number: int) -> tuple[int, int]:
        """The same load in another process is another engine until it has said its limits again."""
        return self._places[number].load, self._clients[number].host.epoch

    def policy_of(self, number: int, policy: Policy) -> Policy | None:
        """The policy with the limits of what a slot holds; None while it holds nothing whole.

        From then on its client believes scores of these engines alone.
        """
        place = self._places[number]
        if place.phase is not Phase.READY:
            return None
        found = map(place.limits, range(len(policy.limits)))
        views = list(zip(found, policy.limits, self._of_files, strict=True))
        if not all(_sound(its, own, of_file) for its, own, of_file in views):
            return None
        ids = [its.engine_id if its else of_file for its, _, of_file in views]
        self._clients[number].requests.expect(ids)
        return policy._replace(limits=tuple(_limits(its) if its else own for its, own, _ in views))

    def tell_strange(self, number: int) -> None:
        """Once for each engine process: its scores are not those that the limits are for."""
        client, before = self._clients[number], self._strange[number]
        self._strange[number] = client.requests.strange
        # more than before: those of a former process say nothing of this one
        if client.requests.strange > before and self._told[number] != client.host.epoch:
            self._told[number] = client.host.epoch
            log.warning(
                "engine_exchanged_while_running",
                text=(
                    "an engine scores that the limits in force are not for: not trusted; its "
                    "file was exchanged while the station ran: start the station anew"
                ),
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
