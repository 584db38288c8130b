"""The PLC link as the loop has it: no lock, no wait, no I/O but one eventfd.

    the loop: PlcLink  ──  Handover  ──  LinkThread: the link thread, which owns the transport

The loop hands over and goes on; what the PLC makes of it comes back later.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import LinkError
from gonogo.base.words import NS_PER_MS
from gonogo.plc.handshake.state import first_state
from gonogo.plc.link.backoff import Backoff
from gonogo.plc.link.ejector_coil import EjectorCoil
from gonogo.plc.link.events import random_id
from gonogo.plc.link.fault_injection import HiddenPart
from gonogo.plc.link.forced import ForcedOutputs
from gonogo.plc.link.handover import Handover
from gonogo.plc.link.link_thread import Gear, LinkThread
from gonogo.plc.link.proof import proof_of
from gonogo.plc.link.reply_time import Timed
from gonogo.plc.link.view import LinkView
from gonogo.plc.transports.catalogue import make_transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import Part, Verdict
    from gonogo.ipc.link_table import LinkTable
    from gonogo.ipc.output_test import OutputTestView
    from gonogo.plc.handshake.state import Condition, Delivery
    from gonogo.plc.link.events import TriggerMailbox
    from gonogo.plc.reject_tracker import RejectTracker
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport

RESERVE_NS = 1 * NS_PER_MS  # an ACCEPT needs this long to reach the PLC
JOIN_S = 5.0  # for a request that is under way, and the goodbye


class LinkedStation(NamedTuple):
    """What the link must know of its station.

    `budget_ns` is trigger to verdict. `trigger` is the mailbox of a station whose PLC names
    the parts, None where it has its own photo-eye. `box` is the identity of the station on
    this box, 0 makes one. `ejector`: the station drives one itself. `table`: what people are
    shown of the link. `outputs`: whether they are tried by hand.
    """

    budget_ns: int
    trigger: TriggerMailbox | None = None
    box: int = 0
    ejector: RejectTracker | None = None
    table: LinkTable | None = None
    outputs: OutputTestView | None = None


class PlcLink(LinkView):
    """The link of one station to its PLC: all of it is the loop's, and returns at once but `close`.

    `transport` makes one from the wake descriptor, where it is not the one that `section`
    names. `identity` draws a SESSION_ID, and a BOX_ID where the station has none. `give_way`
    lets another thread have this core.
    """

    def __init__(
        self,
        section: TransportSection,
        station: LinkedStation,
        *,
        transport: Callable[[int], Transport] | None = None,
        identity: Callable[[], int] = random_id,
        give_way: Callable[[], None] = os.sched_yield,
    ) -> None:
        self._give_way = give_way
        state = first_state(
            # another one at each start: the PLC may still echo that of the line before
            identity(),
            plc_triggers=station.trigger is not None,
            reserve_ns=RESERVE_NS,
            box=station.box or identity(),
        )
        super().__init__(Handover(state))
        fd = self._handover.wake_fd
        wire = transport(fd) if transport is not None else make_transport(section, fd)
        self._coil = EjectorCoil(station.ejector, RESERVE_NS, proof_of(section))
        self._hidden = HiddenPart()
        gear = Gear(
            # timed from the outside: a transport keeps no opinion of its replies
            transport=Timed(wire, section),
            coil=self._coil,
            hidden=self._hidden,
            backoff=Backoff(),
            trigger=station.trigger,
            budget_ns=station.budget_ns,
            poll_s=section.poll_ms / 1000,
            forced=ForcedOutputs(station.outputs, station.ejector),
            table=station.table,
        )
        # a daemon: a link that hangs must not keep the process
        self._thread = threading.Thread(
            target=LinkThread(self._handover, gear).run, name="plc-link", daemon=True
        )

    def start(self) -> None:
        """Start the link thread; it connects, and reconnects, on its own."""
        self._thread.start()

    @property
    def condition(self) -> Condition:
        """What the line says of itself; the loop assigns a new one when something changes."""
        return self._handover.condition

    @condition.setter
    def condition(self, condition: Condition) -> None:
        self._handover.condition = condition

    def report(self, part: Part, verdict: Verdict) -> None:
        """Hand a verdict over; returns at once. Its delivery appears in `deliveries` later.

        The link comes first now: on a core that both threads share it would have to wait
        until the loop has written its journal and all else that is due after a part.
        """
        self._handover.report(part, verdict)
        self._give_way()

    def deliveries(self) -> list[Delivery]:
        """What became of verdicts since the last call, oldest first."""
        return self._handover.deliveries()

    def seen(self, part_id: int, at_ns: int) -> None:
        """Tell the PLC the last part of the station's own photo-eye (D15), with the next poll.

        At once would be in the middle of the frame: both threads share one interpreter. With id 0
        it may have missed some: the PLC's word stays, and what is on the belt goes out.
        """
        if part_id:
            self._handover.show_seen(part_id)
        # by the clock the ejector counts from the trigger, however late the link hears of it
        self._coil.seen(part_id, at_ns)

    def alive(self, now_ns: int) -> None:
        """The loop's heartbeat: after each cycle, and at least each 200 ms while it idles."""
        self._handover.alive_ns = now_ns
        self._handover.stall.observe(self._handover.turns, now_ns)

    def break_off(self) -> None:
        """Lose the connection (a fault that was asked for)."""
        self._handover.broken = True
        self._handover.wake()

    def miss_one(self) -> None:
        """Do not see the next part that the PLC names (a fault that was asked for)."""
        self._hidden.ask()

    def clear(self) -> None:
        """Somebody at the box has acknowledged: a fault of the ejector ends, if it works again."""
        self._coil.clear()

    def close(self, within_s: float = JOIN_S) -> None:
        """Permit off, state stopped, FIN, thread joined; idempotent. LinkError if it hangs."""
        if self._handover.wake_fd < 0:
            return
        self._handover.stopping = True
        self._handover.wake()
        # a link that was never started has nothing to join
        if self._thread.ident is not None:
            self._thread.join(within_s)
            if self._thread.is_alive():
                raise LinkError(
                    f"the link thread did not end within {within_s:.0f} s; "
                    "the PLC rejects by itself once DEV_HEART stands still"
                )
        self._handover.close()
