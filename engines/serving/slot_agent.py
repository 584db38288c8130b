"""The engine host's side of its place: what it shall hold, how hard it runs, what it says.

A station without `[engines]` has no places: its host judges always, and holds what its plan says.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import BackendError
from gonogo.base.realtime import climb, settle_threads, step_behind, step_forward
from gonogo.base.words import FaultBit
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.serving.bounds import bounded, resident_kb
from gonogo.ipc.engine_slot import MESSAGE_BYTES, Phase
from gonogo.ipc.engine_slots import EngineSlots

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.serving.hostplan import HostPlan
    from gonogo.ipc.engine_slot import EngineSlot, PlaceLimits

log = logging.getLogger(__name__)

_OOM = Path("/proc/self/oom_score_adj")
OOM_IDLE = "500"  # one that does not judge is the first to go when memory is short
_LOADING = (Phase.VERIFYING, Phase.LOADING, Phase.TESTING)


class SlotAgent:
    """A host and its place, if the station has places."""

    def __init__(self, plan: HostPlan) -> None:
        self._plan = plan
        self._section = plan.engines
        self._slots = EngineSlots.attach(plan.station) if plan.engines is not None else None
        self.load = 0 if self._place is None else self._place.load
        self._oom = _OOM.read_text(encoding="ascii")
        self._low = self._high = False

    @property
    def _place(self) -> EngineSlot | None:
        return None if self._slots is None else self._slots.places[self._plan.place]

    # -- what is wanted ----------------------------------------------------------------

    @property
    def judges(self) -> bool:
        """Whether parts are judged by this place."""
        return self._slots is None or self._slots.active == self._plan.place

    @property
    def changed(self) -> bool:
        """Whether something else was ordered than what this host acts on."""
        return self._place is not None and self._place.load != self.load

    def begin(self) -> bool:
        """Take the order; whether there is something to be loaded.

        An order that was refused stays refused, and one that a host died of is: only a
        place that judges tries again.
        """
        place = self._place
        if place is None:
            return True
        if not self.judges:
            if place.phase in _LOADING:
                error = BackendError(f"the engine process died while it was {place.phase.name}")
                self.refuse(str(error), error.code)
            if place.phase is Phase.REFUSED:
                return False
        place.begin(self.load)
        return place.ordered is not None

    @property
    def bundles(self) -> Mapping[str, Path]:
        """The file of each bundle that was ordered."""
        order = None if self._place is None else self._place.ordered
        return {} if order is None else order.bundles

    @property
    def policy(self) -> Policy | None:
        """What this station takes now; None where it takes no bundles."""
        return None if self._section is None else policy_of(self._section)

    def bounds(self) -> AbstractContextManager[None]:
        """The limit of memory while loading; one that judges has none."""
        if self._section is None or self.judges:
            return contextlib.nullcontext()
        return bounded(self._section.memory_mb)

    # -- what is said ------------------------------------------------------------------

    def say(self, phase: Phase) -> None:
        """How far the host is."""
        if self._place is not None:
            self._place.say(phase)

    def refuse(self, message: str, number: int) -> None:
        """Why the place cannot hold what was ordered."""
        if self._place is not None:
            short = message.encode()[:MESSAGE_BYTES].decode(errors="ignore")
            self._place.refuse(short, number)

    def show(
        self, limits: Mapping[int, PlaceLimits | None], load_ms: int, *, unsigned: bool
    ) -> None:
        """What the place holds now, and what that took."""
        if self._place is None:
            return
        for view, its in limits.items():
            if its is not None:
                self._place.show_limits(view, its)
        self._place.show_cost(resident_kb(), load_ms, unsigned=unsigned)

    @property
    def warning(self) -> int:
        """What the PLC is warned of: engines that nobody signed are served, or may be."""
        section, place = self._section, self._place
        if section is None or place is None:
            return 0
        unsigned = section.allow_unsigned or (self.judges and place.unsigned)
        return FaultBit.CONFIG if unsigned else 0

    # -- how hard it runs --------------------------------------------------------------

    def follow(self) -> None:
        """Run in real time while the place judges or is raised, else behind everybody."""
        place = self._place
        if not (self.judges or (place is not None and place.raised)):
            self._lower()
        elif not self._high:
            self._rise()
            threads = max((view.threads for view in self._plan.views), default=1)
            # where that is permitted: FIFO, below the line
            climb(self._plan.realtime, below=1, computes_on=threads)
            settle_threads(self._plan.realtime, below=1)  # the backend's, that share its work
            self._high = True
            if place is not None:
                place.realtime = True

    def place_at_start(self) -> None:
        """Before anything is loaded: not yet in real time, and behind everybody if it may wait."""
        if self._place is not None:
            self._place.realtime = False
            if not (self.judges or self._place.raised):
                self._lower()

    def leave(self) -> None:
        """Before unloading, so that freed memory disturbs nobody."""
        if self._place is None:
            return
        if self.judges:  # the line waits for the one that comes after us
            self._place.realtime = False
            step_forward()
        else:
            self._lower()

    def _lower(self) -> None:
        if self._place is None or self._low:
            return
        self._place.realtime = self._high = False
        self._low = True
        if step_behind():
            self._set_oom(OOM_IDLE)
        else:
            step_forward()

    def _rise(self) -> None:
        if self._low:
            step_forward()
            self._set_oom(self._oom)
        self._low = False

    @staticmethod
    def _set_oom(value: str) -> None:
        with contextlib.suppress(OSError):
            _OOM.write_text(value, encoding="ascii")
