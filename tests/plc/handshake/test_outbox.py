"""The way of a result to the PLC: counted once, delivered or told as not, never shown twice."""

from __future__ import annotations

import math
import random

import pytest

from gonogo.base.words import NS_PER_MS, FaultBit, Reason, Undelivered, VerdictKind
from gonogo.plc.handshake import outbox
from gonogo.plc.handshake.process_image import render
from gonogo.plc.handshake.state import Closing, Faulted, Lost, Reported
from gonogo.plc.register_map import RECORDS, Command, StatusBit
from gonogo.tests.plc.handshake.test_handshake import BUDGET_NS, Bench, running

RESERVE_NS = NS_PER_MS


def resyncing() -> Bench:
    """A bench in the middle of a resync: results wait for the echo."""
    bench = running(reserve_ns=RESERVE_NS)
    bench.scan(cmd_seq=1, cmd_code=Command.RESYNC, session_echo=0)
    assert bench.state.peer.ok
    assert not bench.state.outbox.synced
    return bench


def reported(bench: Bench, kind: VerdictKind, reason: Reason) -> Reported:
    """A verdict with a reason of its own."""
    deadline_ns = bench.now_ns + BUDGET_NS
    return Reported(bench.now_ns, 1, 1, kind, reason, 0, False, bench.now_ns, deadline_ns)  # noqa: FBT003


# -- figures -----------------------------------------------------------------------------


def published(latencies_ms: list[int]) -> Bench:
    """A bench that has published results of these latencies, each acknowledged at once."""
    bench = running()
    for sequence, latency_ms in enumerate(latencies_ms, start=1):
        bench.result(left_ns=BUDGET_NS - latency_ms * NS_PER_MS)
        bench.state = outbox.acknowledge(bench.state, sequence, bench.now_ns)
    return bench


@pytest.mark.parametrize("count", [1, 2, 50, 51, 98, 99, 100])
def test_p99_is_the_smallest_latency_that_99_percent_do_not_exceed(count: int) -> None:
    """Of however many there are, in whatever order they came."""
    latencies_ms = list(range(1, count + 1))
    random.Random(count).shuffle(latencies_ms)  # noqa: S311 - an order
    bench = published(latencies_ms)
    assert bench.header.p99_100us == 10 * math.ceil(99 * count / 100)
    assert bench.header.latency_100us == 10 * latencies_ms[-1]


@pytest.mark.parametrize(("small", "p99_ms"), [(98, 90), (99, 1)])
def test_p99_is_that_of_the_last_hundred_parts(small: int, p99_ms: int) -> None:
    """Two slow ones count until the first of them is the hundred and first."""
    assert published([90, 90] + [1] * small).header.p99_100us == 10 * p99_ms


def test_counters_count_each_kind_of_result_once() -> None:
    """Inspected: all. Rejected: what was not sent as an ACCEPT. Missed deadlines: sent too late."""
    bench = running()
    bench.result()
    bench.result(VerdictKind.RECHECK)
    bench.result(left_ns=0)
    counters = bench.state.counters
    assert (counters.inspected, counters.rejected, counters.deadline_misses) == (3, 2, 1)
    assert (counters.not_delivered, counters.overrates, counters.overruns) == (0, 0, 0)


# -- what cannot be sent -----------------------------------------------------------------


def test_result_that_is_dropped_is_told_and_counted_as_rejected() -> None:
    """The PLC heard nothing of it, and so it was rejected; its delivery says that none was sent."""
    bench = running()
    bench.feed(Lost(bench.now_ns, "no answer"))
    for part_id in (8, 9):
        bench.result(part_id=part_id)
    delivery = bench.deliveries[-1]
    assert (delivery.part_id, delivery.serial, delivery.delivered) == (9, 2, False)
    assert (delivery.sequence, delivery.published_ns, delivery.acked_ns) == (0, 0, 0)
    assert (delivery.kind, delivery.reason) == (VerdictKind.ACCEPT, Reason.OK)
    assert delivery.why is Undelivered.NO_PLC
    counters = bench.state.counters
    assert (counters.inspected, counters.rejected, counters.not_delivered) == (2, 2, 2)


def test_result_of_a_station_that_is_being_stopped_is_told_as_not_delivered() -> None:
    """Its last words have gone out: nothing comes after them."""
    bench = running()
    bench.feed(Closing(bench.now_ns))
    bench.result()
    assert [delivery.why for delivery in bench.deliveries] == [Undelivered.STOPPING]
    assert bench.header.res_seq == 0


def test_result_is_not_published_while_the_ejector_is_at_fault() -> None:
    """Whatever the PLC acknowledged, the part may lie anywhere; other faults do not hinder."""
    bench = running()
    bench.feed(Faulted(bench.now_ns, FaultBit.DISK))
    bench.result()
    assert (bench.header.res_seq, bench.deliveries) == (1, [])
    bench.feed(Faulted(bench.now_ns, FaultBit.EJECTOR))
    bench.result()
    assert bench.header.res_seq == 1
    assert [delivery.why for delivery in bench.deliveries] == [Undelivered.EJECTOR]


def test_result_that_was_shown_and_not_acknowledged_says_so() -> None:
    """The link ends first: whether the PLC acted on it nobody can know, so it was not delivered."""
    bench = running()
    bench.result()
    bench.feed(Lost(bench.now_ns, "no answer"))
    (delivery,) = bench.deliveries
    assert (delivery.sequence, delivery.why) == (1, Undelivered.UNACKNOWLEDGED)


def test_overrun_lasts_until_the_last_of_the_eight_is_acknowledged() -> None:
    """Each further result is an overrun more, is told, and is not published in between."""
    bench = running()
    for _ in range(RECORDS + 2):
        bench.result()
    assert bench.state.counters.overruns == 2
    bench.scan(ack_seq=RECORDS - 1)
    bench.result()
    assert bench.state.counters.overruns == 3
    assert bench.deliveries[-1].why is Undelivered.NOT_ACKING
    assert bench.header.res_seq == RECORDS
    bench.scan(ack_seq=RECORDS)
    bench.result()
    assert (bench.header.res_seq, bench.state.counters.overruns) == (RECORDS + 1, 3)
    assert bench.state.counters.not_delivered == 3


def test_acknowledgement_of_some_is_no_overrun() -> None:
    """Two are pending, one is acknowledged: nothing is wrong."""
    bench = running()
    bench.result()
    bench.result()
    bench.scan(ack_seq=1)
    assert not bench.state.outbox.overrun
    assert not bench.header.fault & FaultBit.NOT_ACKING
    assert bench.header.pending == 1


def test_overrate_is_counted_and_shown_until_the_next_part() -> None:
    """TRIGGER_OVERRUN stands for the newest part."""
    bench = running()
    for reason, shown in ((Reason.OVERRATE, True), (Reason.OK, False)):
        bench.feed(reported(bench, VerdictKind.NOT_INSPECTED, reason))
        assert bool(bench.header.status & StatusBit.TRIGGER_OVERRUN) is shown
        assert bench.state.counters.overrates == 1


# -- records -----------------------------------------------------------------------------


def test_records_stand_beside_each_other_until_their_place_comes_round() -> None:
    """Eight places; the ninth record takes the first one's, and the words keep their number."""
    bench = running()
    size = len(render(bench.state).words)
    for part_id in range(1, RECORDS + 1):
        bench.result(part_id=part_id)
        for sequence in range(1, part_id + 1):
            record = bench.record(sequence)
            assert record is not None
            assert record.part_id == sequence
        assert len(render(bench.state).words) == size
    bench.scan(ack_seq=RECORDS)
    bench.result(part_id=99)
    assert [r.part_id for k in range(2, RECORDS + 2) if (r := bench.record(k))] == [
        *range(2, RECORDS + 1),
        99,
    ]


def test_acknowledgement_says_when_it_was_seen() -> None:
    """Any time but 0 is one at which it was; 0 stands for never."""
    bench = running()
    bench.result()
    assert outbox.acknowledge(bench.state, 1, 1).deliveries[0].delivered
    bench.feed(Lost(bench.now_ns, "no answer"))
    (delivery,) = bench.deliveries
    assert (delivery.delivered, delivery.acked_ns, delivery.sequence) == (False, 0, 1)
    assert bench.state.counters.acks_lost == bench.state.counters.not_delivered == 1


def test_acknowledgement_that_was_never_sent_warns() -> None:
    """The PLC counts differently; the resync is no reason to keep it quiet."""
    bench = running()
    bench.scan(ack_seq=77)
    bench.scan()
    assert bench.header.status & StatusBit.WARNING
    assert bench.state.counters.acks_strange == 1
    assert bench.state.permit


# -- the end of a resync -----------------------------------------------------------------


def test_resync_keeps_eight_results_and_tells_of_the_ninth() -> None:
    """More could not be published at its end."""
    bench = resyncing()
    for part_id in range(1, RECORDS + 2):
        bench.result(part_id=part_id)
    assert [(delivery.part_id, delivery.why) for delivery in bench.deliveries] == [
        (RECORDS + 1, Undelivered.NOT_FOLLOWED)
    ]
    bench.scan()
    assert (bench.header.res_seq, bench.header.pending) == (RECORDS, RECORDS)


@pytest.mark.parametrize(("more_ns", "sent"), [(1, True), (0, False)])
def test_resync_sends_what_reaches_the_plc_in_time(more_ns: int, *, sent: bool) -> None:
    """With the reserve for the wire; what would go out as late is told as not delivered."""
    bench = resyncing()
    scan_ns = NS_PER_MS  # the bench's own step
    bench.result(part_id=5, left_ns=scan_ns + RESERVE_NS + more_ns)
    bench.scan()
    assert bench.state.outbox.synced
    assert bench.header.res_seq == sent
    assert [delivery.delivered for delivery in bench.deliveries] == ([] if sent else [False])


def test_resync_does_not_end_with_a_plc_of_another_map() -> None:
    """Its echo may be any word of its own."""
    bench = resyncing()
    bench.result(left_ns=3 * NS_PER_MS)
    bench.scan(map_version=999)
    assert not bench.state.outbox.synced
    bench.tick(2)
    assert [delivery.why for delivery in bench.deliveries] == [Undelivered.WRONG_MAP]
    bench.scan(map_version=1)
    assert bench.state.outbox.synced


@pytest.mark.parametrize(("left_ms", "kept"), [(3, True), (2, False), (1, False)])
def test_result_that_waits_is_dropped_at_its_deadline(left_ms: int, *, kept: bool) -> None:
    """And told, once; the others wait on."""
    bench = resyncing()
    bench.result(part_id=5, left_ns=left_ms * NS_PER_MS)
    bench.result(part_id=6)
    bench.tick(2)
    assert len(bench.state.outbox.waiting) == 1 + kept
    assert [(delivery.part_id, delivery.delivered) for delivery in bench.deliveries] == (
        [] if kept else [(5, False)]
    )
    bench.tick(2)
    assert len(bench.deliveries) == 1
