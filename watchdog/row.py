"""One row of the process table at work: its process, and its warm spare where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.watchdog.place import Place
from gonogo.watchdog.rowstate import RowEvent, RowState
from gonogo.watchdog.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.ipc.process_table import SupervisedRow
    from gonogo.watchdog.means import Means
    from gonogo.watchdog.plan import RowPlan
    from gonogo.watchdog.process import Process


class Row:
    """The places of a row: one that works, and with `spare` one that waits."""

    def __init__(
        self, plan: RowPlan, number: int, beats: Sequence[SupervisedRow], means: Means
    ) -> None:
        self.plan = plan
        self.name = plan.name
        self.places = [Place(plan, number + k, beat, means) for k, beat in enumerate(beats)]
        self.standing = Standing(self.places)
        self._begun = False  # its turn has come, in the order of the start

    def adopt(self) -> bool:
        """Take over what runs already."""
        # all of them, not only up to the first that is there
        adopted = [place.adopt() for place in self.places]
        for place in self.places:
            # started beside one that is up: its spare on the way, which waits to be called
            if place.state is RowState.STARTING and self.standing.up:
                place.standby = True
        self._begun = any(adopted)  # who waited for its turn may take it: parts may have come
        return any(adopted)

    def prepare(self) -> None:
        """Its turn will come: what has a spare can be made ready as one, and wait for it."""
        if self._begun or not self.standing.untouched:
            return
        if self.plan.early:
            self.start()
        elif self.plan.spare:
            self.places[0].prepare()

    def start(self) -> None:
        """Its turn has come; nothing where it has been started."""
        self._begun = True
        # the spare follows once this one is up
        if self.standing.untouched:
            self.places[0].apply(RowEvent.START)

    def descriptors(self) -> list[int]:
        """Pidfds to wait for."""
        processes = [place.occupant.process for place in self.places]
        return [found.pidfd for found in processes if found and found.pidfd >= 0]

    def supervise(self, now_ns: int) -> None:
        """See what happened, let the spare take over, keep a spare."""
        for place in self.places:
            others = [other for other in self.places if other is not place]
            if not place.running:  # what is started next is the spare of what runs
                place.standby = any(other.running for other in others)
            place.supervise(now_ns)
        # also one that is still coming up: two would do the same work
        working = [p for p in self.places if p.running and not p.standby]
        if not working:
            held = next((p for p in self.places if p.state is RowState.HELD), None)
            # a spare that is not up yet comes up as a spare, and is called then
            if held is not None and self._begun:
                held.apply(RowEvent.TURN)
        elif self.standing.up:
            for place in self.places:
                if place.state is RowState.OFF:
                    place.standby = True
                    place.apply(RowEvent.START)

    def reap(self) -> None:
        """Reap what has ended."""
        for place in self.places:
            place.occupant.reap()

    @property
    def working(self) -> Process | None:
        """The process that does the work at this moment."""
        working = [place for place in self.places if not place.standby]
        return next((p.occupant.process for p in working if p.occupant.process), None)

    def acknowledge(self) -> None:
        """Try again what was latched."""
        for place in self.places:
            place.beat.acknowledge()

    def retell(self, argument: str) -> None:
        """Its process ends in order, and another one begins that is told that."""
        self.plan = self.plan.model_copy(update={"argument": argument})
        # ended, it is one that was not started yet: its turn comes at the next look
        for place in self.places:
            place.retell(self.plan)

    def stop(self) -> None:
        """Stop in order: the spare first, so that it does not take over."""
        for place in sorted(self.places, key=lambda p: not p.standby):
            place.finish()
