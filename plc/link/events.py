"""What the link thread says: events for the handshake, parts for the line, lines for the log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from gonogo.base.errors import AnotherDevice
from gonogo.base.log.logger import get_logger
from gonogo.base.words import FaultBit, Mode, Reason, VerdictKind
from gonogo.plc.handshake.state import (
    NOT_TAKEN,
    Closing,
    Connected,
    Faulted,
    Lost,
    Polled,
    ReadBack,
    Reported,
    Tick,
)
from gonogo.plc.register_map import BOX_AT, OBJECTION_AT, SESSION_AT

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import Part, TriggerEvent, Verdict
    from gonogo.plc.handshake.state import Event, LinkState

log = get_logger("gonogo.plc")

# words of the log, which people search and programs of others read: they outlive the classes' names
_CAUSES = {
    Closing: "closing",
    Connected: "connected",
    Faulted: "faulted",
    Polled: "polled",
    ReadBack: "looked",
    Reported: "result",
    Tick: "tick",
}


class TriggerMailbox(Protocol):
    """Where a part that the PLC names goes (gonogo.drivers.triggers.plc_part_id)."""

    def offer(self, pulse: TriggerEvent) -> bool:
        """Take the part, or say False when the line is busy and one part waits already."""
        ...


def random_id(draw: Callable[[int], bytes] = os.urandom) -> int:
    """A SESSION_ID or BOX_ID that nobody else is likely to have: 1..65535.

    `draw` gives so many bytes; 0 is what a fresh PLC echoes, and never drawn.
    """
    return int.from_bytes(draw(2), "big") % 0xFFFF + 1


def reported(part: Part, verdict: Verdict, now_ns: int) -> Reported:
    """A verdict of the line, on its way to the PLC."""
    return Reported(
        now_ns=now_ns,
        serial=part.serial,
        part_id=part.part_id,
        kind=verdict.kind,
        reason=verdict.reason,
        score=verdict.score,
        # the PLC is told of any mode in which less than everything has judged
        degraded=verdict.mode is not Mode.FULL,
        trigger_ns=part.trigger_ns,
        deadline_ns=part.deadline_ns,
    )


def refused(pulse: TriggerEvent, budget_ns: int, now_ns: int) -> Reported:
    """The answer to a part that the line cannot take: not inspected, and why."""
    return Reported(
        now_ns=now_ns,
        serial=NOT_TAKEN,
        part_id=pulse.part_id,
        kind=VerdictKind.NOT_INSPECTED,
        # what was wrong with its id says more than that we were busy
        reason=Reason.OVERRATE if pulse.reject is Reason.OK else pulse.reject,
        score=0,
        degraded=False,
        trigger_ns=pulse.at_ns,
        deadline_ns=pulse.at_ns + budget_ns,
    )


def say(was: LinkState, state: LinkState, event: Event) -> None:
    """One line for each change of state, permit, latch, or cause of no link; none for a part."""
    log.info(
        "plc_link_state",
        text=(
            "plc link state=%(state)s was=%(was)s permit=%(permit)d "
            "faults=0x%(faults)04x session=%(session)d reason=%(reason)s"
        ),
        state=state.state.name.lower(),
        was=was.state.name.lower(),
        permit=state.permit,
        faults=state.faults,
        session=state.outbox.session,
        reason=event.reason if isinstance(event, Lost) else _CAUSES[type(event)],
    )
    # once, when it is latched: the fault itself stands until somebody clears it
    if state.latched & ~was.latched & FaultBit.STRANGER:
        log.error(
            "plc_another_device",
            text="%(why)s",
            why=second_plc() if isinstance(event, Faulted) else another_device(state),
        )


def second_plc() -> AnotherDevice:
    """Two that write to a server of ours; which two, it has said (plc/transports/masters.py)."""
    return AnotherDevice(
        "another device writes here, as a second PLC: the server has named both; permit is off "
        "until one of them has been stopped and the PLC has cleared FAULT (docs/modbus-server.md)"
    )


def another_device(state: LinkState) -> AnotherDevice:
    """Who that is, as far as can be told, and what to do."""
    found = state.strangers
    seen = f"the PLC follows other sessions than ours, {found.other} at last"
    # the surest first: an objection was meant for us
    if found.face and found.face[OBJECTION_AT]:
        seen = f"BOX_ID {found.face[OBJECTION_AT]} objects (D29)"
    elif found.face:
        box, session = found.face[BOX_AT], found.face[SESSION_AT]
        seen = f"D0-D31 change there, with BOX_ID {box} and SESSION_ID {session}"
    return AnotherDevice(
        f"another device writes here, into the words of this station in the PLC: {seen} (ours is "
        f"BOX_ID {found.box}); permit is off until the other one has been stopped, or given words "
        "of its own (docs/commissioning-plc.md says how to find it), and the PLC has cleared FAULT"
    )
