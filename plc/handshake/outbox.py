"""The way of a verdict to the PLC: a record, acknowledged, or dropped as not delivered.

Pure functions from one LinkState to the next. Sequences and acknowledgements are
16 bits and wrap; ACK_SEQ is cumulative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import FaultBit, Reason, Undelivered, VerdictKind
from gonogo.plc.handshake.state import Delivery, Outbox, Pending
from gonogo.plc.register_map import (
    RECORD_WORDS,
    RECORDS,
    CtrlBit,
    Record,
    RecordFlag,
    latency_word,
    pack_record,
)

if TYPE_CHECKING:
    from gonogo.plc.handshake.state import LinkState, Reported

_WORD = 0xFFFF
_TEST_MODE = int(CtrlBit.TEST_MODE)  # a plain number: the & of a flag takes ten times as long
_EJECTOR = int(FaultBit.EJECTOR)  # while it stands nothing is delivered, whoever acknowledges
_NO_RECORDS = (0,) * (RECORDS * RECORD_WORDS)
_LATENCIES = 100  # parts over which the 99th percentile is taken


def take(state: LinkState, reported: Reported) -> LinkState:
    """A verdict of the line: publish it, keep it for the end of a resync, or drop it."""
    counters = state.counters
    overrate = reported.reason is Reason.OVERRATE
    state = state._replace(
        overrate=overrate,
        counters=counters._replace(
            inspected=counters.inspected + 1, overrates=counters.overrates + overrate
        ),
    )
    outbox = state.outbox
    # nobody reads it, or nobody can say where the part goes: told as not delivered, at once
    if state.closing or not state.peer.ok or state.latched & _EJECTOR:
        return _drop(state, reported, _unheard(state))
    if not outbox.synced:
        # more than the places could not be published at its end
        if len(outbox.waiting) >= RECORDS:
            return _drop(state, reported, _unheard(state))
        return state._replace(outbox=outbox._replace(waiting=(*outbox.waiting, reported)))
    if not outbox.overrun and len(outbox.pending) < RECORDS:
        return _publish(state, reported, reported.now_ns)
    return _overrun(state, reported)


def _overrun(state: LinkState, reported: Reported) -> LinkState:
    outbox = state.outbox
    counters = state.counters._replace(overruns=state.counters.overruns + 1)
    state = state._replace(outbox=outbox._replace(overrun=True), counters=counters)
    return _drop(state, reported, Undelivered.NOT_ACKING)


def _unheard(state: LinkState) -> Undelivered:
    """Why nobody can be told of a verdict now: the first that applies."""
    peer = state.peer
    steps = (
        (not peer.connected, Undelivered.NO_PLC),
        (not peer.ok, Undelivered.PLC_STANDS),
        (state.closing, Undelivered.STOPPING),
        (state.latched & _EJECTOR, Undelivered.EJECTOR),
        (not peer.version_ok, Undelivered.WRONG_MAP),
    )
    return next((why for applies, why in steps if applies), Undelivered.NOT_FOLLOWED)


def _publish(state: LinkState, reported: Reported, now_ns: int) -> LinkState:
    """Fill the next record and count RES_SEQ up; past its deadline a verdict is a reject."""
    # the last moment at which it can be told: from here on the wire takes the reserve
    late = now_ns + state.reserve_ns >= reported.deadline_ns
    kind = VerdictKind.REJECT if late else reported.kind
    reason = Reason.DEADLINE if late else reported.reason
    sequence = (state.outbox.sequence + 1) & _WORD
    latency = latency_word(now_ns - reported.trigger_ns)
    flags = (
        RecordFlag.DEGRADED * reported.degraded
        | RecordFlag.LATE * late
        | RecordFlag.TEST * bool(state.peer.ctrl & _TEST_MODE)
    )
    record = Record(sequence, reported.part_id, kind, reason, reported.score, flags, latency)
    pending = Pending(sequence, now_ns, kind, reason, reported.serial, reported.part_id)
    return _count(state, latency, late=late, rejected=kind is not VerdictKind.ACCEPT)._replace(
        outbox=_with_record(state.outbox, record, pending)
    )


def _with_record(outbox: Outbox, record: Record, pending: Pending) -> Outbox:
    # its place is free: more than eight pending would be an overrun, and not get here
    at = RECORD_WORDS * (record.sequence % RECORDS)
    records = outbox.records
    return outbox._replace(
        sequence=record.sequence,
        records=(*records[:at], *pack_record(record), *records[at + RECORD_WORDS :]),
        pending=(*outbox.pending, pending),
        kind=pending.kind,
        toggle=not outbox.toggle,
    )


def _count(state: LinkState, latency: int, *, late: bool, rejected: bool) -> LinkState:
    counters = state.counters
    latencies = (*state.latencies[-(_LATENCIES - 1) :], latency)
    return state._replace(
        late=late,
        latencies=latencies,
        # the smallest one that 99 of 100 do not exceed, rounded up
        p99_100us=sorted(latencies)[(len(latencies) * 99 + 99) // 100 - 1],
        counters=counters._replace(
            rejected=counters.rejected + rejected,
            deadline_misses=counters.deadline_misses + late,
        ),
    )


def _drop(state: LinkState, reported: Reported, why: Undelivered) -> LinkState:
    """Say that the PLC never heard of this part; its silence rejects it."""
    delivery = Delivery(
        serial=reported.serial,
        part_id=reported.part_id,
        sequence=0,
        published_ns=0,
        acked_ns=0,
        delivered=False,
        kind=reported.kind,
        reason=reported.reason,
        why=why,
    )
    counters = state.counters._replace(
        rejected=state.counters.rejected + 1, not_delivered=state.counters.not_delivered + 1
    )
    return state._replace(deliveries=(*state.deliveries, delivery), counters=counters)


def acknowledge(state: LinkState, ack: int, now_ns: int) -> LinkState:
    """ACK_SEQ as read: everything up to it is delivered.

    One that was never sent acknowledges nothing. It means that the PLC counts
    differently (it has restarted, for example), and forces a resync.
    """
    outbox = state.outbox
    # modulo 65536, so that it holds over the wrap
    ahead = (ack - outbox.acked) & _WORD
    if ahead == 0:
        return state
    # a count that runs backwards shows here as well, as one that is far ahead
    if ahead > len(outbox.pending):
        return _strange(state, ack)
    deliveries = tuple(_delivery(p, now_ns) for p in outbox.pending[:ahead])
    pending = outbox.pending[ahead:]
    return state._replace(
        deliveries=(*state.deliveries, *deliveries),
        outbox=outbox._replace(
            # an overrun ends with the last of the eight: the permit does not come back halfway
            acked=ack,
            pending=pending,
            overrun=outbox.overrun and bool(pending),
        ),
    )


def _strange(state: LinkState, ack: int) -> LinkState:
    counters = state.counters._replace(acks_strange=state.counters.acks_strange + 1)
    return resync(state._replace(counters=counters, warning=True), ack)


def _delivery(pending: Pending, acked_ns: int) -> Delivery:
    """What became of a published record; `acked_ns` 0 means that it was never acknowledged."""
    return Delivery(
        serial=pending.serial,
        part_id=pending.part_id,
        sequence=pending.sequence,
        published_ns=pending.published_ns,
        acked_ns=acked_ns,
        delivered=acked_ns > 0,
        kind=pending.kind,
        reason=pending.reason,
        why=Undelivered.NONE if acked_ns else Undelivered.UNACKNOWLEDGED,
    )


def abandon(state: LinkState) -> LinkState:
    """The link is lost: nothing that was under way will be sent again."""
    outbox, counters = state.outbox, state.counters
    lost = len(outbox.pending)
    deliveries = tuple(_delivery(p, 0) for p in outbox.pending)
    state = state._replace(
        deliveries=(*state.deliveries, *deliveries),
        counters=counters._replace(
            acks_lost=counters.acks_lost + lost, not_delivered=counters.not_delivered + lost
        ),
        outbox=outbox._replace(
            # the old records go, so that none of them can be read under a new session
            synced=False,
            pending=(),
            waiting=(),
            overrun=False,
            records=_NO_RECORDS,
        ),
    )
    for reported in outbox.waiting:
        state = _drop(state, reported, _unheard(state))
    return state


def resync(state: LinkState, ack: int) -> LinkState:
    """Begin anew at the PLC's own count, under a new SESSION_ID that it has to echo."""
    state = abandon(state)
    outbox = state.outbox
    # a new one each time: the echo of the old one may still stand in the PLC
    session = outbox.session % _WORD + 1  # 1..65535: 0 is what a fresh PLC echoes
    outbox = outbox._replace(session=session, sequence=ack, acked=ack, kind=VerdictKind.NONE)
    return state._replace(outbox=outbox)


def follow(state: LinkState, ack: int, session_echo: int, now_ns: int) -> LinkState:
    """While in resync: stay at the PLC's count; its echo ends it and lets the waiting go."""
    outbox = state.outbox._replace(sequence=ack, acked=ack)
    # in another map P115 may be any word of its own
    if session_echo != outbox.session or not state.peer.version_ok:
        return state._replace(outbox=outbox)
    state = state._replace(outbox=outbox._replace(synced=True, waiting=()))
    for reported in outbox.waiting:
        # what would go out as late is told as not delivered: the PLC has rejected it by silence
        fresh = now_ns + state.reserve_ns < reported.deadline_ns
        state = (
            _publish(state, reported, now_ns)
            if fresh
            else _drop(state, reported, Undelivered.NOT_FOLLOWED)
        )
    return state


def expire(state: LinkState, now_ns: int) -> LinkState:
    """Drop what waits for the end of a resync and has outlived its deadline."""
    waiting = state.outbox.waiting
    keep = tuple(r for r in waiting if r.deadline_ns > now_ns)
    if len(keep) == len(waiting):
        return state
    state = state._replace(outbox=state.outbox._replace(waiting=keep))
    for reported in waiting:
        if reported.deadline_ns <= now_ns:
            state = _drop(state, reported, _unheard(state))
    return state
