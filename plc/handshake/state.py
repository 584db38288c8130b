"""What the link knows at one moment, and the events that change it.

Everything is an immutable tuple: `gonogo.plc.handshake.handshake.advance` makes the next
state from this one. Times are absolute CLOCK_MONOTONIC in nanoseconds.

A verdict has one name at each step of its way:

    Verdict     what the line decided of a part (gonogo.base.words)
    Reported    the event: a verdict handed to the link, with the times of its part
    Record      what the PLC is shown of it: words of the register map, under the next RES_SEQ
    Pending     what we keep of a Record until ACK_SEQ has reached it
    Delivery    what became of it, acknowledged or not; the line's journal takes it as it is
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import Reason, TriggerEvent, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry
from gonogo.plc.register_map import RECORD_WORDS, RECORDS, CommandResult, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.transport import Inputs

Delivery = DeliveryEntry  # what became of a verdict; the journal writes it as it is
NOT_TAKEN = -1  # serial of a part that the line never took


class Condition(NamedTuple):
    """What the line loop says of itself; the loop replaces it whole when something changes.

    `tested` is False until the self-test has passed. `degraded` means rules only;
    `in_time` is False while the line does not keep its deadlines, `trigger_ok` while its own
    photo-eye is gone, `proven` while a part known to be good or bad has got the wrong answer.
    `tried`: somebody tries the outputs by hand; the link says so itself.
    `faults` holds FaultBit numbers that the line itself found (light, disk, ...).
    """

    tested: bool = False
    camera_ok: bool = False
    engine_ok: bool = False
    degraded: bool = False
    recipe_ok: bool = True
    in_time: bool = True
    busy: bool = False
    time_valid: bool = False
    faults: int = 0
    recipe: int = 1
    changing: int = 0  # the recipe that is being loaded
    failed: int = 0  # the last recipe that could not be had
    checksum: int = 0
    trigger_ok: bool = True
    proven: bool = True
    tried: bool = False


class Connected(NamedTuple):
    """The transport is open; nothing has been read yet."""

    now_ns: int


class Lost(NamedTuple):
    """The transport failed or was closed."""

    now_ns: int
    reason: str


class Polled(NamedTuple):
    """What the PLC said in one exchange."""

    inputs: Inputs


class Reported(NamedTuple):
    """A verdict of the line; `degraded` says that the rules decided alone.

    `now_ns` is when the link took it over: an ACCEPT that is late by then goes out as a REJECT.
    """

    now_ns: int
    serial: int
    part_id: int
    kind: VerdictKind
    reason: Reason
    score: int
    degraded: bool
    trigger_ns: int
    deadline_ns: int


class Tick(NamedTuple):
    """Time passes. `alive`: the line loop completes cycles. `seen`: last part id of its own."""

    now_ns: int
    alive: bool
    condition: Condition
    seen: int | None = None


class ReadBack(NamedTuple):
    """D0-D31 as the PLC holds them; empty: nobody but us can write there; None: unreadable."""

    now_ns: int
    words: Sequence[int] | None


class Faulted(NamedTuple):
    """Something that must not happen did; FAULT stands until the PLC clears it.

    `cleared`: what somebody at the box has acknowledged, where no PLC can.
    """

    now_ns: int
    faults: int
    cleared: int = 0


class Closing(NamedTuple):
    """The station is being stopped in order."""

    now_ns: int


Event = Connected | Lost | Polled | ReadBack | Reported | Tick | Faulted | Closing


class Pending(NamedTuple):
    """A published record that the PLC has not acknowledged yet."""

    sequence: int
    published_ns: int
    kind: VerdictKind  # as published
    reason: Reason
    serial: int
    part_id: int


class Peer(NamedTuple):
    """The PLC as it was last read; `heart` is -1 until something has been read."""

    connected: bool = False
    proven: bool = False  # PLC_HEART has advanced on this connection
    ok: bool = False  # PLC_HEART advances now
    heart: int = -1
    heart_ns: int = 0
    version_ok: bool = True
    ctrl: int = 0
    anchor: int = 0  # the last PART_ID that was no 0
    shown: bool = False  # it stands there now
    cmd_seq: int = 0
    cmd_result: CommandResult = CommandResult.NONE


class Outbox(NamedTuple):
    """The verdicts on their way: at most eight published, at most eight waiting for the resync."""

    session: int = 1
    synced: bool = False
    sequence: int = 0
    acked: int = 0
    pending: tuple[Pending, ...] = ()
    waiting: tuple[Reported, ...] = ()
    records: tuple[int, ...] = (0,) * (RECORDS * RECORD_WORDS)
    overrun: bool = False
    kind: VerdictKind = VerdictKind.NONE  # of the newest record
    toggle: bool = False


class Strangers(NamedTuple):
    """Who else may write where we do (gonogo.plc.handshake.strangers); times in ns, 0: not now."""

    box: int = 0  # BOX_ID, ours
    first: int = 1  # SESSION_ID at the start of this line
    arrived: bool = False  # we may write on this connection
    alone: bool = False  # once here, we found nobody else
    readable: bool = False  # words of ours were found on this connection
    still_ns: int = 0  # nothing of somebody else has changed since
    face: tuple[int, ...] = ()  # the last words found that are not ours
    own: tuple[int, ...] = ()  # the last words found that are ours
    clean: int = 0  # times since the last of somebody else that new ones of ours were found
    held_ns: int = 0  # no permit since, until we know that we are alone
    echo: int = -1  # SESSION_ID echo as read last; -1: not on this connection
    arrival: int = -1  # what it was when we came
    other: int = 0  # the last one that was shown to the PLC by somebody else
    sightings: tuple[int, ...] = ()  # when somebody else was seen, the last few
    lives: bool = False  # the last one is not long ago
    doubt: int = 0  # counts the turns while we may not be alone


class Counters(NamedTuple):
    """Since the start or the last reset; `rejected` are the verdicts not sent as ACCEPT."""

    inspected: int = 0
    rejected: int = 0
    deadline_misses: int = 0
    acks_lost: int = 0
    acks_strange: int = 0
    not_delivered: int = 0
    overruns: int = 0
    overrates: int = 0
    missed_triggers: int = 0
    wrong_part_ids: int = 0
    repeated_part_ids: int = 0


class LinkState(NamedTuple):
    """The whole link. `deliveries` and `pulses` are what the last event brought about."""

    state: State = State.BOOT
    permit: bool = False
    peer: Peer = Peer()
    outbox: Outbox = Outbox()
    strangers: Strangers = Strangers()
    counters: Counters = Counters()
    condition: Condition = Condition()
    plc_triggers: bool = True  # False: the station has its own photo-eye
    reserve_ns: int = 0  # an ACCEPT that goes out later than this before its deadline is late
    started: bool = False
    closing: bool = False
    alive: bool = False
    dev_heart: int = 0
    beat_ns: int = 0
    seen: int = 0
    latched: int = 0  # faults that stand until they are cleared
    recipe_wanted: int = 0  # what the PLC has commanded and the line has not answered yet
    clears: int = 0  # fault clear commands carried out; others may have something latched, too
    faults: int = 0  # all that stand now
    fault_code: int = 0
    warning: bool = False
    late: bool = False  # the newest record was late
    overrate: bool = False  # the newest part came too fast
    latencies: tuple[int, ...] = ()
    p99_100us: int = 0
    deliveries: tuple[Delivery, ...] = ()
    pulses: tuple[TriggerEvent, ...] = ()


def first_state(
    session: int, *, plc_triggers: bool = True, reserve_ns: int = 0, box: int = 0
) -> LinkState:
    """A link at the start of the line; `session` (1-65535) should differ at each start.

    `box` (1-65535) is that of the station on this box, the same for every line of it.
    """
    outbox, strangers = Outbox(session=session), Strangers(box=box, first=session)
    return LinkState(
        outbox=outbox, strangers=strangers, plc_triggers=plc_triggers, reserve_ns=reserve_ns
    )
