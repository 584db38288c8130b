"""The state machine between the line and a PLC: a pure function of events.

    boot -> self-test -> stopped -> ready -> running <-> degraded
    any -> link lost (PLC_HEART unchanged for 500 ms, or the transport failed)
        -> resync (heart advances again) -> where it was, once the PLC echoes SESSION_ID
    any -> fault, until the PLC clears it

A reported verdict becomes a record, then RES_SEQ + 1, and stays until ACK_SEQ reaches it.
Eight unacknowledged records are an overrun: permit goes off, further verdicts are
not published (the PLC rejects by silence) until all eight are acknowledged.
A published record is never changed; what was not acknowledged when the link was
lost is reported as not delivered and never sent again. An ACK_SEQ that was never
sent, or an echo of another SESSION_ID, forces a resync, too: a PLC that restarted, or
another device that writes where we do (gonogo.plc.handshake.strangers).

Until PLC_HEART has advanced on a connection, and at the moment it advances again
after a loss, PART_ID and CMD_SEQ are only taken note of: what is already there
when we arrive is neither a trigger nor a command.

With bypass set, inspection goes on and is reported, but permit is off and the
warning bit on: the PLC has taken the decision to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.handshake import outbox, part_ids, strangers
from gonogo.plc.handshake.process_image import render
from gonogo.plc.handshake.state import (
    Connected,
    Counters,
    Faulted,
    Lost,
    Peer,
    Polled,
    ReadBack,
    Reported,
    Tick,
)
from gonogo.plc.register_map import MAP_VERSION, Command, CommandResult, CtrlBit, State, unpack_plc

if TYPE_CHECKING:
    from gonogo.plc.handshake.state import Event, LinkState
    from gonogo.plc.register_map import PlcWords

__all__ = ["advance", "render"]

BEAT_NS = 100 * NS_PER_MS  # DEV_HEART counts up this often
HEART_LIMIT_NS = 500 * NS_PER_MS  # PLC_HEART unchanged for this long: link lost
# plain numbers: all this runs on a verdict's way out, and the & of a flag takes ten times as long
_ENABLE, _TRIGGER_ENABLE, _BYPASS = map(
    int, (CtrlBit.ENABLE, CtrlBit.TRIGGER_ENABLE, CtrlBit.BYPASS)
)
_ENABLED = _ENABLE | _TRIGGER_ENABLE
_CHANGEABLE = (State.STOPPED, State.READY)
_PERMITTED = (State.READY, State.RUNNING, State.DEGRADED)


def advance(state: LinkState, event: Event) -> LinkState:
    """The state after `event`; its deliveries and pulses are those of this event alone."""
    return _settle(_apply(state._replace(deliveries=(), pulses=()), event))


def _apply(state: LinkState, event: Event) -> LinkState:  # noqa: PLR0911 - one line an event
    # the commonest first: this runs on a verdict's way out
    if isinstance(event, Polled):
        return _polled(state, event)
    if isinstance(event, Tick):
        return _tick(state, event)
    if isinstance(event, Reported):
        return outbox.take(state, event)
    if isinstance(event, Connected):
        return strangers.connected(_unplug(state, connected=True), event.now_ns)
    if isinstance(event, Lost):
        return _unplug(state, connected=False)
    if isinstance(event, ReadBack):
        return strangers.read_back(state, event)
    if isinstance(event, Faulted):
        return state._replace(latched=(state.latched | event.faults) & ~event.cleared)
    return state._replace(closing=True)


# -- what the PLC says -----------------------------------------------------------------


def _polled(state: LinkState, event: Polled) -> LinkState:
    plc, now_ns = unpack_plc(event.inputs.words), event.inputs.at_ns
    was_ok, was_proven = state.peer.ok, state.peer.proven
    # the heart first: all that follows asks whether the PLC is there
    state = _heart(state, plc, now_ns)
    # a PLC that is back may have restarted: it has to echo a new session before it is believed
    if state.peer.ok and not was_ok:
        return _take_note(outbox.resync(state, plc.ack_seq), plc)
    # one look at words that stand still may be of anything that answers
    if not was_proven:
        return _take_note(state, plc)
    state = strangers.heard(state, plc.session_echo, now_ns)
    state = _results(_command(state, plc), plc, now_ns)
    # last, so that a part is judged by the CTRL and the recipe of this very reading
    return part_ids.named(state, plc.part_id, event.inputs.since_ns, wanted=_triggers(state))


def _results(state: LinkState, plc: PlcWords, now_ns: int) -> LinkState:
    """Acknowledgements, or the end of a resync; a PLC that dropped our session has restarted."""
    if not state.outbox.synced:
        if not state.peer.ok:
            return state
        return outbox.follow(state, plc.ack_seq, plc.session_echo, now_ns)
    # one that restarted faster than the heart's limit shows it here
    if plc.session_echo != state.outbox.session:
        return outbox.resync(state, plc.ack_seq)
    return outbox.acknowledge(state, plc.ack_seq, now_ns)


def _heart(state: LinkState, plc: PlcWords, now_ns: int) -> LinkState:
    # 0 is a program that leaves P100 alone; any other version must be ours
    peer = state.peer._replace(
        ctrl=plc.ctrl, version_ok=plc.map_version in (0, MAP_VERSION), heart=plc.heart
    )
    # the first value proves nothing: it may stand there since yesterday
    if state.peer.heart < 0:
        return state._replace(peer=peer._replace(heart_ns=now_ns))
    if plc.heart != state.peer.heart:
        return state._replace(peer=peer._replace(heart_ns=now_ns, ok=True, proven=True))
    return _judge_heart(state._replace(peer=peer), now_ns)


def _judge_heart(state: LinkState, now_ns: int) -> LinkState:
    peer = state.peer
    # also called by the clock: a peer that hangs in the middle of an exchange is read no more
    if not peer.ok or now_ns - peer.heart_ns < HEART_LIMIT_NS:
        return state
    return outbox.abandon(state._replace(peer=peer._replace(ok=False)))


def _take_note(state: LinkState, plc: PlcWords) -> LinkState:
    """What stands in PART_ID, CMD_SEQ and the echo on arrival is history."""
    state = strangers.noted(state, plc.session_echo)
    peer = state.peer._replace(anchor=plc.part_id, shown=plc.part_id != 0)
    # given while there was no link, perhaps hours ago: it must not be carried out now
    if plc.cmd_seq != peer.cmd_seq:
        peer = peer._replace(cmd_seq=plc.cmd_seq, cmd_result=CommandResult.NOT_EXECUTED)
    return state._replace(peer=peer)


def _command(state: LinkState, plc: PlcWords) -> LinkState:
    # the number makes a command, not its words: they stand there for as long as the PLC likes
    if plc.cmd_seq == state.peer.cmd_seq:
        return state
    result = CommandResult.DONE
    if plc.cmd_code == Command.CLEAR_FAULT:
        state, result = strangers.clear(state)
    elif plc.cmd_code == Command.RESYNC:
        state = outbox.resync(state, plc.ack_seq)
    elif plc.cmd_code == Command.RESET_COUNTERS:
        state = state._replace(counters=Counters(), latencies=(), p99_100us=0, warning=False)
    elif plc.cmd_code == Command.LOAD_RECIPE:
        state, result = _load_recipe(state, plc.cmd_argument or plc.recipe_request)
    else:
        result = CommandResult.UNKNOWN
    return state._replace(peer=state.peer._replace(cmd_seq=plc.cmd_seq, cmd_result=result))


def _load_recipe(state: LinkState, recipe: int) -> tuple[LinkState, CommandResult]:
    """Hand the wish to the line, which answers in its Condition; only while nothing flows."""
    # only where no part comes: READY is without TRIGGER_ENABLE
    if state.state not in _CHANGEABLE or recipe == 0:
        return state, CommandResult.REFUSED
    if recipe == state.condition.recipe:
        return state, CommandResult.DONE
    return state._replace(recipe_wanted=recipe), CommandResult.BUSY


def _recipe_answer(state: LinkState) -> LinkState:
    """What has become of the recipe that the PLC wants."""
    wanted, condition = state.recipe_wanted, state.condition
    if not wanted or condition.changing:
        return state
    answers = {condition.failed: CommandResult.FAILED, condition.recipe: CommandResult.DONE}
    result = answers.get(wanted)
    if result is None:
        return state
    peer = state.peer
    # a PLC that did not wait has its answer to a later command there by now
    if peer.cmd_result is CommandResult.BUSY:
        peer = peer._replace(cmd_result=result)
    return state._replace(recipe_wanted=0, peer=peer)


def _triggers(state: LinkState) -> bool:
    enabled = state.peer.ctrl & _ENABLED == _ENABLED
    # from the very poll that wants it: a part taken now would be judged by the recipe that goes
    changing = state.recipe_wanted or state.condition.changing
    ready = state.condition.tested and not state.closing and not changing
    # tried by hand: a part that is not taken is a reject
    ready = ready and not state.condition.tried
    return state.plc_triggers and enabled and ready


# -- time, faults, and the end ---------------------------------------------------------


def _tick(state: LinkState, event: Tick) -> LinkState:
    # the first tick ends BOOT
    state = state._replace(started=True, alive=event.alive, condition=event.condition)
    state = _recipe_answer(state)
    if event.seen is not None:
        state = state._replace(seen=event.seen)
    # a loop that hangs stops the heart, and the PLC rejects by itself
    if event.alive and event.now_ns - state.beat_ns >= BEAT_NS:
        state = _beat(state, event.now_ns)
    state = strangers.passed(_judge_heart(state, event.now_ns), event.now_ns)
    return outbox.expire(state, event.now_ns)


def _beat(state: LinkState, now_ns: int) -> LinkState:
    """One beat, however long the last one is ago: missed beats are not caught up."""
    # a little late: the next one is due as before. A whole beat late: counted from now
    due_ns = state.beat_ns + BEAT_NS
    beat_ns = due_ns if now_ns - due_ns < BEAT_NS else now_ns
    return state._replace(dev_heart=(state.dev_heart + 1) & 0xFFFF, beat_ns=beat_ns)


def _unplug(state: LinkState, *, connected: bool) -> LinkState:
    """Nothing is known of the other side, except which command we answered last."""
    peer = state.peer
    # the same command still stands in the PLC after a reconnection: it was answered already
    peer = Peer(connected=connected, cmd_seq=peer.cmd_seq, cmd_result=peer.cmd_result)
    return outbox.abandon(state._replace(peer=peer))


# -- what follows from all that --------------------------------------------------------


def _settle(state: LinkState) -> LinkState:
    """The one place that decides STATE, permit and FAULT."""
    mode = _mode(state)
    permit = (
        mode in _PERMITTED
        and state.alive
        and not state.outbox.overrun
        and not state.peer.ctrl & _BYPASS
    )
    faults = state.latched | _live_faults(state)
    # the highest of those that are new, from 1; it stays when the fault has gone, to be read later
    fault_code = (faults & ~state.faults).bit_length() or state.fault_code
    return state._replace(state=mode, permit=permit, faults=faults, fault_code=fault_code)


def _mode(state: LinkState) -> State:
    peer, condition = state.peer, state.condition
    # the first that applies; each presumes that none above it does
    steps = (
        (state.closing, State.STOPPED),
        (not state.started, State.BOOT),
        (not condition.tested, State.SELF_TEST),
        (state.latched != 0, State.FAULT),
        (not peer.ok, State.LINK_LOST),
        (not state.outbox.synced or state.strangers.held_ns != 0, State.RESYNC),
        (state.recipe_wanted != 0 or condition.changing != 0, State.RECIPE_CHANGE),
        (not peer.ctrl & _ENABLE, State.STOPPED),
        (not (condition.recipe_ok and condition.camera_ok), State.STOPPED),
        (not (condition.in_time and peer.version_ok), State.STOPPED),
        (not (condition.trigger_ok and condition.proven), State.STOPPED),
        (condition.tried, State.STOPPED),
        (not peer.ctrl & _TRIGGER_ENABLE, State.READY),
        (condition.degraded, State.DEGRADED),
    )
    return next((mode for applies, mode in steps if applies), State.RUNNING)


def _live_faults(state: LinkState) -> int:
    condition = state.condition
    return (
        condition.faults
        # before the self-test nothing is known of them, and unknown is no fault
        | FaultBit.CAMERA * (condition.tested and not condition.camera_ok)
        | FaultBit.ENGINE * (condition.tested and not condition.engine_ok)
        | FaultBit.TRIGGER * (not condition.trigger_ok)
        | FaultBit.MASTER_PART * (not condition.proven)
        | FaultBit.DEADLINE * state.late
        | FaultBit.LINK * (not state.peer.ok)
        | FaultBit.NOT_ACKING * state.outbox.overrun
        | FaultBit.CONFIG * (not state.peer.version_ok)
    )
