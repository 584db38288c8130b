"""What PART_ID says: a new part, parts that were missed, or an id that comes again.

    5 6 7        each change is a part
    5 0 6        0 is no part: a PLC may show each id for a while only
    5 8          6 and 7 were missed; 8 is judged
    700 1 2      begun anew, or backwards: 1 is refused (reason 42), counted on from there
    1 0 1 0 1    a pulse where an id should be: one part is judged, and no other is seen

None of it may pass in silence: each counts, sets the warning bit, and has one line in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import Reason, TriggerEvent
from gonogo.plc.disturbance import Disturbances, Kind

if TYPE_CHECKING:
    from gonogo.plc.handshake.state import Counters, LinkState

AHEAD_MAX = 256  # a part id further ahead than this is none that was counted up to: ids began anew
PULSED = Kind(
    "goes to 0 and comes back as {}, which was judged already: a part behind it is not seen, and a "
    "reject; the PLC must count PART_ID (P103) up by 1 for each part, not pulse it"
)
MISSED = Kind(
    "has jumped to {}, {} missed so far: they are rejects; the PLC names parts faster than "
    "plc.poll_ms, or does not count PART_ID (P103) up by 1"
)
WRONG = Kind(
    "does not run upwards at {}: that part is refused (reason 42), and counted on from there; the "
    "PLC has begun anew, or more than one program writes PART_ID (P103)"
)


def named(state: LinkState, part_id: int, since_ns: int, *, wanted: bool) -> LinkState:
    """A change of PART_ID is a trigger where parts are `wanted`; the next is counted from it."""
    anchor = state.peer.anchor
    # the part stands there for many polls: only a change names one
    if part_id in (anchor, 0):
        return _same(state, part_id, wanted=wanted)
    # also where no part is wanted: what came meanwhile is not missed afterwards
    state = state._replace(peer=state.peer._replace(anchor=part_id, shown=True))
    if not wanted:
        return state
    missed = missed_between(anchor, part_id)
    counters, reason = state.counters, Reason.OK if missed >= 0 else Reason.PART_ID
    counters = counters._replace(
        missed_triggers=counters.missed_triggers + max(missed, 0),
        wrong_part_ids=counters.wrong_part_ids + (missed < 0),
    )
    return state._replace(
        counters=counters,
        # it stands until somebody clears it: a part that was never seen is news for people
        warning=state.warning or missed != 0,
        seen=part_id,
        # since the poll before, where it was not there yet: the earliest moment that is possible
        pulses=(TriggerEvent(part_id, since_ns, reason),),
    )


def _same(state: LinkState, part_id: int, *, wanted: bool) -> LinkState:
    """The id of before is no new part, though it may have been meant as one."""
    peer, shown = state.peer, part_id != 0
    # a PLC that pulses the word brings the same id again, and means another part
    if shown is peer.shown:
        return state
    state = state._replace(peer=peer._replace(shown=shown))
    if not (shown and wanted):
        return state
    counters = state.counters
    counters = counters._replace(repeated_part_ids=counters.repeated_part_ids + 1)
    return state._replace(counters=counters, warning=True)


def missed_between(anchor: int, part_id: int) -> int:
    """How many parts lie between two ids (0 is no part); -1: the new one does not lie ahead.

    Between two polls no more than AHEAD_MAX pass, even where the PLC answers after seconds: an id
    further ahead is of a PLC that was started anew, and no part was missed for it.
    """
    if anchor == 0:
        return 0
    ahead = (part_id - anchor) & 0xFFFF
    if not 0 < ahead <= AHEAD_MAX:
        return -1
    return ahead - 1 - (part_id < anchor)  # the count skips 0 when it wraps


class IdWatch:
    """Says what is wrong with a PLC's ids; the link asks it as it begins to wait."""

    def __init__(self) -> None:
        self._said = Disturbances("PLC")
        self._counters: Counters | None = None

    def observe(self, state: LinkState) -> None:
        """One line when it begins, one with the count when it is over."""
        was, self._counters = self._counters, state.counters
        # counters are replaced when one of them changes: most polls end at this comparison
        if was is not None and was is not state.counters:
            self._compare(was, state)
        self._said.sweep()

    def _compare(self, was: Counters, state: LinkState) -> None:
        now, part_id = state.counters, state.peer.anchor
        # greater, not other: a reset of the counters is no disturbance
        if now.repeated_part_ids > was.repeated_part_ids:
            self._said.count(PULSED, "PART_ID", part_id)
        if now.wrong_part_ids > was.wrong_part_ids:
            self._said.count(WRONG, "PART_ID", part_id)
        if now.missed_triggers > was.missed_triggers:
            self._said.count(MISSED, "PART_ID", part_id, now.missed_triggers)
