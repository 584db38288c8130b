"""Who comes is entered, and what becomes of it: serial numbers and the rows of the journal.

A part that is begun is in the journal and the heartbeat before anything is done about it, so that
whoever takes over for a line that died neither gives its serial again nor forgets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import TriggerEvent, not_inspected
from gonogo.ipc.journal_records import StageTimes
from gonogo.plc.handshake.state import NOT_TAKEN

if TYPE_CHECKING:
    from gonogo.base.words import Part, Reason, Verdict
    from gonogo.ipc.journal_records import DeliveryEntry
    from gonogo.runtime.budget import Budget
    from gonogo.runtime.stages import Stages


class PartBook:
    """Written by the line alone; `serial` is that of the last part begun."""

    def __init__(self, stages: Stages, budget: Budget) -> None:
        self._journal = stages.journal
        self._heartbeat = stages.heartbeat
        self._plc = stages.plc
        self._master_part = stages.master_part
        self._clock = stages.clock
        self._budget = budget
        # the line before us may have died between writing one and the other
        shown, _ = stages.heartbeat.take_over()
        self.serial = max(shown, stages.journal.take_over())

    def catch_up(self) -> None:
        """Parts that the link refused while nobody was there to enter them."""
        for event in self._journal.refusals.open():
            self._enter(event)

    def begin(self, event: TriggerEvent) -> Part:
        """A part with its deadlines, in hand from now on."""
        self.serial += 1
        self._master_part.meet(event)  # before its row, which says what is known of it
        part = self._budget.part(event, self.serial)
        self._journal.begin(part)  # first: who takes over finds the part here even if we end now
        self._heartbeat.begin(part.serial, part.part_id)
        return part

    def refuse(self, part: Part, reason: Reason) -> Verdict:
        """A part that is not inspected at all is still reported and recorded."""
        verdict = not_inspected(reason)
        self._plc.report(part, verdict)  # before the row, as in the cycle: the PLC is waiting
        self._record_refused(part, verdict)
        return verdict

    def hear(self) -> None:
        """What became of verdicts since the last time."""
        for delivery in self._plc.deliveries():
            self._deliver(delivery)

    def _deliver(self, delivery: DeliveryEntry) -> None:
        if delivery.serial == NOT_TAKEN:  # the link refused this part itself: we were busy
            told = TriggerEvent(delivery.part_id, delivery.published_ns, delivery.reason)
            event = self._journal.refusals.find(delivery.part_id) or told
            delivery = delivery._replace(serial=self._enter(event))
        self._journal.deliver(delivery)
        self._budget.published(delivery.serial, delivery.published_ns)

    def _enter(self, event: TriggerEvent) -> int:
        """A part that the link refused gets its row; its serial."""
        part = self.begin(event)
        self._record_refused(part, not_inspected(event.reject))
        self._journal.refusals.settle(event)
        return part.serial

    def _record_refused(self, part: Part, verdict: Verdict) -> None:
        now_ns = self._clock.monotonic_ns()
        self._master_part.told(verdict)
        self._journal.append(part, verdict, StageTimes(0, 0, 0, now_ns, now_ns), (), (), ())
        self._master_part.conclude(part)
