"""The link's side of the station's own ejector: parts in, verdicts in, one coil out.

Without an ejector it lets everything through unchanged. Where anything of the ejector can be
read, a coil that does not do what it is told is a fault: no part that was accepted passes,
and nobody clears it before what is read agrees again.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS, FaultBit, VerdictKind
from gonogo.plc.handshake.state import Faulted
from gonogo.plc.register_map import unpack_plc

if TYPE_CHECKING:
    from gonogo.base.words import TriggerEvent
    from gonogo.plc.handshake.state import Reported
    from gonogo.plc.link.proof import Proof
    from gonogo.plc.reject_tracker import RejectTracker
    from gonogo.plc.transports.senses import Sensed
    from gonogo.plc.transports.transport import Inputs, ProcessImage

log = get_logger("gonogo.plc")

CLEAR_NS = 1000 * NS_PER_MS  # a module that was armed again may need a moment
_MOST_WAITING = 256
_EJECTOR = int(FaultBit.EJECTOR)


class EjectorCoil:
    """`seen` and `clear` are the loop's, everything else the link thread's."""

    def __init__(
        self, ejector: RejectTracker | None, reserve_ns: int = 0, proof: Proof | None = None
    ) -> None:
        self._ejector = ejector
        self._proof = proof
        self._on = False  # the coil, as shown last
        self._wrong = ""  # the fault that stands, in words
        self._latched = 0  # all faults that stand in the link
        self._asked = False  # to clear them
        self._clearing_ns = 0  # since when it is tried
        self._reserve_ns = reserve_ns  # what the handshake leaves for the wire: one decision
        self._encoder = 0
        self._seen: deque[tuple[int, int]] = deque(maxlen=_MOST_WAITING)

    def seen(self, part_id: int, at_ns: int) -> None:
        """The station's own photo-eye saw a part; id 0: it may have missed some until then."""
        if self._ejector is not None:
            self._seen.append((part_id, at_ns))

    def pulse(self, pulse: TriggerEvent) -> None:
        """The PLC named a part."""
        self.seen(pulse.part_id, pulse.at_ns)

    def clear(self) -> None:
        """Somebody at the box has acknowledged what stands."""
        self._asked = True

    def polled(self, inputs: Inputs, latched: int = 0) -> tuple[Faulted, ...]:
        """What the PLC said (the encoder stands in P110-P111), and was read of the ejector."""
        # each reading, also without a proof: parts are entered where the encoder stands now
        if self._ejector is not None and self._ejector.by_encoder:
            self._encoder = unpack_plc(inputs.words).encoder
        if self._proof is None or self._ejector is None or inputs.sensed is None:
            return ()
        self._latched = latched
        said = self._proof.judge(inputs.sensed)
        # what is read while a clearing is tried is not held against the module
        if self._clearing_ns:
            return self._cleared(self._proof, inputs.sensed, latched)
        if self._wrong and latched & _EJECTOR:
            return ()
        if self._wrong and self._proof.agrees:  # the PLC has cleared it
            self._wrong = ""
            self._proof.forget(inputs.at_ns)
            return ()
        return self._fault(self._ejector, said or self._wrong, inputs.at_ns)

    def _fault(self, ejector: RejectTracker, said: str, now_ns: int) -> tuple[Faulted, ...]:
        if not said:
            return ()
        self._wrong, self._latched = said, self._latched | _EJECTOR
        # no part that was accepted before the fault passes either
        ejector.condemn()
        log.error("ejector_fault", text="%(why)s", why=said)
        return (Faulted(now_ns, _EJECTOR),)

    def _cleared(self, proof: Proof, sensed: Sensed, latched: int) -> tuple[Faulted, ...]:
        """Only once what is read agrees, and within a second, or the fault stands."""
        # it has been armed again (ProcessImage.arm), and may need a moment to follow
        over = sensed.at_ns - self._clearing_ns >= CLEAR_NS
        if not proof.agrees and not over:
            return ()
        self._clearing_ns = 0
        if not proof.agrees:
            log.error(
                "ejector_still_wrong",
                text="acknowledged in vain, it still holds: %(why)s",
                why=self._wrong,
            )
            return ()
        log.warning(
            "ejector_acknowledged",
            text="acknowledged: %(what)s",
            what=self._wrong or f"faults 0x{latched:04x}",
        )
        self._wrong = ""
        # where no PLC can clear anything, the person at the box clears all; else the ejector's only
        return (Faulted(sensed.at_ns, 0, latched if sensed.alone else latched & _EJECTOR),)

    def judged(self, verdict: Reported, *, permit: bool) -> None:
        """A verdict; an ACCEPT needs the permit, and to be in time."""
        if self._ejector is not None:
            # the loop saw the part before it judged it: its entry is there by now, and goes first
            self._enter_all()
            # the very sum of the handshake: the coil must not pass what the record calls late
            in_time = verdict.now_ns + self._reserve_ns < verdict.deadline_ns
            accept = verdict.kind is VerdictKind.ACCEPT and in_time and permit
            self._ejector.judge(verdict.part_id, accept=accept)

    def _enter_all(self) -> None:
        if self._ejector is None:
            return
        while self._seen:
            part_id, at_ns = self._seen.popleft()
            at = self._encoder if self._ejector.by_encoder else at_ns
            if part_id:
                self._ejector.enter(part_id, at)
            else:  # in its turn: who comes after it is known again
                self._ejector.lose(at)

    def show(self, image: ProcessImage) -> ProcessImage:
        """The image with the coil of this moment as its last bit."""
        if self._ejector is None:
            return image
        self._enter_all()
        ejector, now_ns = self._ejector, time.monotonic_ns()
        on = ejector.follow(self._encoder if ejector.by_encoder else now_ns)
        # taken in any case, so that they do not pile up where nothing is proven
        passages, edge_ns = ejector.passages(), ejector.next_edge_ns or 0
        if self._proof is not None:
            # of the coil as shown last, not as it is to be: what went by did so under that
            ejects = ejector.ejects(on=self._on)
            self._proof.follow(passages, now_ns, unknown=ejector.unknown, ejects=ejects)
            self._begin_to_clear(self._proof, now_ns)
            if ejector.ejects(on=on) and self._proof.needs(on=on):
                edge_ns = -1  # read first: what is late then goes out
        self._on = on
        arm = self._clearing_ns > 0
        return image._replace(bits=(*image.bits, on), edge_ns=edge_ns, arm=arm)

    def _begin_to_clear(self, proof: Proof, now_ns: int) -> None:
        # the loop sets it, and we take it back: asked twice is cleared once
        asked, self._asked = self._asked, False
        if asked and self._latched:
            self._clearing_ns = now_ns
            proof.forget(now_ns)

    def wait_s(self, poll_s: float) -> float:
        """How long to wait at most, so that no edge of the coil is missed by a whole poll."""
        edge_ns = self._ejector.next_edge_ns if self._ejector is not None else None
        if edge_ns is None:
            return poll_s
        # an edge that is past is due at once
        return min(poll_s, max((edge_ns - time.monotonic_ns()) / 1e9, 0.0))
