"""What a station knows of its ejector beyond what it has told it; where that ends, and why.

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
from gonogo.plc.link.chute import Chute, Stray
from gonogo.plc.link.readback import SLIP_NS, Amiss, Follower
from gonogo.plc.transports.senses import SensesSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.link.chute import Found
    from gonogo.plc.reject_tracker import Passage
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.senses import ConfirmSection, FeedbackSection, Sensed

SLIPS = 2  # what has followed may fall back so often in 10 s: a hand at another master
_PARTS_TOLD = 8
_STATE = {False: "off", True: "on"}


def proof_of(section: TransportSection) -> Proof | None:
    """For a `[plc]` that can read anything of an ejector, else None."""
    if not isinstance(section, SensesSection):
        return None
    read_at = getattr(section, "read_at", section.readback_address)
    return Proof(section, section.place, read_at) if section.senses or read_at is not None else None


class Proof:
    """`place` is where the module is, for people; `read_at`: None where no output is read."""

    def __init__(self, section: SensesSection, place: str, read_at: int | None) -> None:
        self._place = place
        self._read_at = "" if read_at is None else f"FC{section.readback_fc} at {read_at}"
        self._readback_ms = section.readback_ms
        self._output = Follower(round(section.readback_ms * NS_PER_MS), SLIPS)
        self._feedback, self._confirm = section.feedback, section.confirm
        feedback_ms = section.feedback.within_ms if section.feedback is not None else 0.0
        self._mover = Follower(round(feedback_ms * NS_PER_MS))
        self._chute: Chute | None = None
        if section.confirm is not None:
            within_ns = round(section.confirm.within_ms * NS_PER_MS)
            self._chute = Chute(within_ns, section.confirm.misses)
        self._connection = 0
        self._tripped = False
        self._skipped: list[int] = []  # rejected ones that went by while we were busy
        self._parts: deque[int] = deque(maxlen=_PARTS_TOLD)  # since the output last agreed

    @property
    def agrees(self) -> bool:
        """Whether all that was read last is as it was told."""
        switches = not self._read_at or self._output.agrees
        moves = self._feedback is None or self._mover.agrees
        return switches and moves and not self._tripped

    def needs(self, *, on: bool) -> bool:
        """Whether the output must be read while it is so, even if that delays the next edge."""
        return bool(self._read_at) and self._output.unproven(on=on)

    def forget(self, now_ns: int) -> None:
        """A new connection, or a fault that was cleared: everything is proven anew."""
        self._output.forget()
        self._mover.forget()
        self._parts.clear()
        self._skipped.clear()
        if self._chute is not None:
            self._chute.forget(now_ns)

    def belt(
        self, passages: Sequence[Passage], now_ns: int, *, blind: bool, ejects: bool = True
    ) -> None:
        """Parts that came to the nozzle or left it; `blind`: what is there is unknown.

        `ejects`: the coil was telling to eject until now.
        """
        chute = self._chute
        if not ejects:
            here = {p.part_id for p in passages if not p.left and not p.passes}
            self._skipped += [p.part_id for p in passages if p.left and p.part_id in here]
        if blind and chute is not None:
            chute.forget(now_ns)
        for passage in passages:
            if not passage.left:
                self._parts.append(passage.part_id)
            if chute is not None and passage.left:
                chute.left(passage.part_id, now_ns)
            elif chute is not None:
                chute.arrived(passage.part_id, rejected=not passage.passes)

    def look(self, sensed: Sensed) -> str:
        """What is wrong now, for the log; '' where nothing is."""
        if sensed.connection != self._connection:
            self._connection = sensed.connection
            self.forget(sensed.at_ns)
        if sensed.tripped is not None:
            self._tripped = sensed.tripped
        if self._read_at:  # nothing is told to whom nobody asks
            self._output.tell(sensed.told_ns, on=sensed.told)
        if self._feedback is not None:
            self._mover.tell(sensed.told_ns, on=sensed.told)
        said = self._late() or self._module(sensed) or self._ejector(sensed) or self._reject(sensed)
        if self.agrees and not (self._output.doubts or self._mover.doubts):
            self._parts.clear()
        return str(EjectorFault(f"{said}; permit off")) if said else ""

    def _late(self) -> str:
        """The coil was never told to eject a part: the link waited for a reply all the while."""
        skipped, self._skipped = self._skipped, []
        if not skipped:
            return ""
        return (
            f"the module does not switch: {self._place}: it answered too slowly to be told in "
            f"time; not ejected: {', '.join(map(str, skipped))}; see `gonogo plc probe`"
        )

    def _module(self, sensed: Sensed) -> str:
        amiss = None
        if sensed.output is not None:
            amiss = self._output.look(sensed.sent_ns, read=sensed.output)
        if self._tripped:
            return f"the module does not switch: {self._place}: its watchdog stands tripped"
        return self._dead(amiss, sensed) if amiss is not None else ""

    def _dead(self, amiss: Amiss, sensed: Sensed) -> str:
        return (
            f"the module does not switch: {self._place}: {self._output_words(amiss, sensed)} "
            f"({self._read_at}){self._who()}; its watchdog may have put it into a safe state, the "
            "output may be dead, or outputs are read elsewhere (plc.readback_address)"
        )

    def _output_words(self, amiss: Amiss, sensed: Sensed) -> str:
        state, ms = _STATE[sensed.told], self._output.stood_ms(sensed.sent_ns)
        if amiss is Amiss.STANDS:
            limit = f"plc.readback_ms: {self._readback_ms:g} ms"
            return f"its output was told {state} and has read otherwise for {ms:.0f} ms, {limit}"
        if amiss is Amiss.MISSED:
            return "its output was told on and off again and never read as it was told"
        return (
            f"its output did not stay as it was told, {SLIPS + 1} times in {SLIP_NS / 1e9:.0f} s: "
            "another master writes it, or its watchdog is shorter than our refresh"
        )

    def _ejector(self, sensed: Sensed) -> str:
        section = self._feedback
        if section is None or sensed.feedback is None:
            return ""
        amiss = self._mover.look(sensed.sent_ns, read=sensed.feedback)
        if amiss is None:
            return ""
        if self._output.differs:  # then it cannot move
            return self._dead(Amiss.STANDS, sensed)
        return self._stuck(section, sensed, amiss)

    def _stuck(self, section: FeedbackSection, sensed: Sensed, amiss: Amiss) -> str:
        how = f"its feedback (FC{section.fc} at {section.address}) "
        if amiss is Amiss.STANDS:
            stood_ms = self._mover.stood_ms(sensed.sent_ns)
            how += f"has not followed the coil, which is {_STATE[sensed.told]}, for {stood_ms:.0f} "
            how += f"ms (plc.feedback.within_ms: {section.within_ms:g} ms)"
        else:
            how += "never showed what the coil was told"
        return (
            f"the ejector does not move: {how}{self._who()}; look at air, valve, wiring and the "
            "sensor itself"
        )

    def _reject(self, sensed: Sensed) -> str:
        section = self._confirm
        if self._chute is None or section is None or sensed.covered is None:
            return ""
        found = self._chute.look(sensed.sent_ns, sensed.at_ns, covered=sensed.covered)
        return _unconfirmed(section, found) if found is not None else ""

    def _who(self) -> str:
        """Which parts came to the nozzle meanwhile."""
        if not self._parts:
            return ""
        return f"; parts at the nozzle meanwhile: {', '.join(map(str, self._parts))}"


def _unconfirmed(section: ConfirmSection, found: Found) -> str:
    eye = f"the eye in the chute (FC{section.fc} at {section.address})"
    if found.stray is Stray.EXTRA:
        return (
            f"the reject was not confirmed: {eye} saw a part that was not to be ejected: one that "
            "was may have passed in its place; look at eject.distance_mm, window_mm and lead_ms"
        )
    return (
        f"the reject was not confirmed: {eye} did not see part {found.part_id} within "
        f"{section.within_ms:g} ms after the ejector's window; the part may have passed"
    )
