"""The engine process as the line sees it: followed by its pidfd, and its end wakes the line."""

from __future__ import annotations

import gc
import os
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, ViewCapture
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.frame_ring import FrameRing
from gonogo.runtime.engine_client import EngineClient
from gonogo.runtime.engine_requests import EnginePort
from gonogo.tests.descriptors import descriptors
from gonogo.tests.fakes import SMALL, S, part_now, scratch_station
from gonogo.tests.runtime.test_engine_client import Bench, bench_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_PID = 3  # word of the mailbox


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """One view with an engine."""
    with bench_of(station) as made:
        yield made


@contextmanager
def host_of(bench: Bench) -> Iterator[subprocess.Popen[bytes]]:
    """A new host that serves, in a process of its own, which a test may end."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        bench.engine.start()
        bench.mailbox.words[_PID] = process.pid
        yield process
        process.kill()


def end(process: subprocess.Popen[bytes]) -> None:
    """It dies; whoever holds its pidfd can see it."""
    process.kill()
    process.wait()


def test_client_is_woken_by_the_end_of_the_engine_process(bench: Bench) -> None:
    """It dies while the line waits for its answer: the rules decide this very part."""
    with host_of(bench) as process:
        bench.ask()
        deadline_ns = time.monotonic_ns() + 10 * S
        ending = threading.Timer(0.05, process.kill)
        ending.start()
        assert bench.client.collect(deadline_ns) == [None]
        assert time.monotonic_ns() < deadline_ns
        ending.join()
        assert not bench.client.host.ready


def test_client_follows_the_first_host_that_it_meets() -> None:
    """A line that starts beside a living engine has not seen its start."""
    for starts in (1, 2):
        with scratch_station() as station, bench_of(station) as bench:
            for _ in range(starts - 1):
                bench.engine.start()
            bench.mailbox.words[_PID] = (process := subprocess.Popen(["true"])).pid
            process.wait()
            bench.ask()
            assert not bench.client.host.ready


def test_client_waits_for_no_host_that_ended_before_it_was_asked(bench: Bench) -> None:
    """Nothing is queued for it, and nothing is waited for."""
    with host_of(bench) as process:
        bench.ask()
        assert bench.client.host.ready
        end(process)
        deadline_ns = time.monotonic_ns() + 10 * S
        bench.ask()
        assert bench.client.collect(deadline_ns) == [None]
        assert time.monotonic_ns() < deadline_ns
        assert bench.client.requests.unasked == 1


def test_client_asked_whether_it_is_ready_looks_at_the_process(bench: Bench) -> None:
    """Between two parts nothing is collected: the end must be seen all the same."""
    with host_of(bench) as process:
        bench.ask()
        bench.collect_now()
        end(process)
        assert not bench.client.host.ready


def test_client_trusts_the_host_that_follows_a_dead_one(bench: Bench) -> None:
    """From its first part on; what the dead one was asked holds no slot any more."""
    with host_of(bench) as process:
        bench.ask()
        end(process)
        assert bench.collect_now() == [None]
    with host_of(bench):
        assert bench.client.host.ready
        looks = bench.ask()
        assert bench.held() == 1
        assert bench.client.holds(0, looks[0].slot)
        *_, request = bench.engine.mailbox.take()
        bench.engine.answer(request, 0.5)
        (score,) = bench.collect_now()
        assert score is not None
        assert (score.value, bench.client.host.ready) == (0.5, True)


def test_client_keeps_no_descriptor_of_hosts_that_are_gone(bench: Bench) -> None:
    """Whether the line saw the end or the next start: engines restart for years."""
    with host_of(bench):
        bench.ask()
        gc.collect()  # others' garbage would hide one of ours that is left
        before = len(descriptors())
    for ended in (True, False):
        with host_of(bench) as process:
            bench.ask()
            if ended:
                end(process)
                bench.collect_now()
                assert len(descriptors()) <= before, "a dead host's pidfd is still open"
    with host_of(bench):
        bench.ask()
        assert len(descriptors()) <= before


def test_client_passes_on_what_the_host_says(station: str) -> None:
    """Its state, its starts, and what it gains by warmth."""
    with bench_of(station, (True, False)) as bench:
        client, engine = bench.client, bench.engine.mailbox
        assert (client.needed, client.views, client.host.epoch) == (True, 2, 1)
        assert (client.host.failed, client.host.gains) == (False, False)
        engine.start()
        engine.say(HostState.FAILED)
        engine.gains = True
        assert (client.host.failed, client.host.gains, client.host.epoch, client.host.ready) == (
            True,
            True,
            2,
            False,
        )


def test_client_of_a_station_without_engine_needs_none(station: str) -> None:
    """And has no scores, before or after a part."""
    with bench_of(station, (False, False)) as bench:
        assert not bench.client.needed
        assert bench.collect_now() == [None, None]
        bench.ask()
        assert bench.collect_now() == [None, None]
        assert list(bench.engine.mailbox.take()) == []


@pytest.mark.parametrize(("expected", "fault"), [(77, Reason.OK), (None, Reason.OK), (78, 13)])
def test_client_trusts_the_engine_that_is_expected(
    bench: Bench, expected: int | None, fault: Reason
) -> None:
    """The limits are of that one; None: whoever answers."""
    bench.client.requests.expect([expected])
    bench.ask()
    for request in bench.engine.mailbox.take():
        bench.engine.answer(request, 0.5)
    (score,) = bench.collect_now()
    assert score is not None
    assert (score.fault, score.engine_id, score.value) == (fault, 77, 0.5)
    assert bench.client.requests.strange == (expected == 78), "it was not counted, or one too many"


def test_client_trusts_nobody_of_whom_it_does_not_know_the_request(bench: Bench) -> None:
    """It begins in the middle: an answer from before its time is none of its own."""
    bench.ask()
    (request,) = bench.engine.mailbox.take()
    bench.engine.answer(request, 0.1)
    ask, done = bench.bells
    heir = EngineClient(EnginePort(bench.mailbox, 0, ask, done), bench.rings, (True,))
    assert heir.collect(time.monotonic_ns()) == [None]
    heir.begin(part_now(2))
    heir.ask(ViewCapture(0, request.slot, 0))
    assert heir.collect(time.monotonic_ns()) == [None]


@pytest.mark.parametrize(
    ("slots", "most"), [((1,), 1), ((2,), 1), ((3,), 1), ((8,), 4), ((8, 4), 2), ((4, 8), 2)]
)
def test_client_lets_the_engine_hold_half_of_the_smallest_ring(
    station: str, slots: tuple[int, ...], most: int
) -> None:
    """Of each view; and one at least, or it would never be asked."""
    rings = [FrameRing.create(station, view, SMALL, count) for view, count in enumerate(slots)]
    mailbox = Mailbox.create(station, 0)
    bells = os.eventfd(0), os.eventfd(0)
    judged = [True] * len(slots)
    client = EngineClient(EnginePort(mailbox, 0, bells[0], bells[1]), rings, judged)
    mailbox.start()
    mailbox.say(HostState.READY)
    for slot in range(max(slots)):
        client.begin(part_now())
        for view, count in enumerate(slots):
            if slot < count:
                client.ask(ViewCapture(view, slot, 0))
    for view, count in enumerate(slots):
        assert sum(client.holds(view, slot) for slot in range(count)) == most
    for fd in bells:
        os.close(fd)
