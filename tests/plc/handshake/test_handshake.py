"""The state machine of the link, event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gonogo.base.words import NS_PER_MS, FaultBit, Reason, TriggerEvent, Undelivered, VerdictKind
from gonogo.plc.handshake.handshake import HEART_LIMIT_NS, advance, render
from gonogo.plc.handshake.state import (
    Closing,
    Condition,
    Connected,
    Faulted,
    Lost,
    Polled,
    Reported,
    Tick,
    first_state,
)
from gonogo.plc.register_map import (
    RECORDS,
    Command,
    CommandResult,
    CtrlBit,
    PlcWords,
    Record,
    RecordFlag,
    State,
    StatusBit,
    pack_plc,
    record_at,
    unpack_header,
    unpack_record,
)
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from gonogo.plc.handshake.state import Delivery, LinkState
    from gonogo.plc.register_map import Header

GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
BOTH = CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE
BUDGET_NS = 200 * NS_PER_MS


class Bench:
    """A link under test with its clock and an honest PLC, changed field by field."""

    def __init__(self, *, plc_triggers: bool = True, reserve_ns: int = 0) -> None:
        self.state = first_state(100, plc_triggers=plc_triggers, reserve_ns=reserve_ns)
        self.now_ns = 10**12
        self.plc = PlcWords(map_version=1, ctrl=int(BOTH))
        self.deliveries: list[Delivery] = []
        self.pulses: list[TriggerEvent] = []
        self.condition = GOOD
        self.serial = 0

    def feed(self, event: object) -> None:
        """Advance, and keep what came out."""
        self.state = advance(self.state, event)  # type: ignore[arg-type]
        self.deliveries += self.state.deliveries
        self.pulses += self.state.pulses

    def tick(self, ms: float = 1, *, alive: bool = True) -> None:
        """Let time pass."""
        self.now_ns += int(ms * NS_PER_MS)
        self.feed(Tick(self.now_ns, alive, self.condition))

    def poll(self, **fields: int) -> None:
        """One exchange; the fields given are what the PLC changed before it."""
        self.plc = self.plc._replace(**fields)
        since_ns, self.now_ns = self.now_ns, self.now_ns + NS_PER_MS
        self.feed(Polled(Inputs(pack_plc(self.plc), since_ns, self.now_ns)))

    def scan(self, **fields: int) -> None:
        """One exchange with a PLC whose heart beats and that echoes the session."""
        echo = fields.pop("session_echo", self.header.session_id)
        self.poll(heart=self.plc.heart + 1 & 0xFFFF, session_echo=echo, **fields)

    def result(
        self, kind: VerdictKind = VerdictKind.ACCEPT, *, part_id: int = 1, left_ns: int = BUDGET_NS
    ) -> None:
        """The line reports a verdict with `left_ns` to its deadline."""
        self.serial += 1
        self.feed(
            Reported(
                now_ns=self.now_ns,
                serial=self.serial,
                part_id=part_id,
                kind=kind,
                reason=Reason.OK if kind is VerdictKind.ACCEPT else Reason.RULE,
                score=1234,
                degraded=self.condition.degraded,
                trigger_ns=self.now_ns + left_ns - BUDGET_NS,
                deadline_ns=self.now_ns + left_ns,
            )
        )

    @property
    def header(self) -> Header:
        """What the PLC reads in D0-D31."""
        return unpack_header(render(self.state).words)

    def record(self, sequence: int) -> Record | None:
        """What the PLC reads as the record of a sequence."""
        at = record_at(sequence)
        return unpack_record(render(self.state).words[at : at + 8])

    @property
    def bits(self) -> tuple[bool, bool]:
        """DI2 accept, DI3 reject."""
        bits = render(self.state).bits
        return bits[2], bits[3]


def running(*, plc_triggers: bool = True, reserve_ns: int = 0) -> Bench:
    """A bench whose handshake is complete and permit on."""
    bench = Bench(plc_triggers=plc_triggers, reserve_ns=reserve_ns)
    bench.feed(Connected(bench.now_ns))
    bench.tick()
    for _ in range(3):
        bench.scan()
    assert (bench.state.state, bench.state.permit) == (State.RUNNING, True)
    return bench


# -- start -----------------------------------------------------------------------------


def test_state_goes_from_boot_to_running_step_by_step() -> None:
    """Each state of the way up appears in its order and permit comes last."""
    bench = Bench()
    seen = [bench.state.state]
    bench.condition = Condition()
    bench.tick()
    seen.append(bench.state.state)
    bench.condition = GOOD
    bench.tick()
    seen.append(bench.state.state)
    bench.feed(Connected(bench.now_ns))
    bench.poll(heart=1, ctrl=0)
    bench.poll(heart=2)
    seen.append(bench.state.state)
    assert not bench.state.permit
    bench.scan()
    seen.append(bench.state.state)
    bench.scan(ctrl=int(CtrlBit.ENABLE))
    seen.append(bench.state.state)
    bench.scan(ctrl=int(BOTH))
    seen.append(bench.state.state)
    names = "BOOT SELF_TEST LINK_LOST RESYNC STOPPED READY RUNNING"
    assert [s.name for s in seen] == names.split()


def test_state_is_degraded_while_the_rules_decide_alone() -> None:
    """Degraded keeps permit, sets its bits, and goes away by itself."""
    bench = running()
    bench.condition = GOOD._replace(degraded=True, engine_ok=False)
    bench.tick()
    assert (bench.state.state, bench.state.permit) == (State.DEGRADED, True)
    assert bench.header.status & StatusBit.DEGRADED
    assert bench.header.fault == FaultBit.ENGINE
    bench.condition = GOOD
    bench.tick()
    assert bench.state.state is State.RUNNING


def test_camera_fault_takes_permit_and_names_itself() -> None:
    """Without a camera the station stops, and D5/D6 say why."""
    bench = running()
    bench.condition = GOOD._replace(camera_ok=False)
    bench.tick()
    assert (bench.state.state, bench.state.permit) == (State.STOPPED, False)
    assert (bench.header.fault, bench.header.fault_code) == (FaultBit.CAMERA, 1)


def test_photo_eye_that_is_gone_takes_permit_and_names_itself() -> None:
    """The station's own: whoever passes is seen by nobody."""
    bench = running()
    bench.condition = GOOD._replace(trigger_ok=False)
    bench.tick()
    assert (bench.state.state, bench.state.permit) == (State.STOPPED, False)
    assert (bench.header.fault, bench.header.fault_code) == (FaultBit.TRIGGER, 12)


def test_station_with_a_wrong_answer_to_a_known_part_has_no_permit_whoever_clears() -> None:
    """No command of the PLC opens that gate."""
    bench = running()
    bench.condition = GOOD._replace(proven=False)
    bench.tick()
    assert (bench.state.state, bench.state.permit) == (State.STOPPED, False)
    assert (bench.header.fault, bench.header.fault_code) == (FaultBit.MASTER_PART, 13)
    bench.scan(cmd_seq=1, cmd_code=Command.CLEAR_FAULT)
    bench.tick()
    assert bench.header.fault == FaultBit.MASTER_PART
    assert not bench.state.permit


def test_another_map_version_gets_no_permit() -> None:
    """A PLC that expects map 2 is told CONFIG and never gets permit."""
    bench = running()
    bench.scan(map_version=2)
    assert not bench.state.permit
    assert bench.header.fault & FaultBit.CONFIG


def test_first_session_must_be_echoed_exactly() -> None:
    """Permit stays off as long as the PLC echoes anything but our SESSION_ID."""
    bench = Bench()
    bench.feed(Connected(bench.now_ns))
    bench.tick()
    for heart in range(1, 6):
        bench.poll(heart=heart, session_echo=bench.header.session_id - 1)
    assert (bench.state.state, bench.state.permit) == (State.RESYNC, False)
    assert bench.header.status & StatusBit.SYNC_REQUEST


# -- results ---------------------------------------------------------------------------


def test_result_becomes_a_record_and_is_delivered_when_acknowledged() -> None:
    """The record is whole before the ack, and the delivery carries all its times."""
    bench = running()
    bench.result(part_id=7)
    published_ns = bench.now_ns
    assert bench.header.res_seq == 1
    assert bench.record(1) == Record(1, 7, VerdictKind.ACCEPT, Reason.OK, 1234, 0, 0)
    assert bench.bits == (True, False)
    bench.scan(ack_seq=1)
    assert [tuple(d) for d in bench.deliveries] == [
        (1, 7, 1, published_ns, bench.now_ns, True, VerdictKind.ACCEPT, Reason.OK, Undelivered.NONE)
    ]
    assert bench.header.pending == 0


@pytest.mark.parametrize("left_ns", [0, -1, -NS_PER_MS, 99])
def test_accept_at_or_after_the_deadline_is_a_reject(left_ns: int) -> None:
    """An ACCEPT that cannot be there in time goes out as REJECT / DEADLINE / late, and counts."""
    bench = running(reserve_ns=99)
    bench.result(left_ns=left_ns)
    record = bench.record(1)
    assert record is not None
    assert (record.verdict, record.reason) == (VerdictKind.REJECT, Reason.DEADLINE)
    assert record.flags == RecordFlag.LATE
    assert bench.header.deadline_misses == 1
    assert bench.bits == (False, True)


def test_result_counts_inspected_and_rejected() -> None:
    """Every part counts as inspected, every one not sent as ACCEPT as rejected."""
    bench = running()
    for kind in (
        VerdictKind.ACCEPT,
        VerdictKind.REJECT,
        VerdictKind.RECHECK,
        VerdictKind.NOT_INSPECTED,
    ):
        bench.result(kind)
    assert (bench.header.inspected, bench.header.rejected) == (4, 3)
    bench.scan(cmd_seq=1, cmd_code=Command.RESET_COUNTERS)
    assert (bench.header.inspected, bench.header.rejected) == (0, 0)


def test_acknowledgement_is_cumulative_and_wraps() -> None:
    """One ACK_SEQ acknowledges all before it, over the 16-bit edge, too."""
    bench = Bench()
    bench.feed(Connected(bench.now_ns))
    bench.tick()
    for _ in range(3):
        bench.scan(ack_seq=0xFFFE)
    for _ in range(4):
        bench.result()
    assert bench.header.res_seq == 2
    bench.scan(ack_seq=1)
    assert [d.sequence for d in bench.deliveries] == [0xFFFF, 0, 1]
    assert bench.header.pending == 1


@pytest.mark.parametrize("ack", [5, 0xFFFF])
def test_acknowledgement_of_a_sequence_never_sent_forces_a_resync(ack: int) -> None:
    """A strange ACK_SEQ acknowledges nothing and is counted once; both sides start anew there."""
    bench = running()
    session = bench.header.session_id
    bench.result()
    bench.scan(ack_seq=ack)
    assert [d.delivered for d in bench.deliveries] == [False]
    assert (bench.state.state, bench.state.permit) == (State.RESYNC, False)
    assert (bench.header.res_seq, bench.header.session_id) == (ack, session + 1)
    bench.scan()
    assert bench.state.permit
    assert bench.state.counters.acks_strange == 1


def test_echo_of_another_session_forces_a_resync() -> None:
    """A PLC that restarted faster than its heartbeat limit is noticed by its echo."""
    bench = running()
    bench.result()
    bench.scan(session_echo=0)
    assert (bench.state.state, bench.state.permit) == (State.RESYNC, False)
    assert [d.delivered for d in bench.deliveries] == [False]
    bench.scan()
    assert bench.state.permit


def test_ninth_result_is_an_overrun() -> None:
    """With eight pending, permit goes off and the ninth does not overwrite anything."""
    bench = running()
    for _ in range(RECORDS):
        bench.result()
    before = render(bench.state).words[32:]
    bench.result(part_id=99)
    assert render(bench.state).words[32:] == before
    assert (bench.state.permit, bench.header.res_seq) == (False, RECORDS)
    assert bench.header.status & StatusBit.RESULT_OVERRUN
    assert bench.header.fault & FaultBit.NOT_ACKING
    assert [(d.part_id, d.delivered) for d in bench.deliveries] == [(99, False)]


def test_overrun_ends_when_all_eight_are_acknowledged() -> None:
    """Permit does not come back halfway."""
    bench = running()
    for _ in range(RECORDS + 1):
        bench.result()
    bench.scan(ack_seq=4)
    assert not bench.state.permit
    bench.scan(ack_seq=8)
    assert bench.state.permit


def test_record_tells_test_mode_and_degraded() -> None:
    """FLAGS say under which circumstances the verdict came about."""
    bench = running()
    bench.scan(ctrl=int(BOTH | CtrlBit.TEST_MODE))
    bench.condition = GOOD._replace(degraded=True)
    bench.tick()
    bench.result()
    record = bench.record(1)
    assert record is not None
    assert record.flags == RecordFlag.TEST | RecordFlag.DEGRADED
    assert bench.header.status & StatusBit.TEST_MODE


def test_latency_words_are_last_and_p99() -> None:
    """D22 is the newest latency and D23 the 99th percentile, both in 0.1 ms."""
    bench = running()
    for left_ms in (190, 100, 195):
        bench.result(left_ns=left_ms * NS_PER_MS)
    assert (bench.header.latency_100us, bench.header.p99_100us) == (50, 1000)


# -- the link goes and comes -----------------------------------------------------------


def test_heart_that_stands_still_loses_the_link() -> None:
    """500 ms without PLC_HEART: permit off, what was pending is not delivered, faults say LINK."""
    bench = running()
    bench.result()
    for _ in range(HEART_LIMIT_NS // NS_PER_MS + 1):
        bench.poll()
    assert (bench.state.state, bench.state.permit) == (State.LINK_LOST, False)
    assert [d.delivered for d in bench.deliveries] == [False]
    assert (bench.header.acks_lost, bench.header.fault) == (1, FaultBit.LINK)
    assert not any(render(bench.state).words[32:])  # no old ACCEPT is left to be found later


def test_heart_is_judged_by_time_even_when_nothing_is_read() -> None:
    """A peer that hangs in the middle of an exchange loses the link by the clock alone."""
    bench = running()
    bench.tick(HEART_LIMIT_NS / NS_PER_MS + 1)
    assert bench.state.state is State.LINK_LOST


def test_inspection_goes_on_while_the_heart_stands_still() -> None:
    """A part named meanwhile is inspected; its verdict is told as not delivered."""
    bench = running()
    bench.tick(600)
    bench.poll(part_id=1)
    assert [p.part_id for p in bench.pulses] == [1]
    bench.result()
    assert [d.delivered for d in bench.deliveries] == [False]
    assert bench.header.res_seq == 0


def test_resync_takes_the_count_of_the_plc_and_a_new_session() -> None:
    """After a loss RES_SEQ starts at ACK_SEQ, and permit waits for the echo of a new session."""
    bench = running()
    session = bench.header.session_id
    bench.feed(Lost(bench.now_ns, "reset by peer"))
    bench.feed(Connected(bench.now_ns))
    bench.poll(ack_seq=500, session_echo=session)
    bench.poll(heart=bench.plc.heart + 1)
    assert (bench.header.res_seq, bench.header.session_id) == (500, session + 1)
    assert bench.state.state is State.RESYNC
    bench.scan()
    assert bench.state.permit
    bench.result()
    assert bench.header.res_seq == 501


def test_result_during_the_resync_waits_for_its_end() -> None:
    """What is still in time goes out after the echo; what is not is dropped as not delivered."""
    bench = running()
    bench.scan(cmd_seq=1, cmd_code=Command.RESYNC, session_echo=0)
    bench.result(part_id=5, left_ns=BUDGET_NS)
    bench.result(part_id=6, left_ns=NS_PER_MS)
    assert bench.header.res_seq == 0
    bench.tick(2)
    bench.scan()
    record = bench.record(1)
    assert record is not None
    assert (record.part_id, record.verdict) == (5, VerdictKind.ACCEPT)
    assert [(d.part_id, d.delivered) for d in bench.deliveries] == [(6, False)]


def test_result_without_a_link_is_told_at_once() -> None:
    """Nothing is queued up for later while there is no PLC."""
    bench = running()
    bench.feed(Lost(bench.now_ns, "no answer"))
    bench.result()
    assert [(d.delivered, d.published_ns) for d in bench.deliveries] == [(False, 0)]
    assert bench.state.outbox.waiting == ()


def test_session_never_becomes_zero() -> None:
    """A fresh PLC echoes 0, which must not pass for our session."""
    bench = running()
    bench.state = bench.state._replace(outbox=bench.state.outbox._replace(session=0xFFFF))
    bench.scan(cmd_seq=1, cmd_code=Command.RESYNC)
    assert bench.header.session_id == 1


# -- heartbeat and outputs -------------------------------------------------------------


def test_dev_heart_beats_every_100_ms_and_never_bursts() -> None:
    """After a gap there is one beat, not one for each that was missed."""
    bench = running()
    heart = bench.header.dev_heart
    for _ in range(10):
        bench.tick(50)
    assert bench.header.dev_heart == heart + 5
    bench.tick(1000)
    assert bench.header.dev_heart == heart + 6


def test_dev_heart_stops_with_the_line() -> None:
    """A line loop that hangs stops the heartbeat and takes permit away."""
    bench = running()
    heart = bench.header.dev_heart
    for _ in range(5):
        bench.tick(100, alive=False)
    assert bench.header.dev_heart == heart
    assert not bench.state.permit


def test_reject_bit_stands_before_any_result_and_without_permit() -> None:
    """Accept needs permit and an accepted part; everything else is reject."""
    bench = running()
    assert bench.bits == (False, True)
    bench.result()
    assert bench.bits == (True, False)
    bench.scan(ctrl=0)
    assert bench.bits == (False, True)


def test_toggle_bit_changes_with_each_result() -> None:
    """Two equal results in a row can be told apart by DI4."""
    bench = running()
    toggles = []
    for _ in range(3):
        bench.result()
        toggles.append(render(bench.state).bits[4])
    assert toggles == [True, False, True]


def test_bypass_takes_permit_and_warns() -> None:
    """The PLC has taken the decision to itself; verdicts are still reported."""
    bench = running()
    bench.scan(ctrl=int(BOTH | CtrlBit.BYPASS))
    assert not bench.state.permit
    assert bench.header.status & StatusBit.WARNING
    bench.result()
    assert bench.header.res_seq == 1


def test_closing_stops_the_station() -> None:
    """The last image says stopped, without permit."""
    bench = running()
    bench.feed(Closing(bench.now_ns))
    assert (bench.state.state, bench.state.permit) == (State.STOPPED, False)


# -- commands --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (Command.CLEAR_FAULT, CommandResult.DONE),
        (Command.RESYNC, CommandResult.DONE),
        (Command.RESET_COUNTERS, CommandResult.DONE),
        (Command.LOAD_RECIPE, CommandResult.REFUSED),  # parts are flowing
        (77, CommandResult.UNKNOWN),
    ],
)
def test_command_is_echoed_with_its_result(code: int, answer: CommandResult) -> None:
    """D10 repeats CMD_SEQ once the command is done, D11 says how it went."""
    bench = running()
    bench.scan(cmd_seq=3, cmd_code=code)
    assert (bench.header.cmd_seq, bench.header.cmd_result) == (3, answer)


def test_command_clears_a_fault_once() -> None:
    """A fault stands until it is cleared; the same CMD_SEQ does not clear the next one."""
    bench = running()
    bench.feed(Faulted(bench.now_ns, FaultBit.CONFIG))
    assert (bench.state.state, bench.state.permit) == (State.FAULT, False)
    bench.scan(cmd_seq=1, cmd_code=Command.CLEAR_FAULT)
    assert bench.header.state == State.RUNNING
    bench.feed(Faulted(bench.now_ns, FaultBit.CONFIG))
    bench.scan()
    assert bench.header.state == State.FAULT
    assert bench.state.clears == 1


def test_command_from_before_the_connection_is_not_executed() -> None:
    """A CMD_SEQ that was there before us is answered as not executed."""
    bench = running()
    bench.result()
    bench.feed(Lost(bench.now_ns, "reset"))
    bench.feed(Connected(bench.now_ns))
    bench.scan(cmd_seq=9, cmd_code=Command.RESET_COUNTERS)
    assert (bench.header.cmd_seq, bench.header.cmd_result) == (9, CommandResult.NOT_EXECUTED)
    assert bench.header.inspected == 1


def stopped() -> Bench:
    """A bench whose PLC has not enabled it."""
    bench = running()
    bench.scan(ctrl=0)
    assert bench.header.state == State.STOPPED
    return bench


def test_recipe_is_busy_until_the_line_says_that_it_is_in_force() -> None:
    """STATE 6 without permit and without parts from the very poll; DONE with the new number."""
    bench = stopped()
    bench.scan(cmd_seq=3, cmd_code=Command.LOAD_RECIPE, cmd_argument=7)
    assert (bench.header.cmd_seq, bench.header.cmd_result) == (3, CommandResult.BUSY)
    assert (bench.header.state, bench.state.recipe_wanted) == (State.RECIPE_CHANGE, 7)
    bench.scan(ctrl=int(BOTH), part_id=5)
    assert (bench.header.state, bench.state.permit) == (State.RECIPE_CHANGE, False)
    assert not bench.pulses
    bench.condition = GOOD._replace(changing=7)
    bench.tick()
    assert bench.header.cmd_result == CommandResult.BUSY
    bench.condition = GOOD._replace(recipe=7)
    bench.tick()
    assert (bench.header.cmd_result, bench.header.recipe) == (CommandResult.DONE, 7)
    bench.scan()
    assert (bench.header.state, bench.state.permit) == (State.RUNNING, True)


def test_recipe_that_could_not_be_had_is_answered_and_can_be_asked_for_again() -> None:
    """FAILED, and the old one stays in force."""
    bench = stopped()
    for command in (1, 2):
        bench.condition = GOOD
        bench.tick()
        bench.scan(cmd_seq=command, cmd_code=Command.LOAD_RECIPE, cmd_argument=7)
        assert bench.header.cmd_result == CommandResult.BUSY
        bench.condition = GOOD._replace(failed=7)
        bench.tick()
        assert (bench.header.cmd_result, bench.header.recipe) == (CommandResult.FAILED, 1)
        assert bench.header.state == State.STOPPED


def test_recipe_of_the_request_word_is_loaded_when_the_command_names_none() -> None:
    """P105 with argument 0; the one in force is done at once; none at all is refused."""
    bench = stopped()
    bench.scan(cmd_seq=1, cmd_code=Command.LOAD_RECIPE, recipe_request=4)
    assert bench.state.recipe_wanted == 4
    bench = stopped()
    bench.scan(cmd_seq=1, cmd_code=Command.LOAD_RECIPE, recipe_request=1)
    assert (bench.header.cmd_result, bench.state.recipe_wanted) == (CommandResult.DONE, 0)
    bench.scan(cmd_seq=2, cmd_code=Command.LOAD_RECIPE, recipe_request=0)
    assert bench.header.cmd_result == CommandResult.REFUSED


def test_recipe_answer_does_not_overwrite_that_of_a_later_command() -> None:
    """A PLC that did not wait: its reset of counters was done, and says so."""
    bench = stopped()
    bench.scan(cmd_seq=1, cmd_code=Command.LOAD_RECIPE, cmd_argument=7)
    bench.scan(cmd_seq=2, cmd_code=Command.RESET_COUNTERS)
    bench.condition = GOOD._replace(failed=7)
    bench.tick()
    assert (bench.header.cmd_seq, bench.header.cmd_result) == (2, CommandResult.DONE)
    assert bench.state.recipe_wanted == 0


# -- triggers --------------------------------------------------------------------------


def test_change_of_part_id_is_a_trigger_since_the_poll_before() -> None:
    """The pulse bears the earliest moment at which the part can have been there."""
    bench = running()
    since_ns = bench.now_ns
    bench.scan(part_id=1)
    bench.scan()
    assert bench.pulses == [TriggerEvent(1, since_ns)]
    assert bench.header.part_seen == 1


def test_part_id_on_arrival_is_no_trigger() -> None:
    """What stands in PART_ID when we connect may be a part that is long gone."""
    bench = Bench()
    bench.feed(Connected(bench.now_ns))
    bench.tick()
    for _ in range(3):
        bench.scan(part_id=57)
    bench.scan(part_id=58)
    assert [p.part_id for p in bench.pulses] == [58]


def test_part_id_that_changed_while_the_heart_stood_still_is_no_trigger() -> None:
    """When the PLC comes back, the part it names may be long gone."""
    bench = running()
    bench.scan(part_id=1)
    bench.tick(600)
    bench.scan(part_id=40)
    bench.scan(part_id=41)
    assert [p.part_id for p in bench.pulses] == [1, 41]
    assert bench.state.counters.missed_triggers == 0


def test_part_id_zero_is_no_part() -> None:
    """A PLC that resets the word triggers nothing, and the count goes on."""
    bench = running()
    for part_id in (1, 0, 2):
        bench.scan(part_id=part_id)
    assert [p.part_id for p in bench.pulses] == [1, 2]
    assert bench.state.counters.missed_triggers == 0


@pytest.mark.parametrize("ctrl", [0, CtrlBit.ENABLE, CtrlBit.TRIGGER_ENABLE])
def test_part_id_is_ignored_while_triggers_are_off(ctrl: int) -> None:
    """No pulse, no acknowledgement in D15, and no missed trigger afterwards."""
    bench = running()
    bench.scan(ctrl=int(ctrl))
    for part_id in range(1, 5):
        bench.scan(part_id=part_id)
    assert (bench.pulses, bench.header.part_seen) == ([], 0)
    bench.scan(ctrl=int(BOTH))
    bench.scan(part_id=5)
    assert [p.part_id for p in bench.pulses] == [5]
    assert bench.state.counters.missed_triggers == 0


def test_part_id_that_jumps_counts_the_missed() -> None:
    """The new part is judged, the ones between are counted and warned of."""
    bench = running()
    bench.scan(part_id=1)
    bench.scan(part_id=5)
    assert [p.reject for p in bench.pulses] == [Reason.OK, Reason.OK]
    assert bench.state.counters.missed_triggers == 3
    assert bench.header.status & StatusBit.WARNING


def test_part_id_that_runs_backwards_is_refused_and_the_count_goes_on_there() -> None:
    """One pulse that must not be inspected, then the sequence is anchored anew."""
    bench = running()
    for part_id in (10, 11, 3, 4):
        bench.scan(part_id=part_id)
    rejects = [p.reject for p in bench.pulses]
    assert rejects == [Reason.OK, Reason.OK, Reason.PART_ID, Reason.OK]
    assert bench.state.counters.wrong_part_ids == 1


@pytest.mark.parametrize("last", [25_000, 40_000, 60_000, 65_000])
def test_ids_that_begin_anew_are_no_missed_triggers(last: int) -> None:
    """The PLC was started again: its first part is refused by name, the next ones are judged."""
    bench = running()
    for part_id in (last, last + 1, 1, 2, 3):
        bench.scan(part_id=part_id)
    ok, refused = Reason.OK, Reason.PART_ID
    assert [p.reject for p in bench.pulses] == [ok, ok, refused, ok, ok]
    assert bench.state.counters.missed_triggers == 0
    assert bench.state.counters.wrong_part_ids == 1
    assert bench.header.status & StatusBit.WARNING


def test_station_with_its_own_photo_eye_ignores_part_id() -> None:
    """D15 is then what the station saw itself."""
    bench = running(plc_triggers=False)
    bench.scan(part_id=4)
    bench.feed(Tick(bench.now_ns, alive=True, condition=GOOD, seen=77))
    assert (bench.pulses, bench.header.part_seen) == ([], 77)


# -- whatever happens ------------------------------------------------------------------


class LinkMachine(RuleBasedStateMachine):
    """Any order of events: no late or doubled ACCEPT, every verdict has exactly one fate."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.bench.feed(Connected(self.bench.now_ns))
        self.bench.tick()
        self.before: LinkState = self.bench.state
        self.deadlines: dict[int, int] = {}

    @rule(ms=st.integers(0, 700), alive=st.booleans())
    def time(self, ms: int, alive: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """Time passes."""
        self.bench.tick(ms, alive=alive)

    @rule(ack=st.integers(0, 9), honest=st.booleans(), part=st.integers(0, 3))
    def scan(self, ack: int, honest: bool, part: int) -> None:  # noqa: FBT001 - drawn
        """The PLC acknowledges some of what there is, or nonsense."""
        acked = self.bench.state.outbox.acked
        ack_seq = (acked + min(ack, len(self.bench.state.outbox.pending))) & 0xFFFF
        self.bench.scan(
            ack_seq=ack_seq if honest else ack * 7919,
            part_id=(self.bench.plc.part_id + part) & 0xFFFF,
        )

    @rule(left_ms=st.integers(-50, 300), kind=st.sampled_from(VerdictKind))
    def verdict(self, left_ms: int, kind: VerdictKind) -> None:
        """The line reports."""
        self.bench.result(kind, left_ns=left_ms * NS_PER_MS)
        self.deadlines[self.bench.serial] = self.bench.now_ns + left_ms * NS_PER_MS

    @rule()
    @precondition(lambda self: self.bench.state.peer.connected)
    def lose(self) -> None:
        """The connection breaks and comes back."""
        self.bench.feed(Lost(self.bench.now_ns, "broken"))
        self.bench.feed(Connected(self.bench.now_ns))

    @invariant()
    def no_late_accept(self) -> None:
        """Every ACCEPT was published before its deadline."""
        for pending in self.bench.state.outbox.pending:
            if pending.kind is VerdictKind.ACCEPT:
                assert pending.published_ns < self.deadlines[pending.serial]

    @invariant()
    def every_verdict_has_one_fate(self) -> None:
        """Pending, waiting, or told once: each serial is in exactly one place."""
        outbox = self.bench.state.outbox
        places = [d.serial for d in self.bench.deliveries]
        places += [p.serial for p in outbox.pending] + [r.serial for r in outbox.waiting]
        assert sorted(places) == list(range(1, self.bench.serial + 1))

    @invariant()
    def pending_records_stand(self) -> None:
        """Every unacknowledged result can be read whole, and bits are antivalent."""
        for pending in self.bench.state.outbox.pending:
            record = self.bench.record(pending.sequence)
            assert record is not None
            assert (record.sequence, record.verdict) == (pending.sequence, pending.kind)
        accept, reject = self.bench.bits
        assert accept is not reject
        assert self.bench.state.permit or reject


LinkMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyOrder = LinkMachine.TestCase


def test_two_plcs_at_once_get_no_permit_and_no_false_delivery() -> None:
    """The second one echoes another session and acknowledges what it never saw."""
    bench = running()
    bench.result()
    delivered = []
    for turn in range(40):
        bench.scan(ack_seq=bench.header.res_seq)
        delivered += [delivery for delivery in bench.deliveries if delivery.delivered]
        bench.deliveries.clear()
        bench.poll(heart=turn * 7, session_echo=9, ack_seq=(turn * 11) & 0xFFFF, part_id=turn)
        assert not bench.state.permit
        assert not any(delivery.delivered for delivery in bench.deliveries)
        bench.result(part_id=100 + turn)
    assert len(delivered) <= 1
