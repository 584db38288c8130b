"""The engine host's side of its slot: what it does, by what it sees and decides.

What it sees stands in gonogo.engines.serving.slot_sight, what it decides in slot_decisions
there, how hard it runs in host_rank there.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import BackendError
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.serving.bounds import bounded, measured, resident_kb
from gonogo.engines.serving.host_rank import HostRank
from gonogo.engines.serving.slot_decisions import (
    FirstStep,
    first_step,
    rank_to_load,
    rank_to_serve,
    rank_to_unload,
    warning_of,
)
from gonogo.engines.serving.slot_sight import SlotSight
from gonogo.ipc.engine_slot import MESSAGE_BYTES, Phase
from gonogo.ipc.engine_slots import HostSlots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.serving.hostplan import HostPlan
    from gonogo.engines.serving.shared_kernel import SharedKernel
    from gonogo.ipc.engine_slot import PlaceLimits


class SlotAgent:
    """A host's hand in its slot, if the station has slots; `sight` is what it sees of it.

    `kernel`: how the process runs; given where it has another place as well, which may judge.
    """

    def __init__(self, plan: HostPlan, kernel: SharedKernel | None = None) -> None:
        self._section = plan.engines
        slots = HostSlots.attach(plan.station) if plan.engines is not None else None
        self._slot = None if slots is None else slots.places[plan.place]
        self.sight = SlotSight(slots, plan.place)
        self._rank = HostRank(plan.realtime, 1, self._slot, kernel)
        self._bound = bounded if kernel is None else measured

    @property
    def policy(self) -> Policy | None:
        """What this station takes now; None where it takes no bundles."""
        return None if self._section is None else policy_of(self._section)

    @property
    def warning(self) -> int:
        """What the PLC is warned of."""
        if self._section is None:
            return 0
        return warning_of(
            allow_unsigned=self._section.allow_unsigned,
            judges=self.sight.judges,
            unsigned=self.sight.unsigned,
        )

    def computes_on(self, threads: int) -> None:
        """On how many threads what it holds computes: it keeps off so many cores less."""
        self._rank.threads = threads

    def begin(self, *, left_out: bool = False) -> bool:
        """Take the order; whether there is something to be loaded.

        `left_out`: the host before this one died of a backend that is left out from now on.
        """
        if self._slot is None:
            return True
        phase = self.sight.phase
        step = first_step(phase, judges=self.sight.judges, left_out=left_out)
        if step is FirstStep.REFUSE:
            error = BackendError(f"the engine process died while it was {phase.name}")
            self.refuse(str(error), error.code)
        if step is not FirstStep.LOAD:
            return False
        # from here on the loader takes what is said for this order, and no more for the one before
        self._slot.begin(self.sight.load)
        return self.sight.ordered

    def bounds(self, backends: Iterable[str]) -> AbstractContextManager[None]:
        """The limit of memory while loading in one of these; one that judges has none."""
        if self._section is None or self.sight.judges:
            return contextlib.nullcontext()
        return self._bound(self._section.memory_mb, backends)

    def say(self, phase: Phase) -> None:
        """How far the host is."""
        if self._slot is not None:
            self._slot.say(phase)

    def refuse(self, message: str, number: int) -> None:
        """Why the slot cannot hold what was ordered."""
        if self._slot is not None:
            # the slot has room for so many bytes: cut off there, and not within a letter
            short = message.encode()[:MESSAGE_BYTES].decode(errors="ignore")
            self._slot.refuse(short, number)

    def show(
        self, limits: Mapping[int, PlaceLimits | None], load_ms: int, *, unsigned: bool
    ) -> None:
        """What the slot holds now, and what that took."""
        if self._slot is None:
            return
        # before READY is said: the line reads limits of a place only once that place is ready
        for view, its in limits.items():
            if its is not None:
                self._slot.show_limits(view, its)
        self._slot.show_cost(resident_kb(), load_ms, unsigned=unsigned)

    def rank_to_load(self) -> None:
        """Before anything is loaded: not yet in real time, and behind everybody if it may wait."""
        self._rank.start(rank_to_load(judges=self.sight.judges, raised=self.sight.raised))

    def rank_to_serve(self) -> None:
        """Run in real time while the place judges or is raised, else behind everybody."""
        self._rank.take(rank_to_serve(judges=self.sight.judges, raised=self.sight.raised))

    def rank_to_unload(self) -> None:
        """Before unloading, so that freed memory disturbs nobody."""
        # one without a slot is alone: nobody waits for the memory, and the process ends
        if self._slot is not None:
            self._rank.take(rank_to_unload(judges=self.sight.judges))
