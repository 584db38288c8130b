"""The PLC link: the second thread of the line, and the only owner of the transport.

    thread    wait -> verdicts of the line -> advance -> exchange -> advance -> wait
    loop      report, deliveries, seen, alive: no lock, no wait, no I/O but one eventfd

The loop thread appends to a deque and writes an eventfd; the link thread does the
rest. The first failure after a good exchange is followed by a new connection at
once, further ones after 0.2 to 2 s; either way the PLC is resynchronised, and
verdicts that could not be delivered are reported as such and never sent later.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError, PortInUse
from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.handshake.handshake import advance, render
from gonogo.plc.handshake.part_ids import IdWatch
from gonogo.plc.handshake.state import (
    Closing,
    Condition,
    Connected,
    Faulted,
    Lost,
    Polled,
    Tick,
    first_state,
)
from gonogo.plc.link.backoff import Backoff
from gonogo.plc.link.ejector_coil import EjectorCoil
from gonogo.plc.link.events import random_id, refused, reported, say
from gonogo.plc.link.fault_injection import BlindSpot
from gonogo.plc.link.lookout import Lookout
from gonogo.plc.link.proof import proof_of
from gonogo.plc.link.reply_time import Timed
from gonogo.plc.link.view import LinkView
from gonogo.plc.transports.catalogue import make_transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import Part, TriggerEvent, Verdict
    from gonogo.plc.handshake.state import Delivery, Event
    from gonogo.plc.link.events import TriggerMailbox
    from gonogo.plc.reject_tracker import RejectTracker
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import ProcessImage, Transport

RESERVE_NS = 1 * NS_PER_MS  # an ACCEPT needs this long to reach the PLC
IDLE_GRACE_NS = 200 * NS_PER_MS  # an idle loop beats at least this often
_QUEUE = 256  # parts; some minutes of a link that hangs
_DELIVERIES = 1024  # parts; a loop that never asks loses the oldest, not memory
_PAUSE_TURN_S = 0.05  # while disconnected, verdicts wait at most this long for their delivery
_JOIN_S = 5.0


class PlcLink(LinkView):
    """The link of one station to its PLC.

    `trigger` is the mailbox of a station whose PLC names the parts, or None where
    the station has its own photo-eye. `budget_ns` is trigger to verdict.
    `condition` is a plain attribute: the loop assigns a new Condition when
    something changes. `box` is the identity of the station on this box, 0 makes one.
    `ejector`: the station drives one itself. `transport` is for tests: makes one from the wake fd.
    """

    def __init__(
        self,
        section: TransportSection,
        trigger: TriggerMailbox | None,
        budget_ns: int,
        *,
        box: int = 0,
        ejector: RejectTracker | None = None,
        transport: Callable[[int], Transport] | None = None,
    ) -> None:
        self.condition = Condition()
        self._trigger = trigger
        self._budget_ns = budget_ns
        self._poll_s = section.poll_ms / 1000
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        wire = transport(self._wake_fd) if transport else make_transport(section, self._wake_fd)
        self._transport = Timed(wire, section)
        self._lookout = Lookout(self._transport)
        self._state = first_state(
            random_id(),
            plc_triggers=trigger is not None,
            reserve_ns=RESERVE_NS,
            box=box or random_id(),
        )
        self._results: deque[tuple[Part, Verdict]] = deque(maxlen=_QUEUE)
        self._deliveries: deque[Delivery] = deque(maxlen=_DELIVERIES)
        self._seen: int | None = None
        self._alive_ns = 0
        self._backoff = Backoff()
        self._reason = ""  # why the link was last lost
        self._stopping = False
        self._broken = False
        self._blind = BlindSpot()
        self._ids = IdWatch()
        self._coil = EjectorCoil(ejector, RESERVE_NS, proof_of(section))
        self._thread = threading.Thread(target=self._run, name="plc-link", daemon=True)

    # -- the loop's side ---------------------------------------------------------------

    def start(self) -> None:
        """Start the link thread; it connects, and reconnects, on its own."""
        self._thread.start()

    def report(self, part: Part, verdict: Verdict) -> None:
        """Hand a verdict over; returns at once. Its delivery appears in `deliveries` later.

        The link comes first now: on a core that both threads share it would have to wait
        until the loop has written its journal and all else that is due after a part.
        """
        self._results.append((part, verdict))
        self._wake()
        os.sched_yield()

    def deliveries(self) -> list[Delivery]:
        """What became of verdicts since the last call, oldest first."""
        return [self._deliveries.popleft() for _ in range(len(self._deliveries))]

    def seen(self, part_id: int, at_ns: int) -> None:
        """Tell the PLC the last part of the station's own photo-eye (D15), with the next poll.

        At once would be in the middle of the frame: both threads share one interpreter.
        """
        self._seen = part_id
        self._coil.seen(part_id, at_ns)

    def alive(self, now_ns: int) -> None:
        """The loop's heartbeat: after each cycle, and at least each 200 ms while it idles."""
        self._alive_ns = now_ns

    def break_off(self) -> None:
        """Lose the connection (a fault that was asked for)."""
        self._broken = True
        self._wake()

    def miss_one(self) -> None:
        """Do not see the next part that the PLC names (a fault that was asked for)."""
        self._blind.ask()

    def clear(self) -> None:
        """Somebody at the box has acknowledged: a fault of the ejector ends, if it works again."""
        self._coil.clear()

    def close(self) -> None:
        """Permit off, state stopped, FIN, thread joined; idempotent. LinkError if it hangs."""
        if self._wake_fd < 0:
            return
        self._stopping = True
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                raise LinkError(
                    f"the link thread did not end within {_JOIN_S:.0f} s; "
                    "the PLC rejects by itself once DEV_HEART stands still"
                )
        fd, self._wake_fd = self._wake_fd, -1
        os.close(fd)

    def _wake(self) -> None:
        if self._wake_fd >= 0:
            os.eventfd_write(self._wake_fd, 1)

    # -- the thread --------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            self._serve()
            self._pause()
        self._advance(Closing(time.monotonic_ns()))

    def _serve(self) -> None:
        """From connecting to the loss of the connection, or the end of the station."""
        try:
            self._transport.open()
            self._arrive()
            while not self._stopping:
                self._turn()
            self._farewell()
            reason = "the station was stopped"
        except (LinkError, PortInUse) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - nothing may end this thread silently
            reason = f"unexpected {type(error).__name__}: {error}; please report this"
            self._advance(Faulted(time.monotonic_ns(), FaultBit.CONFIG | FaultBit.LINK))
        self._backoff.failed()
        self._transport.close()
        self._advance(Lost(time.monotonic_ns(), reason))

    def _arrive(self) -> None:
        """Write nothing before it is known that nobody else lives where we write."""
        self._advance(Connected(time.monotonic_ns()))
        self._advance(self._lookout.look(self._state))
        while not (self._stopping or self._state.strangers.arrived):
            self._transport.wait(self._poll_s)
            self._collect()
            self._advance(self._lookout.look(self._state))

    def _turn(self) -> None:
        """One wait and its exchange; what follows from the PLC's words goes back at once."""
        self._ids.look(self._state)
        self._transport.wait(self._coil.wait_s(self._poll_s))
        if self._broken:
            self._broken = False
            raise LinkError("broken off (a fault that was asked for)")
        if not self._results and self._lookout.due(self._state, time.monotonic_ns()):
            self._advance(self._lookout.look(self._state))
        image = self._exchange()
        if self._results or self._image()[:2] != image[:2]:
            self._exchange()

    def _exchange(self) -> ProcessImage:
        self._collect()
        image = self._image()
        inputs = self._transport.exchange(image)
        for event in self._coil.polled(inputs, self._state.latched):
            self._advance(event)
        self._advance(Polled(self._blind.look(inputs, self._state.peer.anchor)))
        if inputs.faults & ~self._state.latched:
            self._advance(Faulted(inputs.at_ns, inputs.faults))
        if self._state.peer.ok:  # a PLC that only accepts connections is no reason to hurry
            self._backoff.worked()
        return image

    def _image(self) -> ProcessImage:
        return self._coil.show(render(self._state))

    def _collect(self) -> None:
        """What the line said meanwhile; the time is taken as late as possible."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake_fd)
        while self._results:
            part, verdict = self._results.popleft()
            event = reported(part, verdict, time.monotonic_ns())
            self._lookout.verdict()
            self._advance(event)
            self._coil.judged(event, permit=self._state.permit)
        now_ns = time.monotonic_ns()
        alive = now_ns - self._alive_ns < self._budget_ns + IDLE_GRACE_NS
        seen, self._seen = self._seen, None
        if seen is not None:
            self._lookout.part()
        self._advance(Tick(now_ns, alive, self.condition, seen))

    def _pause(self) -> None:
        """Between two connections; verdicts meanwhile are told apart as not delivered."""
        until = time.monotonic() + (0.0 if self._stopping else self._backoff.delay_s)
        while not self._stopping and (left_s := until - time.monotonic()) > 0:
            select.select((self._wake_fd,), (), (), min(left_s, _PAUSE_TURN_S))
            self._collect()
        self._collect()

    def _farewell(self) -> None:
        """Say stopped without permit; whoever polls us gets one more chance to read it."""
        self._advance(Closing(time.monotonic_ns()))
        if self._state.strangers.arrived:
            self._exchange()
            self._transport.wait(self._poll_s)

    def _advance(self, event: Event) -> None:
        was = self._state
        self._state = state = advance(was, event)
        self._deliveries.extend(state.deliveries)
        reason = event.reason if isinstance(event, Lost) else self._reason
        if (state.state, state.permit, state.latched, reason) != (
            was.state, was.permit, was.latched, self._reason,
        ):  # fmt: skip
            self._reason = reason
            say(was, state, event)
        for pulse in state.pulses:
            self._coil.pulse(pulse)
            self._offer(pulse)

    def _offer(self, pulse: TriggerEvent) -> None:
        """Hand a part to the line; one that it cannot take is answered here and now."""
        if self._trigger is None or self._trigger.offer(pulse):
            self._lookout.part()
            return
        self._advance(refused(pulse, self._budget_ns, time.monotonic_ns()))
