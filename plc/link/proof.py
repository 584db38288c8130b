"""What a station knows of its ejector beyond what it has told it, and where that ends.

Three things can be wrong, each named as such: the module does not switch (its output reads
otherwise than it was told), the ejector does not move (its feedback does not follow the
coil), a reject was not confirmed (the eye in the chute did not see it, or saw a part that
was not to be ejected). All of it is called by the link thread.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.errors import EjectorFault
from gonogo.base.words import NS_PER_MS
from gonogo.plc.link import ejector_words
from gonogo.plc.link.chute import Chute
from gonogo.plc.link.ejector_words import Module, Told
from gonogo.plc.link.readback import SLIPS, Amiss, Follower
from gonogo.plc.transports.senses import SensesSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.reject_tracker import Passage
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.senses import Sensed

_PARTS_TOLD = 8


def proof_of(section: TransportSection) -> Proof | None:
    """For a `[plc]` that can read anything of an ejector, else None."""
    if not isinstance(section, SensesSection):
        return None
    return Proof(section) if section.senses else None


class Proof:
    """Of the ejector that a section can have read."""

    def __init__(self, section: SensesSection) -> None:
        self._module = Module(
            section.place,
            section.output_at,
            section.readback_ms,
            section.dead_hint,
            section.slips_hint,
        )
        self._output = Follower(round(section.readback_ms * NS_PER_MS), SLIPS)
        self._feedback, self._confirm = section.feedback, section.confirm
        feedback_ms = section.feedback.within_ms if section.feedback is not None else 0.0
        self._mover = Follower(round(feedback_ms * NS_PER_MS))
        self._chute: Chute | None = None
        if section.confirm is not None:
            within_ns = round(section.confirm.within_ms * NS_PER_MS)
            self._chute = Chute(within_ns, section.confirm.misses)
        # of the transport's own count; another one is a module that may have been restarted
        self._connection = 0
        self._tripped = False
        self._skipped: list[int] = []  # rejected ones that went by while we were busy
        self._parts: deque[int] = deque(maxlen=_PARTS_TOLD)  # since the output last agreed

    @property
    def agrees(self) -> bool:
        """Whether all that was read last is as it was told."""
        switches = not self._module.read_at or self._output.agrees
        moves = self._feedback is None or self._mover.agrees
        return switches and moves and not self._tripped

    def needs(self, *, on: bool) -> bool:
        """Whether the output must be read while it is so, even if that delays the next edge."""
        return bool(self._module.read_at) and self._output.unproven(on=on)

    def forget(self, now_ns: int) -> None:
        """A new connection, or a fault that was cleared: everything is proven anew."""
        self._output.forget()
        self._mover.forget()
        self._parts.clear()
        self._skipped.clear()
        if self._chute is not None:
            self._chute.forget(now_ns)

    def follow(
        self, passages: Sequence[Passage], now_ns: int, *, unknown: bool, ejects: bool = True
    ) -> None:
        """Parts that came to the nozzle or left it; `unknown`: nobody knows what is there.

        `ejects`: the coil was telling to eject until now.
        """
        chute = self._chute
        if not ejects:
            # came and left between two images: the coil was never told to eject it
            here = {p.part_id for p in passages if not p.left and not p.passes}
            self._skipped += [p.part_id for p in passages if p.left and p.part_id in here]
        if unknown and chute is not None:
            chute.forget(now_ns)
        for passage in passages:
            if not passage.left:
                self._parts.append(passage.part_id)
            if chute is not None and passage.left:
                chute.left(passage.part_id, now_ns)
            elif chute is not None:
                chute.arrived(passage.part_id, rejected=not passage.passes)

    def judge(self, sensed: Sensed) -> str:
        """What is wrong now, for the log; '' where nothing is."""
        # what it did before says nothing of it now, and pulses went by unread
        if sensed.connection != self._connection:
            self._connection = sensed.connection
            self.forget(sensed.at_ns)
        # not asked in each exchange: what it said last holds until it is
        if sensed.tripped is not None:
            self._tripped = sensed.tripped
        if self._module.read_at:  # nothing is told to whom nobody asks
            self._output.tell(sensed.told_ns, on=sensed.told)
        if self._feedback is not None:
            self._mover.tell(sensed.told_ns, on=sensed.told)
        # the cause first: an output that is dead explains an ejector that stands still
        said = (
            self._late() or self._switches(sensed) or self._moves(sensed) or self._confirms(sensed)
        )
        # whoever came while all was well is not named with a later fault
        if self.agrees and not (self._output.doubts or self._mover.doubts):
            self._parts.clear()
        return str(EjectorFault(f"{said}; permit off")) if said else ""

    def _late(self) -> str:
        skipped, self._skipped = self._skipped, []
        return ejector_words.answered_late(self._module, skipped) if skipped else ""

    def _switches(self, sensed: Sensed) -> str:
        amiss = None
        if sensed.output is not None:
            amiss = self._output.compare(sensed.sent_ns, read=sensed.output)
        if self._tripped:
            return ejector_words.tripped(self._module)
        return self._dead(amiss, sensed) if amiss is not None else ""

    def _dead(self, amiss: Amiss, sensed: Sensed) -> str:
        told = self._told(self._output, amiss, sensed)
        return ejector_words.does_not_switch(self._module, told)

    def _told(self, follower: Follower, amiss: Amiss, sensed: Sensed) -> Told:
        return Told(sensed.told, amiss, follower.stood_ms(sensed.sent_ns), self._parts)

    def _moves(self, sensed: Sensed) -> str:
        section = self._feedback
        if section is None or sensed.feedback is None:
            return ""
        amiss = self._mover.compare(sensed.sent_ns, read=sensed.feedback)
        if amiss is None:
            return ""
        if self._output.differs:  # then it cannot move
            return self._dead(Amiss.STANDS, sensed)
        return ejector_words.does_not_move(section, self._told(self._mover, amiss, sensed))

    def _confirms(self, sensed: Sensed) -> str:
        section = self._confirm
        if self._chute is None or section is None or sensed.covered is None:
            return ""
        found = self._chute.watch(sensed.sent_ns, sensed.at_ns, covered=sensed.covered)
        return ejector_words.unconfirmed(section, found) if found is not None else ""
