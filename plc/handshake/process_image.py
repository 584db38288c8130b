"""What the PLC is shown of a LinkState: the words D0-D95 and the bits DI0-DI6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import VerdictKind
from gonogo.plc.register_map import CtrlBit, Discrete, Header, State, StatusBit, pack_header
from gonogo.plc.transports.transport import ProcessImage

if TYPE_CHECKING:
    from gonogo.plc.handshake.state import LinkState

_READY = (State.READY, State.RUNNING, State.DEGRADED)
_RUNNING = (State.RUNNING, State.DEGRADED)
# plain numbers: the & of a flag takes ten times as long
_BYPASS, _TEST_MODE = int(CtrlBit.BYPASS), int(CtrlBit.TEST_MODE)


def render(state: LinkState) -> ProcessImage:
    """The image of this moment; accept and reject are antivalent, reject without permit."""
    return ProcessImage((*pack_header(_header(state)), *state.outbox.records), _discrete(state))


def _header(state: LinkState) -> Header:
    peer, outbox, counters = state.peer, state.outbox, state.counters
    return Header(
        dev_heart=state.dev_heart,
        state=state.state,
        status=_status(state),
        fault=state.faults,
        fault_code=state.fault_code,
        recipe=state.condition.recipe,
        checksum=state.condition.checksum,
        # -1 until something was read: shown as 0
        plc_heart=max(peer.heart, 0),
        cmd_seq=peer.cmd_seq,
        cmd_result=peer.cmd_result,
        res_seq=outbox.sequence,
        session_id=outbox.session,
        pending=len(outbox.pending),
        part_seen=state.seen,
        inspected=counters.inspected,
        rejected=counters.rejected,
        deadline_misses=counters.deadline_misses,
        acks_lost=counters.acks_lost,
        # none yet, or reset by command: 0 until the next part
        latency_100us=state.latencies[-1] if state.latencies else 0,
        p99_100us=state.p99_100us,
        box_id=state.strangers.box,
        doubt=state.strangers.doubt,
    )


def _status(state: LinkState) -> int:
    condition, peer = state.condition, state.peer
    # the PLC passes parts by itself then: a warning, but no fault of ours
    bypass = bool(peer.ctrl & _BYPASS)
    warning = state.warning or bypass or state.faults != 0
    return (
        StatusBit.READY * (state.state in _READY)
        | StatusBit.RUNNING * (state.state in _RUNNING)
        | StatusBit.BUSY * condition.busy
        | StatusBit.PERMIT * state.permit
        | StatusBit.DEGRADED * condition.degraded
        | StatusBit.WARNING * warning
        | StatusBit.FAULT * (state.state is State.FAULT)
        | StatusBit.RESULT_OVERRUN * state.outbox.overrun
        | StatusBit.TRIGGER_OVERRUN * state.overrate
        | StatusBit.CAMERA_OK * condition.camera_ok
        | StatusBit.ENGINE_OK * condition.engine_ok
        | StatusBit.RECIPE_OK * condition.recipe_ok
        | StatusBit.LINK_OK * peer.ok
        | StatusBit.TEST_MODE * (condition.tried or bool(peer.ctrl & _TEST_MODE))
        | StatusBit.SYNC_REQUEST * (peer.ok and not state.outbox.synced)
        | StatusBit.TIME_VALID * condition.time_valid
    )


def _discrete(state: LinkState) -> Discrete:
    # for a PLC of bits alone these are the verdict: without a permit it is a reject
    accept = state.permit and state.outbox.kind is VerdictKind.ACCEPT
    return Discrete(
        ready=state.state in _READY,
        # the lowest bit of DEV_HEART: it changes with each beat
        heartbeat=bool(state.dev_heart & 1),
        accept=accept,
        reject=not accept,
        # two equal verdicts in a row differ in nothing else
        toggle=state.outbox.toggle,
        degraded=state.condition.degraded,
        fault=state.state is State.FAULT,
    )
