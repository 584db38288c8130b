"""The second thread of the line, and the only one that touches the transport.

    wait -> verdicts of the line -> advance -> exchange -> advance -> wait

The first failure after a good exchange is followed by a new connection at once, further
ones after 0.2 to 2 s; either way the PLC is resynchronised, and verdicts that could not be
delivered are reported as such and never sent later.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import GpioError, LinkError, PortInUse
from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.handshake.handshake import advance, render
from gonogo.plc.handshake.part_ids import IdWatch
from gonogo.plc.handshake.state import Closing, Connected, Faulted, Lost, Polled, Tick
from gonogo.plc.link.events import refused, reported, say
from gonogo.plc.link.lookout import Lookout
from gonogo.plc.link.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import TriggerEvent
    from gonogo.ipc.link_table import LinkTable
    from gonogo.plc.handshake.state import Event
    from gonogo.plc.link.backoff import Backoff
    from gonogo.plc.link.ejector_coil import EjectorCoil
    from gonogo.plc.link.events import TriggerMailbox
    from gonogo.plc.link.fault_injection import HiddenPart
    from gonogo.plc.link.forced import ForcedOutputs
    from gonogo.plc.link.handover import Handover
    from gonogo.plc.transports.transport import ProcessImage, Transport

IDLE_GRACE_NS = 200 * NS_PER_MS  # an idle loop beats at least this often
PAUSE_TURN_S = 0.05  # while disconnected, verdicts wait at most this long for their delivery


class Gear(NamedTuple):
    """What the link thread works with; the loop calls of it only what its classes allow.

    `trigger`: None where the station has its own photo-eye. `budget_ns`: trigger to verdict.
    `poll_s`: a wait at most. `forced`: outputs that are tried by hand. `clock_ns`: monotonic.
    `table`: what people are shown of the link.
    """

    transport: Transport
    coil: EjectorCoil
    hidden: HiddenPart
    backoff: Backoff
    trigger: TriggerMailbox | None
    budget_ns: int
    poll_s: float
    forced: ForcedOutputs
    clock_ns: Callable[[], int] = time.monotonic_ns
    table: LinkTable | None = None


class LinkThread:
    """`run` is the thread; it ends when `handover.stopping` is set, and not before."""

    def __init__(self, handover: Handover, gear: Gear) -> None:
        self._handover = handover
        self._gear = gear
        self._transport, self._coil = gear.transport, gear.coil
        self._clock_ns = gear.clock_ns
        self._lookout = Lookout(gear.transport, gear.clock_ns)
        self._ids = IdWatch()
        self._shown = Shown(gear.table)
        self._reason = ""  # why the link was last lost

    def run(self) -> None:
        """Connect, serve, and connect again, until the station is stopped."""
        while not self._handover.stopping:
            self._serve()
            self._pause()
        self._advance(Closing(self._clock_ns()))

    def _serve(self) -> None:
        """From connecting to the loss of the connection, or the end of the station."""
        try:
            self._transport.open()
            self._arrive()
            while not self._handover.stopping:
                self._cycle()
            # only after an orderly end: a link that broke has nobody to say it to
            self._farewell()
            reason = "the station was stopped"
        except (LinkError, PortInUse, GpioError) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - nothing may end this thread silently
            reason = f"unexpected {type(error).__name__}: {error}; please report this"
            self._advance(Faulted(self._clock_ns(), FaultBit.CONFIG | FaultBit.LINK))
        self._gear.backoff.failed()
        self._transport.close()
        self._advance(Lost(self._clock_ns(), reason))

    def _arrive(self) -> None:
        """Write nothing before it is known that nobody else lives where we write."""
        self._advance(Connected(self._clock_ns()))
        # before any exchange: nothing of ours is written yet, but for an objection
        self._advance(self._lookout.read_back(self._handover.state))
        while not (self._handover.stopping or self._handover.state.strangers.arrived):
            self._shown.turn(self._handover, self._reason, self._clock_ns())
            # verdicts meanwhile are told as not delivered
            self._transport.wait(self._gear.poll_s)
            self._collect()
            self._advance(self._lookout.read_back(self._handover.state))

    def _cycle(self) -> None:
        """One wait and its exchange; what follows from the PLC's words goes back at once."""
        handover = self._handover
        # as a wait begins: its lines in the log are not in a verdict's way
        self._ids.observe(handover.state)
        self._shown.turn(handover, self._reason, self._clock_ns())
        self._transport.wait(self._coil.wait_s(self._gear.poll_s))
        if handover.broken:
            # taken back first: the fault that was asked for is one
            handover.broken = False
            raise LinkError("broken off (a fault that was asked for)")
        # a verdict goes first: to look takes a request, and its reply
        if not handover.waiting and self._lookout.due(handover.state, self._clock_ns()):
            self._advance(self._lookout.read_back(handover.state))
        image = self._exchange()
        # words and bits are what the PLC is shown; the rest of an image is for the transport alone
        if handover.waiting or self._image()[:2] != image[:2]:
            self._exchange()

    def _exchange(self) -> ProcessImage:
        self._collect()
        image = self._image()
        inputs = self._transport.exchange(image)
        self._shown.exchanged(image, inputs)
        # asked with what stood before this reading: what the PLC clears now it sees in the next one
        for event in self._coil.polled(inputs, self._handover.state.latched):
            self._advance(event)
        self._advance(Polled(self._gear.hidden.hide(inputs, self._handover.state.peer.anchor)))
        if inputs.faults & ~self._handover.state.latched:
            self._advance(Faulted(inputs.at_ns, inputs.faults))
        # a PLC that only accepts connections is no reason to hurry
        if self._handover.state.peer.ok:
            self._gear.backoff.worked()
        return image

    def _image(self) -> ProcessImage:
        state, forced = self._handover.state, self._gear.forced
        return forced.show(self._coil.show(render(state)), self._clock_ns(), permit=state.permit)

    def _collect(self) -> None:
        """What the line said meanwhile; the time is taken as late as possible."""
        handover = self._handover
        handover.turns += 1
        # first, so that a verdict that comes while we drain wakes the wait that follows
        handover.hush()
        while (each := handover.next_verdict()) is not None:
            event = reported(*each, self._clock_ns())
            self._lookout.verdict()
            self._advance(event)
            # after the handshake, whose permit counts for the coil, too
            self._coil.judged(event, permit=handover.state.permit)
        now_ns = self._clock_ns()
        # a loop in the middle of a part beats only after it: it has its whole budget, and a grace
        alive = now_ns - handover.alive_ns < self._gear.budget_ns + IDLE_GRACE_NS
        seen = handover.next_seen()
        if seen is not None:
            self._lookout.part()
        condition = handover.condition
        if self._gear.forced.tried(now_ns):
            condition = condition._replace(tried=True)
        self._advance(Tick(now_ns, alive, condition, seen))

    def _pause(self) -> None:
        """Between two connections; verdicts meanwhile are told apart as not delivered."""
        handover = self._handover
        until_s = time.monotonic() + (0.0 if handover.stopping else self._gear.backoff.delay_s)
        while not handover.stopping and (left_s := until_s - time.monotonic()) > 0:
            self._shown.turn(handover, self._reason, self._clock_ns())
            # in short turns: the journal of the line waits for what became of its verdicts
            handover.wait(min(left_s, PAUSE_TURN_S))
            self._collect()
        self._collect()

    def _farewell(self) -> None:
        """Say stopped without permit; whoever polls us gets one more chance to read it."""
        self._advance(Closing(self._clock_ns()))
        # one that never wrote has no goodbye to write either: somebody else may live there
        if self._handover.state.strangers.arrived:
            self._exchange()
            self._transport.wait(self._gear.poll_s)

    def _advance(self, event: Event) -> None:
        """The next state, what became of verdicts, a line in the log, and the parts that follow."""
        was = self._handover.state
        self._handover.state = state = advance(was, event)
        self._handover.deliver(state.deliveries)
        reason = event.reason if isinstance(event, Lost) else self._reason
        if (state.state, state.permit, state.latched, reason) != (
            was.state, was.permit, was.latched, self._reason,
        ):  # fmt: skip
            # a PLC that is off for a week is one line, not one for each try
            self._reason = reason
            say(was, state, event)
        for pulse in state.pulses:
            self._coil.pulse(pulse)
            self._offer(pulse)

    def _offer(self, pulse: TriggerEvent) -> None:
        """Hand a part to the line; one that it cannot take is answered here and now."""
        trigger = self._gear.trigger
        if trigger is None or trigger.offer(pulse):
            self._lookout.part()
            return
        # from within _advance: a refused part brings no pulse, so it goes no deeper
        self._advance(refused(pulse, self._gear.budget_ns, self._clock_ns()))
