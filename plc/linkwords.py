"""What the link thread says: events for the handshake, and lines for the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gonogo.plc.state import NOT_TAKEN, Lost, Result
from gonogo.runtime.parts import Kind, Mode, Reason

if TYPE_CHECKING:
    from gonogo.plc.state import Event, LinkState
    from gonogo.runtime.parts import Part, Pulse, Verdict

log = logging.getLogger("gonogo.plc")


def result_of(part: Part, verdict: Verdict, now_ns: int) -> Result:
    """A verdict of the line, on its way to the PLC."""
    return Result(
        now_ns=now_ns,
        serial=part.serial,
        part_id=part.part_id,
        kind=verdict.kind,
        reason=verdict.reason,
        score=verdict.score,
        degraded=verdict.mode is not Mode.FULL,
        trigger_ns=part.trigger_ns,
        deadline_ns=part.deadline_ns,
    )


def refused(pulse: Pulse, budget_ns: int, now_ns: int) -> Result:
    """The answer to a part that the line cannot take: not inspected, and why."""
    return Result(
        now_ns=now_ns,
        serial=NOT_TAKEN,
        part_id=pulse.part_id,
        kind=Kind.NOT_INSPECTED,
        reason=Reason.OVERRATE if pulse.reject is Reason.OK else pulse.reject,
        score=0,
        degraded=False,
        trigger_ns=pulse.at_ns,
        deadline_ns=pulse.at_ns + budget_ns,
    )


def say(was: LinkState, state: LinkState, event: Event) -> None:
    """One line for each change of state, permit, or why there is no link; never for a part."""
    log.info(
        "plc link state=%s was=%s permit=%d faults=0x%04x session=%d reason=%s",
        state.state.name.lower(),
        was.state.name.lower(),
        state.permit,
        state.faults,
        state.outbox.session,
        event.reason if isinstance(event, Lost) else type(event).__name__.lower(),
    )
